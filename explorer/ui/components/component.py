"""What the components that JavaScript draws have in common: registration, arrays for the browser, colours and words.

``explorer/web/components/`` holds one JavaScript module for each component. Nothing is drawn here.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.figures.palette import browser_scales, theme
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.language import gettext
from explorer.web.modules import component_script, stylesheet


def register(name: str, *, html: str = "", styles: tuple[str, ...] = ()) -> Callable[..., Any]:
    """A Streamlit component ``toushi_<name>``, whose JavaScript is ``explorer/web/components/<name>.js``.

    html: its markup. styles: names of style sheets below ``explorer/web``.
    """
    script = component_script(f"components/{name}.js", st.get_option("server.baseUrlPath") or "")
    css = stylesheet(*styles) or None
    component: Callable[..., Any] = st.components.v2.component(f"toushi_{name}", html=html or None, css=css, js=script)
    return component


def packed(array: npt.ArrayLike) -> dict[str, Any]:
    """An array of any shape for ``unpackArray`` in JavaScript: its shape, and little-endian float32 in base64."""
    values = np.ascontiguousarray(array, dtype="<f4")
    return {"shape": list(values.shape), "data": base64.b64encode(values.tobytes()).decode("ascii")}


def colour_scales() -> dict[str, Any]:
    """The two colour scales of the page's theme, for ``ColourScale.of`` in JavaScript."""
    return browser_scales(theme(is_dark()))


def translated(words: Mapping[str, str]) -> dict[str, str]:
    """A component's English words in the session's language."""
    _ = gettext()
    return {name: _(text) for name, text in words.items()}
