"""The colours of the offline page as CSS variables, which Streamlit sets on the other pages.

Text, lines and the colour of what is chosen are those of the other pages: of the palette and of Streamlit's settings.
"""

import tomllib
from functools import cache

from explorer.figures.palette import DARK, LIGHT
from explorer.project import PROJECT


@cache
def theme_variables() -> str:
    """A CSS rule that sets the variables, in light and dark.

    >>> "--st-text-color: light-dark(#1f2430, #e6e8ec);" in theme_variables()
    True
    """
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    pairs = {
        "primary-color": (settings["light"]["primaryColor"], settings["dark"]["primaryColor"]),
        "text-color": (LIGHT.text, DARK.text),
        "border-color-light": (LIGHT.grid, DARK.grid),
        "border-color": (LIGHT.muted, DARK.muted),
    }
    lines = [f"  --st-{name}: light-dark({light}, {dark});" for name, (light, dark) in pairs.items()]
    return "\n".join([":root {", *lines, "}"])
