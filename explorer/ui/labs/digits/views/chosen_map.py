"""One map, unit or class: which pixels decide, which pictures excite it, what ascent makes of grey; what is dead."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from explorer.chapters.digits.attribution import Target
from explorer.chapters.digits.image_sweeps import sample_sizes
from explorer.chapters.digits.top_images import top_image_indices
from explorer.chapters.digits.volumes import Stage
from explorer.figures.palette import digits
from explorer.runs.checkpoint import OpenRun
from explorer.ui.components.tiles_view import Sheet, tiles_view
from explorer.ui.frame import selection
from explorer.ui.frame.language import gettext
from explorer.ui.labs.digits.computed import ascent_of, attribution_of, top_images_of
from models.base import Sample

EXCITING = 16
SIDE = 148  # pixels of a large picture


def title_of(stage: Stage) -> str:
    """The layers that ``stage`` stands for."""
    return " · ".join(stage.titles[:2])


def name_of(stage: Stage, number: int, classes: Sequence[str]) -> str:
    """What is looked at, in words."""
    _ = gettext()
    if stage.kind == "outputs":
        return _("class {name}").format(name=classes[number])
    word = _("{layer}, map {n}") if stage.kind == "maps" else _("{layer}, unit {n}")
    return word.format(layer=title_of(stage), n=number + 1)


def pixels(opened_run: OpenRun, sample: Sample, target: Target, name: str) -> None:
    """The digit, saliency and integrated gradients side by side."""
    _ = gettext()
    digit = sample.inputs[0, 0].numpy()
    parts = attribution_of(opened_run, sample.key, target)
    st.markdown(_("**Which pixels decide** for {name}").format(name=name))
    sheets = [
        Sheet(_("The digit"), digit[None], paper=True, side=SIDE),
        Sheet(_("Saliency"), parts.saliency[None], signed=True, side=SIDE),
        Sheet(_("Integrated gradients"), parts.contributions[None], signed=True, side=SIDE),
    ]

    def table() -> pd.DataFrame:
        row, column = (axis.ravel() for axis in np.indices(digit.shape))
        return pd.DataFrame(
            {
                _("Row"): row + 1,
                _("Column"): column + 1,
                _("Ink"): digit.ravel(),
                _("Saliency"): parts.saliency.ravel(),
                _("Integrated gradients"): parts.contributions.ravel(),
            }
        )

    tiles_view(sheets, key="lab_pixels", beside=True, shown=f"{sample.key} {name}", data=table)
    st.caption(
        _("From an empty sheet to this digit the score goes from {start} to {end}; the parts add up to {sum}.").format(
            start=digits(parts.start), end=digits(parts.end), sum=digits(float(parts.contributions.sum()))
        )
    )


def exciting(opened_run: OpenRun, stage: Stage, number: int, name: str) -> None:
    """The pictures that excite the chosen map most; a click makes one of them the selected digit."""
    _ = gettext()
    count = f"{sample_sizes(opened_run).whole:,}"
    st.markdown(_("**The pictures that excite it most**, of all {n} of the test file").format(n=count))
    excited = top_images_of(opened_run)
    places = top_image_indices(excited, stage.name, number, EXCITING)
    if not len(places):
        st.caption(_("None: it is zero for every picture."))
        return
    data = opened_run.book.load(opened_run.config, opened_run.run.source)
    first = len(data.validation)
    keys = [f"validation/{place}" if place < first else f"test/{place - first}" for place in places]
    samples = [opened_run.sample(key) for key in keys]
    peaks = excited[stage.name].peaks[number, : len(places)]
    frame = pd.DataFrame(
        {_("Picture"): keys, _("Truth"): [each.caption for each in samples], _("Largest activation"): peaks}
    )

    def picked(_sheet: int, tile: int) -> None:
        selection.change(sample=keys[tile])

    now = selection.current().sample or "test/0"
    sheet = Sheet(
        "",
        np.stack([each.inputs[0, 0].numpy() for each in samples]),
        [f"{peak:.3g}" for peak in peaks],
        paper=True,
        side=52,
        chosen=keys.index(now) if now in keys else None,
    )
    tiles_view([sheet], key="lab_exciting", picked=picked, shown=f"{opened_run.step} {name}", data=lambda: frame)
    if stage.kind != "outputs":
        share = float(excited[stage.name].active_share[number])
        st.caption(
            _("Below each its largest activation. Not zero for {share} of the pictures.").format(
                share=f"{100 * share:.1f} %"
            )
        )


def ascent(opened_run: OpenRun, target: Target, name: str) -> None:
    """The picture that gradient ascent makes of grey."""
    _ = gettext()
    st.markdown(_("**Gradient ascent**"))
    ascended = ascent_of(opened_run, target)
    tiles_view(
        [Sheet("", ascended.image[None], paper=True, side=SIDE)], key="lab_ascent", shown=f"{opened_run.step} {name}"
    )
    st.caption(
        _("From speckled grey in {n} steps: its score rose from {start} to {end}.").format(
            n=len(ascended.scores) - 1, start=digits(float(ascended.scores[0])), end=digits(float(ascended.scores[-1]))
        )
    )


def dead(opened_run: OpenRun, volumes: Sequence[Stage]) -> None:
    """Which maps and units never answer, and which do not for this digit."""
    _ = gettext()
    excited = top_images_of(opened_run)
    rows = []
    for stage in volumes:
        if stage.name not in excited or stage.kind == "outputs":
            continue
        count = len(stage.values)
        silent = int((~stage.values.reshape(count, -1).any(axis=1)).sum())
        dead = sorted(excited[stage.name].dead)
        numbers = ", ".join(str(place + 1) for place in dead)
        rows.append((title_of(stage), count, silent, len(dead), numbers))
    st.markdown(_("**Silent and dead**"))
    names = [_("Layer"), _("All"), _("Silent"), _("Dead"), _("The dead ones")]
    frame = pd.DataFrame(rows, columns=names)
    st.table(frame)
    text = _("Silent: zero everywhere for this digit. Dead: zero everywhere for each of the {n} pictures.")
    st.caption(text.format(n=f"{sample_sizes(opened_run).whole:,}"))
