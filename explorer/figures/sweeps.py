"""Accuracy over changed pictures: the map of shifts, two such maps' difference, and curves over one change.

NaN is what has not been measured yet, and stays empty. Nothing is measured here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from explorer.figures.curves import CurveWords, Series, loss_curves
from explorer.figures.palette import figure, theme
from explorer.figures.tiles import heatmap
from models.errors import N_

Numbers = NDArray[np.float64]
MAP_HEIGHT = 430
DASHES = ("solid", "dash")


@dataclass(frozen=True)
class ShiftWords:
    """Words on a map of shifts, English; pass them translated. alt holds values in braces."""

    right: str = N_("Pixels to the right")
    down: str = N_("Pixels down")
    accuracy: str = N_("Accuracy")
    points: str = N_("Accuracy, percentage points")
    alt: str = N_("{title}: {measured} of {all} shifts measured, from {least} to {most}.")


@dataclass(frozen=True)
class SweepWords:
    """Words on a curve over changes, English; pass them translated. alt holds values in braces."""

    accuracy: str = N_("Accuracy")
    unchanged: str = N_("unchanged")
    alt: str = N_("{title}: {lines}.")
    line: str = N_("{name}: {measured} of {all} points, from {least} to {most}")


@dataclass(frozen=True)
class Sweep:
    """One line: accuracy (n,) at places (n,), NaN where not measured yet."""

    name: str
    places: ArrayLike
    accuracy: ArrayLike


def shift_map(grid: Numbers, *, title: str, words: ShiftWords | None = None, dark: bool = False) -> go.Figure:
    """Accuracy (S, S) of every shift, S odd, no shift in the middle; row: pixels down, column: pixels to the right."""
    words = words or ShiftWords()
    return _map(grid, title, words, dark, limits=(0.0, 1.0), name=words.accuracy, form=".1%", ticks=".0%")


def difference_map(
    first: Numbers, second: Numbers, *, title: str, words: ShiftWords | None = None, dark: bool = False
) -> go.Figure:
    """By how many percentage points the first accuracy (S, S) is above the second; zero is the colours' middle."""
    words = words or ShiftWords()
    gap = 100 * (first - second)
    most = float(np.nanmax(np.abs(gap), initial=0.0)) or 1.0
    return _map(gap, title, words, dark, limits=(-most, most), name=words.points, form="+.2f", ticks="+.3~g")


def _map(
    grid: Numbers,
    title: str,
    words: ShiftWords,
    dark: bool,
    *,
    limits: tuple[float, float],
    name: str,
    form: str,
    ticks: str,
) -> go.Figure:
    reach = len(grid) // 2
    places = list(range(-reach, reach + 1))
    colours = theme(dark)
    trace = heatmap(
        grid,
        grid,
        limits=limits,
        signed=limits[0] < 0,
        name=name,
        hover=f"{words.right} %{{x}}<br>{words.down} %{{y}}<br>{name} %{{z:{form}}}",
        dark=dark,
    )
    bar = {**trace["colorbar"], "tickformat": ticks, "len": 220, "title": None}  # the figure's title says it
    trace |= {"x": places, "y": places, "xgap": 1, "ygap": 1, "customdata": None, "colorbar": bar}
    known = grid[np.isfinite(grid)]
    axis: dict[str, Any] = {
        "showgrid": False,
        "ticks": "",
        "constrain": "domain",
        "tickmode": "array",
        "tickvals": places[::2],
        "zeroline": False,
        "showline": True,
        "mirror": True,
    }
    least, most = (format(float(each), form) for each in (known.min(), known.max())) if known.size else ("–", "–")
    return figure(
        [trace],
        title=title,
        height=MAP_HEIGHT,
        alt=words.alt.format(title=title, measured=known.size, all=grid.size, least=least, most=most),
        dark=dark,
        layout={
            "xaxis": {
                **axis,
                "title": {"text": words.right},
                "range": [-reach - 0.5, reach + 0.5],
                "constraintoward": "left",
            },
            "yaxis": {
                **axis,
                "title": {"text": words.down},
                "range": [reach + 0.5, -reach - 0.5],
                "scaleanchor": "x",
                "constraintoward": "top",
            },
            "hovermode": "closest",
            "margin": {"l": 8, "r": 8, "t": 36, "b": 92},
            # The frame in the middle: pictures that are not moved.
            "shapes": [
                {
                    "type": "rect",
                    "x0": -0.5,
                    "x1": 0.5,
                    "y0": -0.5,
                    "y1": 0.5,
                    "line": {"color": colours.mistake, "width": 2},
                }
            ],
        },
    )


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
    """Accuracy against one change. axis: what is changed. unchanged: the place that changes nothing.

    ends: the first and the last place, for an axis that stays while points come in. tick: distance of its numbers.
    suffix: of the places' unit.
    """
    words = words or SweepWords()
    colours = theme(dark)
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": _known(line)[0],
            "y": _known(line)[1],
            "name": line.name,
            "line": {"color": colour, "width": 2, "dash": dash},
            "marker": {"size": 5},
            "showlegend": len(lines) > 1,
            "hovertemplate": "%{y:.1%}",
        }
        for line, colour, dash in zip(lines, (colours.verdict, colours.predicted), DASHES, strict=False)
    ]
    margin = (ends[1] - ends[0]) * 0.03
    return figure(
        traces,
        title=title,
        height=height,
        alt=words.alt.format(title=title, lines="; ".join(_told(line, words) for line in lines)),
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
            "yaxis": {
                "title": {"text": words.accuracy},
                "range": [0, 1.03],
                "tickformat": ".0%",
                "tickvals": [0, 0.25, 0.5, 0.75, 1],
            },
            "hovermode": "x unified",
            "shapes": [
                {
                    "type": "line",
                    "x0": unchanged,
                    "x1": unchanged,
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": colours.muted, "width": 1, "dash": "dot"},
                }
            ],
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


def _known(line: Sweep) -> tuple[Numbers, Numbers]:
    """The points that are measured, (m,) and (m,)."""
    places, accuracy = np.asarray(line.places, np.float64), np.asarray(line.accuracy, np.float64)
    known = np.isfinite(accuracy)
    return places[known], accuracy[known]


def _told(line: Sweep, words: SweepWords) -> str:
    values = _known(line)[1]
    least, most = (f"{values.min():.1%}", f"{values.max():.1%}") if values.size else ("–", "–")
    return words.line.format(
        name=line.name, measured=values.size, all=np.asarray(line.places).size, least=least, most=most
    )


def accuracy_curves(
    series: Sequence[Series],
    *,
    title: str,
    words: CurveWords,
    log_steps: bool = False,
    checkpoint: int | None = None,
    height: int = 320,
    dark: bool = False,
) -> go.Figure:
    """Shares of right answers against the step, as ``loss_curves`` draws losses."""
    drawn = loss_curves(
        series, title=title, words=words, log_steps=log_steps, checkpoint=checkpoint, height=height, dark=dark
    )
    # A run may have a single point: its axis must not go below zero or above one.
    drawn.update_yaxes(tickformat=".0%", autorangeoptions={"minallowed": 0, "maxallowed": 1.02})
    drawn.update_xaxes(rangemode="normal" if log_steps else "tozero")
    drawn.update_traces(hovertemplate="%{y:.2%}")
    return drawn
