"""Charts that a slider redraws many times a second: Vega-Lite, because a browser then changes their data in place.

A Plotly figure is drawn anew with every update, 40 to 70 ms each; here it takes about 5 ms, as long as the
specification stays the same. So nothing that a slider changes may stand in the specification: no title, no text
alternative. Which charts there are is up to the files beside this one; nothing is computed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from explorer.figures.palette import FONT, theme

Columns = Mapping[str, ArrayLike]
"""A table: columns of equal length by name."""
Spec = dict[str, Any]


@dataclass(frozen=True, eq=False)
class LiveFigure:
    """A chart. spec: Vega-Lite. tables: the data, by the names that the layers use. alt: its text alternative."""

    spec: Spec
    tables: Mapping[str, Columns]
    alt: str


def live_figure(
    layers: Sequence[Spec],
    tables: Mapping[str, Columns],
    *,
    title: str,
    height: int,
    alt: str,
    dark: bool,
    canvas: bool = False,
) -> LiveFigure:
    """A chart of ``layers`` in the product's look, ``height`` pixels high and as wide as its container.

    Each layer names its table: ``"data": {"name": …}``. title: '' for none. canvas: drawn as pixels instead of SVG,
    for thousands of marks.
    """
    spec: Spec = {
        "height": height,
        "padding": {"left": 0, "right": 8, "top": 8, "bottom": 4},
        "layer": list(layers),
        "config": _config(dark),
        "usermeta": {"embedOptions": {"renderer": "canvas" if canvas else "svg"}},
    }
    if title:
        spec["title"] = {"text": title, "anchor": "start", "frame": "bounds"}
    return LiveFigure(spec, tables, alt)


def axis(title: str, **more: Any) -> Spec:
    """An axis with its title and labels that are never rotated."""
    return {"title": title, "labelAngle": 0, **more}


def binned_axis(low: str, axis: Spec) -> Spec:
    """The encoding of bars whose left edges stand in the column ``low``; the axis need not begin at zero."""
    return {
        "field": low,
        "bin": "binned",
        "type": "quantitative",
        "scale": {"zero": False, "nice": False},
        "axis": axis,
    }


def _config(dark: bool) -> Spec:
    """Vega-Lite's configuration in the look of ``palette.py``."""
    colours = theme(dark)
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "title": {"color": colours.text, "fontSize": 14, "fontWeight": 400, "offset": 10},
        "axis": {
            "aria": False,  # Vega would describe it in English; the titles are read all the same
            "labelColor": colours.text,
            "titleColor": colours.text,
            "gridColor": colours.grid,
            "domainColor": colours.muted,
            "tickColor": colours.muted,
            "labelFontSize": 11,
            "titleFontSize": 12,
            "titleFontWeight": 400,
            "labelFontWeight": 400,
            "titlePadding": 8,
        },
        "legend": {
            "labelColor": colours.text,
            "titleColor": colours.text,
            "labelFontSize": 11,
            "titleFontSize": 12,
            "titleFontWeight": 400,
            "orient": "top",
            "labelLimit": 0,
        },
    }
