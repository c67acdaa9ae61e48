"""What a classifier takes for what: the confusion matrix with cells to click, and precision and recall a class.

The diagonal has no colour: ten large counts of right answers would leave every mistake the colour of zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from explorer.figures.palette import figure, theme
from models.errors import N_

Counts = NDArray[np.int64]
CELL = 36  # pixels of a cell's side


@dataclass(frozen=True)
class ConfusionWords:
    """Words on a confusion matrix, English; pass them translated. alt holds values in braces."""

    truth: str = N_("True digit")
    said: str = N_("Network's answer")
    count: str = N_("Pictures")
    alt: str = N_("{title}: {right} of {all} right; most often {truth} is taken for {said}, {count} times.")


@dataclass(frozen=True)
class ScoreWords:
    """Words on precision and recall, English; pass them translated."""

    label: str = N_("Digit")
    precision: str = N_("Precision")
    recall: str = N_("Recall")
    share: str = N_("Share")


def confusion_matrix(
    counts: Counts,
    classes: Sequence[str],
    *,
    title: str,
    chosen: tuple[int, int] | None = None,
    words: ConfusionWords | None = None,
    dark: bool = False,
) -> go.Figure:
    """Counts (K, K), row the true class, column the answer; mistakes in colour, zeros left empty.

    chosen: the (row, column) with a frame. Clicks on heat maps tell nothing (streamlit#8760): the last trace, of points
    that nobody sees, has one a cell, row by row, so that point number n is the cell ``divmod(n, K)``.
    """
    words = words or ConfusionWords()
    size = len(counts)
    mistakes = counts.astype(np.float64)
    np.fill_diagonal(mistakes, np.nan)
    right = np.full((size, size), np.nan)
    np.fill_diagonal(right, 1.0)
    diagonal = np.eye(size, dtype=bool)
    # Plotly also writes the text of a cell that is NaN: each trace has its own cells' only.
    own, others = (np.where((counts > 0) & cells, counts.astype(str), "") for cells in (diagonal, ~diagonal))
    most = float(np.nanmax(mistakes, initial=0.0))
    colours = theme(dark)
    shared: dict[str, Any] = {
        "type": "heatmap",
        "texttemplate": "%{text}",
        "showscale": False,
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
    }
    rows, columns = np.divmod(np.arange(size * size), max(1, size))
    points: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": columns,
        "y": rows,
        "showlegend": False,
        "marker": {"symbol": "square", "size": CELL - 4, "color": colours.text, "opacity": 0.004},
        "selected": {"marker": {"opacity": 0.004}},
        "unselected": {"marker": {"opacity": 0.004}},
        "customdata": [
            [classes[row], classes[column], int(counts[row, column])] for row, column in zip(rows, columns, strict=True)
        ],
        "hovertemplate": f"{words.truth} %{{customdata[0]}}<br>{words.said} %{{customdata[1]}}<br>"
        f"{words.count} %{{customdata[2]:,}}<extra></extra>",
    }
    flat = [[0.0, colours.grid], [1.0, colours.grid]]
    return figure(
        [
            {**shared, "z": right, "text": own, "colorscale": flat, "textfont": {"color": colours.text}},
            {
                **shared,
                "z": mistakes,
                "text": others,
                "zmin": 0,
                "zmax": most or 1.0,
                "colorscale": [list(stop) for stop in colours.sequential],
            },
            points,
        ],
        title=title,
        height=CELL * size + 96,
        alt=_told(counts, mistakes, classes, title, words),
        dark=dark,
        layout={
            "xaxis": _axis(classes, words.said),
            "yaxis": {
                **_axis(classes, words.truth),
                "autorange": False,
                "range": [size - 0.5, -0.5],
                "scaleanchor": "x",
                "constraintoward": "top",
            },
            "hovermode": "closest",
            "clickmode": "event+select",
            "dragmode": False,
            "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
            "shapes": [] if chosen is None else [_frame(*chosen, colours.text)],
        },
    )


def _axis(classes: Sequence[str], title: str) -> dict[str, Any]:
    return {
        "title": {"text": title},
        "tickmode": "array",
        "tickvals": list(range(len(classes))),
        "ticktext": list(classes),
        "showgrid": False,
        "ticks": "",
        "constrain": "domain",
        "constraintoward": "left",
        "fixedrange": True,
        "range": [-0.5, len(classes) - 0.5],
    }


def _frame(row: int, column: int, colour: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": column - 0.5,
        "x1": column + 0.5,
        "y0": row - 0.5,
        "y1": row + 0.5,
        "line": {"color": colour, "width": 2},
    }


def _told(
    counts: Counts, mistakes: NDArray[np.float64], classes: Sequence[str], title: str, words: ConfusionWords
) -> str:
    row, column = np.unravel_index(int(np.nan_to_num(mistakes, nan=-1.0).argmax()), counts.shape)
    return words.alt.format(
        title=title,
        right=int(counts.trace()),
        all=int(counts.sum()),
        truth=classes[int(row)],
        said=classes[int(column)],
        count=int(counts[row, column]),
    )


def class_scores(
    precision: Sequence[float],
    recall: Sequence[float],
    classes: Sequence[str],
    *,
    title: str,
    words: ScoreWords | None = None,
    height: int = 300,
    dark: bool = False,
) -> go.Figure:
    """Precision and recall (K,) of each class, side by side; NaN, a share of nothing, leaves a gap."""
    words = words or ScoreWords()
    colours = theme(dark)
    looks = ((words.precision, precision, colours.verdict, ""), (words.recall, recall, colours.truth, "/"))
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": list(range(len(classes))),
            "y": list(shares),
            "customdata": list(classes),
            "marker": {"color": colour, "pattern": {"shape": pattern, "solidity": 0.2, "fillmode": "overlay"}},
            "hovertemplate": f"{words.label} %{{customdata}}<br>{name} %{{y:.1%}}<extra></extra>",
        }
        for name, shares, colour, pattern in looks
    ]
    told = ", ".join(f"{label}: {p:.1%} / {r:.1%}" for label, p, r in zip(classes, precision, recall, strict=True))
    return figure(
        bars,
        title=title,
        height=height,
        alt=f"{title} · {words.precision} / {words.recall} · {told}.",
        dark=dark,
        layout={
            "barmode": "group",
            "bargap": 0.25,
            "xaxis": {
                "title": {"text": words.label},
                "tickmode": "array",
                "tickvals": list(range(len(classes))),
                "ticktext": list(classes),
                "showgrid": False,
            },
            "yaxis": {"title": {"text": words.share}, "range": [0, 1.02], "tickformat": ".0%"},
        },
    )
