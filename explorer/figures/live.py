"""Charts that a slider redraws many times a second: Vega-Lite, because a browser then changes their data in place.

A Plotly figure is drawn anew with every update, 40 to 70 ms each; here it is about 5 ms, as long as the specification
stays the same. So nothing that a slider changes may stand in a specification: not in a title, not in a text
alternative. What is drawn is told by the functions beside the Plotly figures of their kind; nothing is computed here.
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
    """A chart: its specification, the tables that its layers call by name, and its text alternative."""

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
    """A chart of ``layers`` in the product's look, ``height`` pixels high and as wide as its place; title '' for none.

    Each layer names its table: ``"data": {"name": …}``. canvas: drawn as pixels, for more marks than a document bears.
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
    """An axis with its title; names never lie on their side."""
    return {"title": title, "labelAngle": 0, **more}


def _config(dark: bool) -> Spec:
    """The look of every figure of the product, see ``palette``."""
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
