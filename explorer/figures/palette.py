"""The look of every chart: colours for both themes, the Plotly template, and the figure that all others start from.

The line colours follow Okabe and Ito (distinct with every colour blindness); their lightness differs too, and lines
also differ in dash, so that they can be told apart in a grey print.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray
from plotly.colors import sample_colorscale

Colours = tuple[tuple[float, str], ...]
"""A Plotly colour scale: (position 0…1, colour)."""

# No network font: the system's own, with the usual Chinese faces after it.
FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'

TITLE_HEIGHT = 27  # pixels of a figure's title with the space around it


@dataclass(frozen=True)
class Theme:
    """Colours of one theme, as hex. The same thing has the same colour on every page.

    sequential: magnitudes, zero first; diverging: signed values, zero in the middle, below it orange, above it blue as
    magnitudes are. The colour of zero is the one closest to the page.
    """

    text: str
    muted: str
    grid: str
    train: str
    validation: str
    test: str
    real: str
    predicted: str
    truth: str
    verdict: str
    mistake: str
    sequential: Colours
    diverging: Colours

    @property
    def negative(self) -> str:
        """What is below zero, where a sign has one colour whatever the size: bars, words."""
        return self.diverging[1][1]

    @property
    def positive(self) -> str:
        """What is above zero, or not below where nothing is."""
        return self.diverging[-2][1]


LIGHT = Theme(
    text="#1f2430",
    muted="#8a919e",
    grid="#e4e7ec",
    train="#0072b2",
    validation="#d55e00",
    test="#007a5a",
    real="#5b6270",
    predicted="#d55e00",
    truth="#007a5a",
    verdict="#0072b2",
    mistake="#d55e00",
    sequential=((0.0, "#eef2f8"), (0.25, "#b4cfe6"), (0.5, "#659fcb"), (0.75, "#1f6aa5"), (1.0, "#08264d")),
    diverging=(
        (0.0, "#7f2f00"),
        (0.25, "#e58a45"),
        (0.45, "#f9dfcc"),
        (0.5, "#f4f4f4"),
        (0.55, "#d3e3f0"),
        (0.75, "#4f93c6"),
        (1.0, "#0b3a66"),
    ),
)
DARK = Theme(
    text="#e6e8ec",
    muted="#8d95a3",
    grid="#2b303b",
    train="#56b4e9",
    validation="#f0823a",
    test="#2cc79b",
    real="#a7aebb",
    predicted="#f0823a",
    truth="#2cc79b",
    verdict="#56b4e9",
    mistake="#f0823a",
    sequential=((0.0, "#1c2431"), (0.25, "#1f4a75"), (0.5, "#2f7db8"), (0.75, "#7dbbe6"), (1.0, "#f0f8ff")),
    diverging=(
        (0.0, "#ffd0a8"),
        (0.25, "#d0702a"),
        (0.45, "#46301f"),
        (0.5, "#262a31"),
        (0.55, "#22374b"),
        (0.75, "#3d8fca"),
        (1.0, "#a8dbff"),
    ),
)


def theme(dark: bool) -> Theme:
    """The colours for a dark or a light page."""
    return DARK if dark else LIGHT


def sample_scale(scale: Colours, shares: ArrayLike) -> NDArray[np.uint8]:
    """Red, green and blue (N, 3) of a colour scale at ``shares`` (N,) in 0…1; others are clipped, NaN is 0.

    >>> sample_scale(((0.0, "#000000"), (1.0, "#ff8000")), [0.0, 0.5, 2.0]).tolist()
    [[0, 0, 0], [128, 64, 0], [255, 128, 0]]
    """
    wanted = np.clip(np.nan_to_num(np.asarray(shares, np.float64)), 0.0, 1.0)
    colours = sample_colorscale([list(stop) for stop in scale], wanted, colortype="tuple")  # in 0…1
    return np.round(np.array(colours).reshape(-1, 3) * 255).astype(np.uint8)


def browser_scales(colours: Theme) -> dict[str, list[list[float | str]]]:
    """The two colour scales as plain data, for ``ColourScale`` in ``explorer/web/base/colour_scale.js``."""
    return {
        "sequential": [list(stop) for stop in colours.sequential],
        "diverging": [list(stop) for stop in colours.diverging],
    }


@cache
def _template(dark: bool) -> dict[str, Any]:
    """The template of every layout, as plain data, because Plotly's own template objects are slow to copy."""
    colours = theme(dark)
    axis = {
        "gridcolor": colours.grid,
        "linecolor": colours.muted,
        "tickcolor": colours.muted,
        "zeroline": False,
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": 12}},
        "tickfont": {"size": 11},
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": 12, "color": colours.text},
            "title": {
                "x": 0,
                "xref": "container",
                "y": 1,
                "yref": "container",
                "yanchor": "top",
                "xanchor": "left",
                "pad": {"t": 8, "l": 8},
                "font": {"size": 14},
            },
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [colours.train, colours.validation, colours.test, colours.real],
            "margin": {"l": 8, "r": 8, "t": 56, "b": 8},
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "yref": "container",
                "yanchor": "top",
                "bgcolor": "rgba(0,0,0,0)",
                "font": {"size": 11},
            },
            "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
            "xaxis": axis,
            "yaxis": axis,
        }
    }


def figure(
    traces: Sequence[Mapping[str, Any]],
    *,
    title: str,
    height: int,
    alt: str,
    dark: bool,
    layout: Mapping[str, Any] | None = None,
) -> go.Figure:
    """A figure of ``traces`` (plain Plotly data) in the product's look, ``height`` pixels high.

    alt: its text alternative. A zoom survives an update, because ``uirevision`` is constant.
    """
    return go.Figure(
        data=list(traces),
        layout={
            "template": _template(dark),
            "title": {"text": title},
            "height": height,
            "uirevision": "kept",
            "meta": {"alt": alt},
            # Below the title; where it wraps, it grows downwards and the plot gives way.
            "legend": {"y": 1 - TITLE_HEIGHT / height},
            **(layout or {}),
        },
    )


def description(figure: go.Figure) -> str:
    """The text alternative of a figure made by ``figure``; '' for any other."""
    meta = figure.layout.meta
    return str(meta.get("alt", "")) if isinstance(meta, Mapping) else ""


def digits(value: float) -> str:
    """``value`` with four significant digits, as axes and sentences show it.

    >>> digits(0.123456), digits(1234567.0), digits(3.0)
    ('0.1235', '1.235e+06', '3')
    """
    return f"{value:.4g}"


def amount(value: float) -> str:
    """A count or a number of bytes with three significant digits and its unit prefix.

    >>> amount(25090.0), amount(926900000.0), amount(12.0)
    ('25.1 k', '927 M', '12')
    """
    for prefix, unit in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= unit * 0.9995:
            return f"{float(f'{value / unit:.3g}'):g} {prefix}"
    return f"{float(f'{value:.3g}'):g}"
