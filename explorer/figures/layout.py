"""Parts of Plotly layouts that several figures share, and numbers as texts for text alternatives."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from explorer.figures.palette import Theme, digits

Layout = dict[str, Any]
MARGINS = {"l": 8, "r": 8, "t": 36, "b": 8}
"""Pixels around a figure without a legend: only the title above needs room."""
NO_NUMBER = "–"


def named_axis(names: Sequence[object], title: str) -> Layout:
    """An axis with a name at each of the positions 0, 1, …

    Numbered positions, because Plotly's category axis would merge names that look like numbers.
    """
    return {
        "title": {"text": title},
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [str(name) for name in names],
        "showgrid": False,
    }


def share_axis(title: str, top: float) -> Layout:
    """An axis of shares from 0 to ``top`` (1, and room above), with a tick at each quarter, in per cent."""
    return {
        "title": {"text": title},
        "range": [0, top],
        "tickformat": ".0%",
        "tickvals": [0, 0.25, 0.5, 0.75, 1],
    }


def vertical_line(x: float | str, theme: Theme) -> Layout:
    """A dotted line over the whole height at ``x``, a number or a time."""
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
    }


def cell_outline(row: float, column: float, colour: str) -> Layout:
    """A rectangle around the cell at (row, column) of a heat map whose cells are 1 wide and high."""
    return {
        "type": "rect",
        "x0": column - 0.5,
        "x1": column + 0.5,
        "y0": row - 0.5,
        "y1": row + 0.5,
        "line": {"color": colour, "width": 2},
    }


def range_texts(values: ArrayLike) -> tuple[str, str]:
    """The least and the largest finite value as texts, a dash where there is none.

    >>> range_texts([3.0, float("nan"), -0.12345])
    ('-0.1235', '3')
    """
    array = np.asarray(values)
    finite = array[np.isfinite(array)]
    if not finite.size:
        return NO_NUMBER, NO_NUMBER
    return digits(float(finite.min())), digits(float(finite.max()))
