"""The digits page's lens: one digit's feature maps, layer by layer, beside the kernels that made them."""

from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from explorer.figures.bars import ProbabilityWords, VectorWords, probabilities, vector
from explorer.figures.maps import KernelWords, MapWords, feature_maps, kernels
from explorer.figures.tiles import is_signed, limits_of
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.trace.layers import Layer
from explorer.ui import selection
from explorer.ui.bar import step_of
from explorer.ui.charts import chart, in_language, is_dark
from explorer.ui.language import gettext
from explorer.ui.layer_text import layer_text, values_table
from explorer.ui.opened import layers_of, opened
from explorer.ui.results import result_row
from models.base import class_probabilities
from models.digits import CLASSES, VALIDATION_ROWS
from models.errors import N_, UserError

SCALES: dict[str, str] = {"layer": N_("per layer"), "map": N_("per map"), "network": N_("whole network")}
KEY = "digits.number"
HALF = 340  # pixels: two figures side by side
# Layers side by side; beside a convolution stand its kernels.
ROWS = (("conv1", ""), ("relu1", "pool1"), ("conv2", ""), ("relu2", "pool2"), ("fc1", "relu3"), ("fc2", "log_softmax"))


def digit_choice(run: Run) -> None:
    """Choose a digit of the test part by its number; live."""
    _ = gettext()
    part, _slash, number = selection.current().sample.partition("/")
    known = part == "test" and number.isascii() and number.isdigit() and int(number) < VALIDATION_ROWS
    selection.steer(KEY, int(number) if known else 0)

    def chosen() -> None:
        selection.change(sample=f"test/{st.session_state[KEY]}")

    number_column, picture = st.columns([4, 1], vertical_alignment="bottom")
    number_column.number_input(
        _("Test digit"),
        0,
        VALIDATION_ROWS - 1,
        step=1,
        key=KEY,
        on_change=chosen,
        help=_("Number of an image in the test part, which the network has never seen. Takes effect at once."),
    )
    with picture:
        _thumbnail(run)


def _thumbnail(run: Run) -> None:
    """The selected digit, small; nothing while the run cannot be opened: the lens says why."""
    try:
        sample = opened(run, step_of(run)).sample(selection.current().sample)
    except UserError:
        return
    pixels = sample.inputs[0, 0].numpy()
    st.image(pixels if is_dark() else 1 - pixels, width=40, alt=sample.key)


def show_digit(one: OpenRun) -> None:
    """Input and verdict, then every layer in order, convolutions with their kernels."""
    _ = gettext()
    sample = one.sample(selection.current().sample)
    found = layers_of(one, sample.key)
    by_name = {layer.name: layer for layer in found}
    result_row(one)
    picture, verdict = st.columns([1, 2])
    with picture:
        _maps(found[0], _("Input, {key}").format(key=sample.key), None)
    with verdict:
        shares = class_probabilities(found[-1].output)
        figure = probabilities(
            shares,
            [str(digit) for digit in range(CLASSES)],
            title=_("Output probabilities"),
            truth=None if sample.target is None else int(sample.target),
            words=in_language(ProbabilityWords),
            dark=is_dark(),
        )
        chart(figure, "digits.verdict", lambda: pd.DataFrame({_("Digit"): range(CLASSES), _("Probability"): shares}))
    limits = _limits(found)
    for left, right in ROWS:
        for column, name in zip(st.columns(2), (left, right), strict=True):
            with column:
                if name:
                    _layer(by_name[name], limits)
                else:
                    _kernels(by_name[left])


def _limits(found: tuple[Layer, ...]) -> tuple[float, float] | Literal["layer", "map"]:
    """The colour scale that the person chose: limits for the whole network, or how to find them."""
    _ = gettext()
    scale = st.segmented_control(
        _("Colour scale of the feature maps"),
        list(SCALES),
        default="layer",
        required=True,
        key="digits.scale",
        format_func=lambda key: _(SCALES[key]),
        persist_state="session",
        help=_("Takes effect at once. Per map shows faint maps clearly; whole network makes layers comparable."),
    )
    if scale in ("layer", "map"):
        return scale  # type: ignore[return-value]
    every = np.concatenate([layer.output.ravel() for layer in found if layer.output.ndim == 3])
    return limits_of(every, is_signed(every))


def _layer(layer: Layer, limits: tuple[float, float] | Literal["layer", "map"]) -> None:
    if layer.output.ndim == 3:
        _maps(layer, layer_text(layer), limits)
        return
    figure = vector(layer.output, title=layer_text(layer), words=in_language(VectorWords), page=HALF, dark=is_dark())
    chart(figure, f"digits.{layer.name}", lambda: values_table(layer.output))


def _maps(layer: Layer, title: str, limits: tuple[float, float] | Literal["layer", "map"] | None) -> None:
    wide = limits if isinstance(limits, tuple) else None
    figure = feature_maps(
        layer.output,
        title=title,
        words=in_language(MapWords),
        scale="map" if limits == "map" else "layer",
        limits=wide,
        signed=True if wide and wide[0] < 0 else None,
        page=HALF,
        dark=is_dark(),
    )
    chart(figure, f"digits.{layer.name}", lambda: values_table(layer.output))


def _kernels(layer: Layer) -> None:
    _ = gettext()
    weight: NDArray[np.float32] | None = layer.weight
    if weight is None:
        return
    shape = "×".join(map(str, weight.shape))
    title = _("Kernels of {layer}, {shape}").format(layer=layer.name, shape=shape)
    figure = kernels(weight, title=title, words=in_language(KernelWords), page=HALF, dark=is_dark())
    chart(figure, f"digits.{layer.name}.kernels", lambda: values_table(weight))
