"""Kernels and maps: all of a digit's maps to choose from, and what the chosen one looks for."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from explorer.figures.palette import digits
from explorer.runs.checkpoint import OpenRun
from explorer.trace.attribution import Target, integrated_gradients, saliency, target_of
from explorer.trace.exciting import excitable, top
from explorer.trace.layers import Array
from explorer.trace.stages import Stage
from explorer.ui import selection
from explorer.ui.lab.tiles_view import Sheet, tiles_view
from explorer.ui.language import gettext
from explorer.ui.opened import ascended_of, excitement_of, stages_of
from models.base import Sample
from models.errors import N_

LAYER, NUMBER, CLASS, SCALE, MOVED = (
    "lab.maps.layer",
    "lab.maps.number",
    "lab.maps.class",
    "lab.maps.scale",
    "lab.maps.moved",
)
SCALES = {"tile": N_("per map"), "sheet": N_("per layer"), "network": N_("whole network")}
MOST_KERNELS = (32, 16)  # output and input channels that are drawn
WIDE = 32  # units in a row
EXCITING = 16
Scale = Literal["tile", "sheet"] | tuple[float, float]


def maps(one: OpenRun) -> None:
    """Left all maps, right the chosen one; what takes longest is drawn last."""
    _ = gettext()
    if st.session_state.pop(MOVED, False):
        st.rerun(scope="app")  # the bar shows the digit, too
    sample = one.sample(selection.current().sample)
    found = stages_of(one, sample.key)
    with st.container(key="lab-maps"):
        left, right = st.columns([5, 6], gap="large")
    with right:
        chosen = _choice(found, one.facts["classes"])
        slots = [st.container() for _slot in range(3)]
    with left:
        _overview(found, *chosen)
    stage, number = chosen
    target = target_of(stage, number)
    name = _name(stage, number, one.facts["classes"])
    with slots[0]:
        _pixels(one, sample, target, name)
    with slots[2]:
        ascent, dead = st.columns([1, 2], gap="medium")
    with slots[1]:
        _exciting(one, stage, number, name)
    with ascent:
        _ascent(one, target, name)
    with dead:
        _dead(one, found)


def _choice(found: Sequence[Stage], classes: Sequence[str]) -> tuple[Stage, int]:
    """The layer and the map, unit or class in it; the tiles at the left set the same two."""
    _ = gettext()
    known = {stage.name: stage for stage in found if excitable(stage)}
    if st.session_state.get(LAYER) not in known:
        st.session_state[LAYER] = next(iter(known))
    st.segmented_control(
        _("Layer"), list(known), key=LAYER, required=True, persist_state="session",
        format_func=lambda name: _("Classes") if known[name].kind == "outputs" else _title(known[name]),
        on_change=lambda: st.session_state.update({NUMBER: 1}),
    )  # fmt: skip
    stage = known[st.session_state[LAYER]]
    if stage.kind == "outputs":
        st.session_state.setdefault(CLASS, 0)
        st.segmented_control(
            _("Class"), list(range(len(stage.values))), key=CLASS, required=True, persist_state="session",
            format_func=lambda place: classes[place],
        )  # fmt: skip
        return stage, int(st.session_state[CLASS])
    last = len(stage.values)
    st.session_state[NUMBER] = min(max(1, int(st.session_state.get(NUMBER, 1))), last)
    label = _("Map, 1 to {last}") if stage.kind == "maps" else _("Unit, 1 to {last}")
    st.number_input(label.format(last=last), 1, last, step=1, key=NUMBER, persist_state="session", width=220)
    return stage, int(st.session_state[NUMBER]) - 1


# ---- all maps


def _overview(found: Sequence[Stage], chosen: Stage, number: int) -> None:
    """Kernels and maps of every layer; a click chooses a map."""
    _ = gettext()
    st.session_state.setdefault(SCALE, "sheet")
    scale = st.segmented_control(
        _("Colours"), list(SCALES), key=SCALE, format_func=lambda name: _(SCALES[name]), required=True,
        persist_state="session", help=_("Which maps share a colour scale; acts at once."),
    )  # fmt: skip
    drawn = [stage for stage in found[1:] if stage.kind == "maps" or stage.activation]
    sheets, places = _sheets(drawn, chosen, number, scale)

    def picked(sheet: int, tile: int) -> None:
        name, count = places[sheet]
        st.session_state[LAYER] = name
        if count:
            st.session_state[NUMBER] = tile % count + 1

    tiles_view(sheets, key="lab_maps", picked=picked, shown=_shown(drawn), data=lambda: _values(drawn))
    st.caption(_("A column of kernels makes one map. A crossed-out map is zero everywhere for this digit."))


def _sheets(
    drawn: Sequence[Stage], chosen: Stage, number: int, scale: str
) -> tuple[list[Sheet], list[tuple[str, int]]]:
    """All kernels and maps; and for each sheet the stage that a click chooses, and its maps in a row (0: none)."""
    _ = gettext()
    least, most = _range([stage.values for stage in drawn])
    # A whole network with a value below zero has colours centred at zero everywhere.
    signed = least < 0 if scale == "network" else None
    limits: Scale = (least, most) if scale == "network" else "tile" if scale == "tile" else "sheet"
    sheets: list[Sheet] = []
    places: list[tuple[str, int]] = []
    source = ""
    for stage in drawn:
        source = stage.name if excitable(stage) else source  # a pooled map is chosen as the map that it pools
        framed = number if stage.name == chosen.name and stage.kind == "maps" else None
        if stage.weight is not None:
            kernels, columns = _kernels(stage.weight)
            title = f"{stage.titles[0]} · {_('kernels')} {_shape(stage.weight)}"
            side = 44 if columns <= 8 else 24
            own: Scale = "tile" if scale == "tile" else "sheet"
            sheets.append(Sheet(title, kernels, scale=own, signed=True, side=side, columns=columns, chosen=framed))
            places.append((source, columns))
        title = f"{_title(stage)} · {_shape(stage.values)}"
        if stage.kind == "maps":
            dead = frozenset(np.flatnonzero(~stage.values.any(axis=(1, 2))).tolist())
            sheet = Sheet(title, stage.values, scale=limits, signed=signed, marks=dead, side=56, chosen=framed)
        else:
            sheet = Sheet(title, _rows(stage.values), scale=limits, signed=signed, side=224)
        sheets.append(sheet)
        places.append((source, len(stage.values) if stage.kind == "maps" else 0))
    return sheets, places


def _shape(values: Array) -> str:
    return "×".join(map(str, values.shape))


def _shown(drawn: Sequence[Stage]) -> str:
    return " ".join(stage.name for stage in drawn)


def _kernels(weight: Array) -> tuple[Array, int]:
    """(K, C, h, w) → a row of tiles for each input channel, a column for each map; and how many columns."""
    shown = weight[: MOST_KERNELS[0], : MOST_KERNELS[1]]
    return shown.swapaxes(0, 1).reshape(-1, *weight.shape[2:]), len(shown)


def _rows(values: Array) -> Array:
    """(N,) → (1, rows, 32), filled up with NaN."""
    rows = -(-len(values) // WIDE)
    filled = np.full(rows * WIDE, np.nan, np.float32)
    filled[: len(values)] = values
    return filled.reshape(1, rows, WIDE)


def _range(values: Sequence[Array]) -> tuple[float, float]:
    least = min((float(np.nanmin(each)) for each in values), default=0.0)
    return min(0.0, least), max((float(np.nanmax(each)) for each in values), default=1.0)


def _title(stage: Stage) -> str:
    return " · ".join(stage.titles[:2])


def _name(stage: Stage, number: int, classes: Sequence[str]) -> str:
    """What is looked at, in words."""
    _ = gettext()
    if stage.kind == "outputs":
        return _("class {name}").format(name=classes[number])
    word = _("{layer}, map {n}") if stage.kind == "maps" else _("{layer}, unit {n}")
    return word.format(layer=_title(stage), n=number + 1)


def _values(drawn: Sequence[Stage]) -> pd.DataFrame:
    """Every value of every map as a table."""
    _ = gettext()
    frames = []
    for stage in drawn:
        values = stage.values if stage.values.ndim == 3 else stage.values[:, None, None]
        number, row, column = (axis.ravel() for axis in np.indices(values.shape))
        frames.append(
            pd.DataFrame({_("Layer"): _title(stage), _("Map"): number + 1, _("Row"): row, _("Column"): column,
                          _("Value"): values.ravel()})
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


# ---- the chosen map


def _pixels(one: OpenRun, sample: Sample, target: Target, name: str) -> None:
    """The digit, saliency and integrated gradients side by side."""
    _ = gettext()
    digit = sample.inputs[0, 0].numpy()
    gradient = saliency(one.network, sample.inputs, target)
    parts = integrated_gradients(one.network, sample.inputs, target)
    st.markdown(_("**Which pixels decide** for {name}").format(name=name))
    sheets = [
        Sheet(_("The digit"), digit[None], paper=True, side=136),
        Sheet(_("Saliency"), gradient[None], signed=True, side=136),
        Sheet(_("Integrated gradients"), parts.parts[None], signed=True, side=136),
    ]

    def table() -> pd.DataFrame:
        row, column = (axis.ravel() for axis in np.indices(digit.shape))
        return pd.DataFrame(
            {_("Row"): row, _("Column"): column, _("Ink"): digit.ravel(), _("Saliency"): gradient.ravel(),
             _("Integrated gradients"): parts.parts.ravel()}
        )  # fmt: skip

    tiles_view(sheets, key="lab_pixels", beside=True, shown=f"{sample.key} {name}", data=table)
    st.caption(
        _("From an empty sheet to this digit the score goes from {start} to {end}; the parts add up to {sum}.").format(
            start=digits(parts.start), end=digits(parts.end), sum=digits(float(parts.parts.sum()))
        )
    )


def _exciting(one: OpenRun, stage: Stage, number: int, name: str) -> None:
    """The pictures that excite the chosen map most; a click makes one of them the selected digit."""
    _ = gettext()
    st.markdown(_("**The pictures that excite it most**, of all 10,000 of the test file"))
    excited = excitement_of(one)
    places = top(excited, stage.name, number, EXCITING)
    if not len(places):
        st.caption(_("None: it is zero for every picture."))
        return
    data = one.book.load(one.config, one.run.source)
    first = len(data.validation)
    keys = [f"validation/{place}" if place < first else f"test/{place - first}" for place in places]
    samples = [one.sample(key) for key in keys]
    peaks = excited[stage.name].peaks[number, : len(places)]
    frame = pd.DataFrame(
        {_("Picture"): keys, _("Truth"): [each.caption for each in samples], _("Largest activation"): peaks}
    )

    def picked(_sheet: int, tile: int) -> None:
        selection.change(sample=keys[tile])
        st.session_state[MOVED] = True

    now = selection.current().sample or "test/0"
    sheet = Sheet(
        "", np.stack([each.inputs[0, 0].numpy() for each in samples]), [f"{peak:.3g}" for peak in peaks],
        paper=True, side=52, chosen=keys.index(now) if now in keys else None,
    )  # fmt: skip
    tiles_view([sheet], key="lab_exciting", picked=picked, shown=f"{one.step} {name}", data=lambda: frame)
    if stage.kind != "outputs":
        share = float(excited[stage.name].answers[number])
        st.caption(
            _("Below each its largest activation. Not zero for {share} of the pictures.").format(
                share=f"{100 * share:.1f} %"
            )
        )


def _ascent(one: OpenRun, target: Target, name: str) -> None:
    _ = gettext()
    st.markdown(_("**Gradient ascent**"))
    made = ascended_of(one, target)
    tiles_view([Sheet("", made.picture[None], paper=True, side=136)], key="lab_ascent", shown=f"{one.step} {name}")
    st.caption(
        _("From speckled grey in {n} steps: its score rose from {start} to {end}.").format(
            n=len(made.scores) - 1, start=digits(float(made.scores[0])), end=digits(float(made.scores[-1]))
        )
    )


def _dead(one: OpenRun, found: Sequence[Stage]) -> None:
    """Which maps and units never answer, and which do not for this digit."""
    _ = gettext()
    excited = excitement_of(one)
    rows = []
    for stage in found:
        if stage.name not in excited or stage.kind == "outputs":
            continue
        count = len(stage.values)
        here = np.flatnonzero(~stage.values.reshape(count, -1).any(axis=1))
        always = sorted(excited[stage.name].dead)
        rows.append(
            {
                _("Layer"): _title(stage), _("Maps or units"): count, _("Zero for this digit"): len(here),
                _("Dead: zero for all pictures"): len(always),
                _("The dead ones"): ", ".join(str(place + 1) for place in always),
            }
        )  # fmt: skip
    st.markdown(_("**Silent and dead**"))
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="lab_dead")
