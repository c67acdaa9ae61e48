"""The free sandbox: any window over the digit on the screen, with the size formula, and what one pixel's shift does.

Everything takes effect at once and nothing is trained. The numbers come from ``explorer/trace``; none are computed
here.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import streamlit as st

from explorer.chapters.digits.classic_kernels import Square, classic_kernels
from explorer.chapters.digits.sliding_window import (
    ACTIVATIONS,
    Map,
    Pooling,
    activated,
    convolved,
    pooled,
    shift_effect,
)
from explorer.figures.palette import digits
from explorer.ui.components.window_view import WindowView, window_view
from explorer.ui.frame.labels import Translate, formula
from explorer.ui.frame.language import error_text, gettext
from models.digits.convolution_sizes import pooled_size, rule, with_numbers
from models.errors import N_, UserError

KEY = "sandbox"
KINDS: dict[str, str] = {
    "convolution": N_("Convolution"),
    "max": N_("Max pooling"),
    "average": N_("Average pooling"),
}


@dataclass(frozen=True)
class SandboxWindow:
    """What the sliders say; a pooling has a dilation of 1."""

    kind: str
    size: int
    stride: int
    padding: int
    dilation: int

    @property
    def pooling(self) -> Pooling:
        """The kind, where it is not a convolution."""
        return cast(Pooling, self.kind)


@dataclass(frozen=True, eq=False)
class SandboxKernel:
    """What a convolution has besides its window. kernel: (k, k). activation: '' for none."""

    kernel: Square
    bias: float
    activation: str


def sandbox(picture: Map) -> None:
    """The sandbox over ``picture`` (28, 28); a fragment, so that its controls draw nothing else of the page anew."""
    with st.container(key=KEY):
        st.fragment(_sandbox)(picture)


def _sandbox(picture: Map) -> None:
    _ = gettext()
    window = _window(_)
    plane = picture[None]  # (1, H, W)
    controls, shown = st.columns([1, 3], gap="medium")
    with controls:
        chosen = _filter(window.size, _) if window.kind == "convolution" else None
        shift = st.container()
    with shown:
        try:
            view = _convolution(plane, window, chosen) if chosen else _pooling(plane, window)
            _size(picture, window, _)
        except UserError as error:
            st.error(error_text(error))
            return
        window_view(view, key=f"{KEY}.panel")
    if not chosen:
        with shift:
            _shift(plane, window, _)


def _window(_: Translate) -> SandboxWindow:
    above = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    kind = above.segmented_control(
        _("Operation"),
        list(KINDS),
        default="convolution",
        required=True,
        key=f"{KEY}.kind",
        format_func=lambda name: _(KINDS[name]),
        persist_state="session",
    )
    above.caption(_("Every setting here takes effect at once; nothing is trained."))
    convolution = kind == "convolution"
    # label, name, least, most, first value; a pooling's values are its own
    sliders = [
        (_("Kernel size") if convolution else _("Window size"), "size", 1, 9, 3 if convolution else 2),
        (_("Stride"), "stride", 1, 4, 1 if convolution else 2),
        (_("Padding"), "padding", 0, 8, 0),
        (_("Dilation"), "dilation", 1, 4, 1),
    ][: 4 if convolution else 3]
    values = [
        column.slider(
            label,
            least,
            most,
            first,
            key=f"{KEY}.{'kernel' if convolution else 'pooling'}.{name}",
            persist_state="session",
        )
        for column, (label, name, least, most, first) in zip(st.columns(len(sliders)), sliders, strict=True)
    ]
    return SandboxWindow(str(kind), *values, *([] if convolution else [1]))


def _filter(size: int, _: Translate) -> SandboxKernel:
    known = {kernel.name: kernel for kernel in classic_kernels(size)}
    first = next((name for name in known if name.startswith("Vertical")), next(iter(known)))
    name = st.selectbox(
        _("Classic kernels"),
        list(known),
        index=list(known).index(first),
        format_func=_,
        key=f"{KEY}.classic.{size}",
        persist_state="session",
    )
    values = _edited(known[name].values, f"{KEY}.values.{size}.{name}")
    st.caption(_("Any number of the kernel can be changed: double-click it."))
    bias = st.slider(_("Bias"), -2.0, 2.0, 0.0, 0.1, key=f"{KEY}.bias", persist_state="session")
    activation = st.selectbox(
        _("Activation"),
        ["", *ACTIVATIONS],
        format_func=lambda name: name or _("none"),
        key=f"{KEY}.activation",
        persist_state="session",
    )
    return SandboxKernel(values, bias, activation)


def _edited(values: Square, key: str) -> Square:
    """The kernel (k, k) as a table to edit; an emptied cell is zero."""
    names = [str(place) for place in range(values.shape[1])]
    table = st.data_editor(
        pd.DataFrame(values.astype(np.float64), columns=names),
        hide_index=True,
        key=key,
        width="stretch",
        column_config={name: st.column_config.NumberColumn(width=44, format="%.3g") for name in names},
    )
    weights: Square = table.to_numpy(dtype=np.float64, na_value=0.0).astype(np.float32)
    return weights


def _convolution(plane: Map, window: SandboxWindow, chosen: SandboxKernel) -> WindowView:
    kernel = chosen.kernel[None]  # (1, k, k)
    output = convolved(plane, kernel, chosen.bias, window.stride, window.padding, window.dilation)
    return WindowView(
        "convolution",
        "",
        plane,
        output,
        kernel,
        chosen.bias,
        activated(output, chosen.activation) if chosen.activation else None,
        chosen.activation,
        window.stride,
        window.padding,
        window.dilation,
    )


def _pooling(plane: Map, window: SandboxWindow) -> WindowView:
    output = pooled(plane, window.pooling, window.size, window.stride, window.padding)[0]
    return WindowView(window.pooling, "", plane, output, stride=window.stride, padding=window.padding, size=window.size)


def _size(picture: Map, window: SandboxWindow, _: Translate) -> None:
    """The output's size with its numbers, which is the same sum for a pooling."""
    side = picture.shape[1]
    if window.kind != "convolution":
        pooled_size(side, window.size, window.stride, window.padding)
    numbers = with_numbers(side, window.size, window.stride, window.padding, window.dilation)
    names = (_("size"), _("kernel"), _("stride"), _("padding"), _("dilation"))
    words = rule(*(rf"\text{{{name}}}" for name in names))
    st.caption(_("Output size: {rule}, here {numbers}").format(rule=formula(words), numbers=formula(numbers)))


def _shift(plane: Map, window: SandboxWindow, _: Translate) -> None:
    """How far the input and the pooled map move when the digit moves by one pixel."""
    effect = shift_effect(plane, window.pooling, window.size, window.stride, window.padding)
    st.markdown(f"**{_('The picture moves one pixel to the right')}**")
    for title, moved in ((_("Picture"), effect.plain), (_("After pooling"), effect.pooled)):
        st.caption(title)
        share, change = st.columns(2)
        share.metric(_("Values that change"), f"{moved.changed:.1%}")
        change.metric(_("Mean change"), digits(moved.by))
