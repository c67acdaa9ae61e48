"""What the laboratory's components have in common: their scripts and styles, packed arrays and the theme's colours.

Several JavaScript files are joined into one module for a component, ``arrays.js`` always first. Nothing is drawn here.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.figures.palette import theme
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.language import gettext

_FOLDER = Path(__file__).parents[2] / "web" / "lab"


def script(*names: str) -> str:
    """The JavaScript files called ``names``, after ``arrays``, as one module."""
    return "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in ("arrays", *names))


def style(*names: str) -> str:
    """The style sheets called ``names``."""
    return "\n".join((_FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in names)


def packed(array: npt.ArrayLike) -> dict[str, Any]:
    """An array of any shape as ``arrays.js`` unpacks it: its shape, and float32 in base64."""
    values = np.ascontiguousarray(array, dtype="<f4")
    return {"shape": list(values.shape), "data": base64.b64encode(values.tobytes()).decode("ascii")}


def colours() -> dict[str, Any]:
    """The two colour scales of the page's theme, for ``ColourScale.of``."""
    found = theme(is_dark())
    return {
        "sequential": [list(stop) for stop in found.sequential],
        "diverging": [list(stop) for stop in found.diverging],
    }


def said(words: Mapping[str, str]) -> dict[str, str]:
    """A component's English words in the session's language."""
    _ = gettext()
    return {name: _(text) for name, text in words.items()}
