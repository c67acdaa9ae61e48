"""A sheet to draw a digit on, in the browser; its ink comes as an array while it is drawn."""

import base64
import binascii
from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from explorer.ui.components.component import packed, register, translated
from models.errors import N_

SIDE = 112  # pixels of what the browser sends; as SENT in lab/drawing_pad.js
WORDS: dict[str, str] = {
    "sheet": N_("A sheet to draw a digit on, with the mouse or a finger"),
    "hint": N_("Draw a digit here"),
    "pen": N_("Pen"),
    "eraser": N_("Eraser"),
    "undo": N_("Undo"),
    "clear": N_("Clear"),
}
_pad = register("drawing_pad", html='<div class="pad"></div>', styles=("lab/controls", "lab/drawing_pad"))


def pad(
    key: str, drawn: Callable[[NDArray[np.float32] | None], None], first: NDArray[np.float32] | None = None
) -> None:
    """Show the sheet. drawn: called with the ink (112, 112) of 0 to 1, or None for an empty sheet, before the rerun.

    first: ink (n, n) of 0 to 1 that a sheet begins with which has just come onto the page.
    """

    def receive() -> None:
        text = st.session_state.get(key, {}).get("drawn")
        if text == "":
            drawn(None)
        elif isinstance(text, str) and (ink := _ink(text)) is not None:
            drawn(ink)

    _pad(
        key=key,
        data={"words": translated(WORDS), "first": None if first is None else packed(first)},
        default={"drawn": None},
        on_drawn_change=receive,
    )


def _ink(text: str) -> NDArray[np.float32] | None:
    """What the browser sent, None for anything else: anybody can send anything."""
    if len(text) > 2 * SIDE * SIDE:
        return None
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(content) != SIDE * SIDE:
        return None
    grey = np.frombuffer(content, np.uint8).reshape(SIDE, SIDE)
    return np.divide(grey, 255, dtype=np.float32)
