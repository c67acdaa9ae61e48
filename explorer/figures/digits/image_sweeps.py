"""Accuracy on changed images: a map over shifts, the difference of two such maps, and curves over one change.

NaN stands for points that are not measured yet, which stay empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from explorer.figures.layout import NO_NUMBER, cell_outline, share_axis, vertical_line
from explorer.figures.palette import Theme, figure, theme
from explorer.figures.tiles import heatmap
from models.errors import N_

Numbers = NDArray[np.float64]
MAP_HEIGHT = 430
DASHES = ("solid", "dash")


@dataclass(frozen=True)
class ShiftWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    right: str = N_("Pixels to the right")
    down: str = N_("Pixels down")
    accuracy: str = N_("Accuracy")
    points: str = N_("Accuracy, percentage points")
    alt: str = N_("{title}: {measured} of {all} shifts measured, from {least} to {most}.")


@dataclass(frozen=True)
class SweepWords:
    """Texts of the figure in English; pass them translated. alt and line have values in braces."""

    accuracy: str = N_("Accuracy")
    unchanged: str = N_("unchanged")
    alt: str = N_("{title}: {lines}.")
    line: str = N_("{name}: {measured} of {all} points, from {least} to {most}")


@dataclass(frozen=True)
class Sweep:
    """One line: accuracy (n,) after changes of the sizes ``places`` (n,), NaN where not measured yet."""

    name: str
    places: ArrayLike
    accuracy: ArrayLike


@dataclass(frozen=True)
class _MapScale:
    """limits: of the colours. name: of the values. number, ticks: formats of a value and of the colour bar."""

    limits: tuple[float, float]
    name: str
    number: str
    ticks: str


def shift_map(grid: Numbers, *, title: str, words: ShiftWords | None = None, dark: bool = False) -> go.Figure:
    """Accuracy (S, S) of every shift, S odd, no shift in the middle. Row: pixels down, column: pixels to the right."""
    words = words or ShiftWords()
    return _map(grid, title, words, dark, _MapScale((0.0, 1.0), words.accuracy, ".1%", ".0%"))


def difference_map(
    first: Numbers, second: Numbers, *, title: str, words: ShiftWords | None = None, dark: bool = False
) -> go.Figure:
    """First accuracy (S, S) minus the second, in percentage points; the colours are centred at zero."""
    words = words or ShiftWords()
    difference = 100 * (first - second)
    most = float(np.nanmax(np.abs(difference), initial=0.0)) or 1.0
    return _map(difference, title, words, dark, _MapScale((-most, most), words.points, "+.2f", "+.3~g"))


def _map(grid: Numbers, title: str, words: ShiftWords, dark: bool, scale: _MapScale) -> go.Figure:
    reach = len(grid) // 2
    shifts = list(range(-reach, reach + 1))
    trace = heatmap(
        grid,
        grid,
        limits=scale.limits,
        signed=scale.limits[0] < 0,
        name=scale.name,
        hover=f"{words.right} %{{x}}<br>{words.down} %{{y}}<br>{scale.name} %{{z:{scale.number}}}",
        dark=dark,
    )
    colour_bar = {**trace["colorbar"], "tickformat": scale.ticks, "len": 220, "title": None}  # as the figure's title
    trace |= {"x": shifts, "y": shifts, "xgap": 1, "ygap": 1, "customdata": None, "colorbar": colour_bar}
    known = grid[np.isfinite(grid)]
    least, most = NO_NUMBER, NO_NUMBER
    if known.size:
        least, most = (format(float(each), scale.number) for each in (known.min(), known.max()))
    return figure(
        [trace],
        title=title,
        height=MAP_HEIGHT,
        alt=words.alt.format(title=title, measured=known.size, all=grid.size, least=least, most=most),
        dark=dark,
        layout=_map_layout(shifts, words, theme(dark)),
    )


def _map_layout(shifts: Sequence[int], words: ShiftWords, colours: Theme) -> dict[str, Any]:
    """Square cells, and an outline around the middle one: images that are not moved."""
    low, high = shifts[0] - 0.5, shifts[-1] + 0.5
    axis: dict[str, Any] = {
        "showgrid": False,
        "ticks": "",
        "constrain": "domain",
        "tickmode": "array",
        "tickvals": shifts[::2],
        "zeroline": False,
        "showline": True,
        "mirror": True,
    }
    return {
        "xaxis": {**axis, "title": {"text": words.right}, "range": [low, high], "constraintoward": "left"},
        "yaxis": {
            **axis,
            "title": {"text": words.down},
            "range": [high, low],  # downwards
            "scaleanchor": "x",
            "constraintoward": "top",
        },
        "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": 36, "b": 92},
        "shapes": [cell_outline(0, 0, colours.mistake)],
    }


def sweep_curves(
    lines: Sequence[Sweep],
    *,
    title: str,
    axis: str,
    unchanged: float,
    ends: tuple[float, float],
    tick: float,
    suffix: str = "",
    words: SweepWords | None = None,
    height: int = 320,
    dark: bool = False,
) -> go.Figure:
    """Accuracy over the size of one change.

    axis: the name of the change. unchanged: the size that changes nothing. ends: the smallest and the largest size, for
    an axis that stays while points come in. tick: distance of the axis' numbers. suffix: the unit of the sizes.
    """
    words = words or SweepWords()
    colours = theme(dark)
    margin = (ends[1] - ends[0]) * 0.03
    return figure(
        [
            _sweep_line(line, colour, dash, len(lines) > 1)
            for line, colour, dash in zip(lines, (colours.verdict, colours.predicted), DASHES, strict=False)
        ],
        title=title,
        height=height,
        alt=words.alt.format(title=title, lines="; ".join(_line_text(line, words) for line in lines)),
        dark=dark,
        layout={
            "xaxis": {
                "title": {"text": axis},
                "range": [ends[0] - margin, ends[1] + margin],
                "ticksuffix": suffix,
                "dtick": tick,
                "tick0": unchanged,
                "showgrid": False,
            },
            "yaxis": share_axis(words.accuracy, 1.03),
            "hovermode": "x unified",
            "shapes": [vertical_line(unchanged, colours)],
            "annotations": [
                {
                    "x": unchanged,
                    "y": 0,
                    "yref": "paper",
                    "text": words.unchanged,
                    "showarrow": False,
                    "xanchor": "left",
                    "yanchor": "bottom",
                    "font": {"size": 11, "color": colours.muted},
                }
            ],
        },
    )


def _sweep_line(line: Sweep, colour: str, dash: str, in_legend: bool) -> dict[str, Any]:
    places, accuracy = _measured(line)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": places,
        "y": accuracy,
        "name": line.name,
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"size": 5},
        "showlegend": in_legend,
        "hovertemplate": "%{y:.1%}",
    }


def _measured(line: Sweep) -> tuple[Numbers, Numbers]:
    """Places and accuracies (m,) of the points that are measured."""
    places, accuracy = np.asarray(line.places, np.float64), np.asarray(line.accuracy, np.float64)
    known = np.isfinite(accuracy)
    return places[known], accuracy[known]


def _line_text(line: Sweep, words: SweepWords) -> str:
    values = _measured(line)[1]
    least, most = (f"{values.min():.1%}", f"{values.max():.1%}") if values.size else (NO_NUMBER, NO_NUMBER)
    return words.line.format(
        name=line.name, measured=values.size, all=np.asarray(line.places).size, least=least, most=most
    )
