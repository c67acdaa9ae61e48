"""Kernels and maps at the checkpoint of the bar's slider, in colours that mean the same over the whole training."""

from functools import partial

import streamlit as st

from explorer.chapters.digits.kernel_film import MAX_INPUTS, MAX_OUTPUTS, FilmedConvolution, LayerScales
from explorer.figures.curves import CurveWords, marked_curves
from explorer.runs.checkpoint import OpenRun
from explorer.ui.components.tiles_view import Sheet, tiles_view
from explorer.ui.frame import selection
from explorer.ui.frame.charts import in_language, is_dark, live_chart
from explorer.ui.frame.language import gettext
from explorer.ui.labs.digits.growth import film_bytes, growth_of, kernel_tiles, map_tiles
from explorer.ui.labs.digits.recorded import recorded_series, records

SIDES = ((4, 96), (8, 54), (MAX_OUTPUTS, 38))  # up to so many maps in a row: pixels of a tile


def growing(opened_run: OpenRun) -> None:
    """A column a map with its kernels below at the left, what the network says and its learning curve at the right."""
    _ = gettext()
    sample = selection.current().sample
    with st.spinner(_("Reading every checkpoint …")):
        growth = growth_of(opened_run, sample)
    frame = growth.frames[opened_run.step]
    with st.container(key="lab-growing"):
        pictures, facts = st.columns([5, 3], gap="large")
    with pictures:
        sheets = [sheet for pair in zip(frame.layers, growth.scales, strict=True) for sheet in _sheets(*pair)]
        tiles_view(sheets, key="lab_growing", shown=f"{opened_run.run.id} {opened_run.step} {sample}")
    with facts:
        said, sure = frame.answer
        with st.container(horizontal=True):
            st.metric(_("Step"), f"{frame.step:,}", width="content")
            st.metric(_("The network says"), opened_run.facts["classes"][said], width="content")
            st.metric(_("Probability"), f"{sure:.1%}", width="content")
        _curve(opened_run)
        st.caption(_("Move the slider Checkpoint in the bar above, or press Play."))
        st.download_button(
            _("Film as GIF"),
            partial(film_bytes, opened_run.run.id, sample, is_dark()),
            f"{opened_run.run.id}.gif",
            "image/gif",
            on_click="ignore",
            key="lab.film",
            help=_(
                "Every checkpoint as one frame, for this digit, each the longer the more changes until the next. It is"
                " made when you ask for it: a few seconds."
            ),
        )


def _curve(opened_run: OpenRun) -> None:
    """The loss over the whole training, with the checkpoint marked."""
    losses, _shares = recorded_series(opened_run.run)
    title = gettext()("Loss while training")
    figure = marked_curves(losses, opened_run.step, title=title, words=in_language(CurveWords), dark=is_dark())
    live_chart(figure, "lab-growing-loss", partial(records, opened_run.run))


def _sheets(layer: FilmedConvolution, scale: LayerScales) -> tuple[Sheet, Sheet]:
    """The maps of a convolution, and below each the kernels that made it."""
    _ = gettext()
    outputs, inputs, height, width = layer.kernels.shape
    maps, kernels = map_tiles(layer), kernel_tiles(layer)
    side = next(pixels for most, pixels in SIDES if len(maps) <= most)
    title = _("{layer}: {n} maps").format(layer=layer.name, n=outputs)
    below = _("{layer}: kernels {outputs}×{inputs}×{height}×{width}, a row for each input map").format(
        layer=layer.name, outputs=outputs, inputs=inputs, height=height, width=width
    )
    if outputs > MAX_OUTPUTS or inputs > MAX_INPUTS:
        below += " · " + _("the first {n}").format(n=f"{len(maps)}×{min(inputs, MAX_INPUTS)}")
    return (
        Sheet(
            title,
            maps,
            scale=(-scale.map if scale.signed else 0.0, scale.map),
            signed=scale.signed,
            side=side,
            columns=len(maps),
        ),
        Sheet(below, kernels, scale=(-scale.kernel, scale.kernel), signed=True, side=side, columns=len(maps)),
    )
