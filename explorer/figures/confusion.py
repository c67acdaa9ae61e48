"""The confusion matrix of a classifier, with cells to click, and precision and recall of each class.

The diagonal has no colour: ten large counts of correct answers would leave every mistake the colour of zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from explorer.figures.layout import MARGINS, cell_outline, named_axis
from explorer.figures.palette import Theme, figure, theme
from models.errors import N_

Counts = NDArray[np.int64]
CELL = 36  # side of a cell in pixels
NEARLY_INVISIBLE = 0.004  # opacity of points that take clicks


@dataclass(frozen=True)
class ConfusionWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    truth: str = N_("True digit")
    said: str = N_("Network's answer")
    count: str = N_("Pictures")
    alt: str = N_("{title}: {right} of {all} right; most often {truth} is taken for {said}, {count} times.")


@dataclass(frozen=True)
class ScoreWords:
    """Texts of the figure in English; pass them translated."""

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

    chosen: the (row, column) with an outline. Streamlit reports no clicks on heat maps (streamlit#8760): the last trace
    has one invisible point a cell, row by row, so that point number n is the cell ``divmod(n, K)``.
    """
    words = words or ConfusionWords()
    colours = theme(dark)
    size = len(counts)
    mistakes = counts.astype(np.float64)
    np.fill_diagonal(mistakes, np.nan)
    return figure(
        [*_cells(counts, mistakes, colours), _click_points(counts, classes, words, colours)],
        title=title,
        height=CELL * size + 96,
        alt=_description(counts, mistakes, classes, title, words),
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
            "margin": MARGINS,
            "shapes": [] if chosen is None else [cell_outline(*chosen, colours.text)],
        },
    )


def _cells(counts: Counts, mistakes: NDArray[np.float64], colours: Theme) -> list[dict[str, Any]]:
    """Two heat maps: the diagonal in one colour, and the mistakes (K, K), which are NaN on the diagonal."""
    diagonal = np.eye(len(counts), dtype=bool)
    # Plotly also writes the text of a cell that is NaN: each trace has the texts of its own cells only.
    correct_texts, mistake_texts = (
        np.where((counts > 0) & cells, counts.astype(str), "") for cells in (diagonal, ~diagonal)
    )
    shared: dict[str, Any] = {
        "type": "heatmap",
        "texttemplate": "%{text}",
        "showscale": False,
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
    }
    one_colour = [[0.0, colours.grid], [1.0, colours.grid]]
    return [
        {
            **shared,
            "z": np.where(diagonal, 1.0, np.nan),
            "text": correct_texts,
            "colorscale": one_colour,
            "textfont": {"color": colours.text},
        },
        {
            **shared,
            "z": mistakes,
            "text": mistake_texts,
            "zmin": 0,
            "zmax": float(np.nanmax(mistakes, initial=0.0)) or 1.0,
            "colorscale": [list(stop) for stop in colours.sequential],
        },
    ]


def _click_points(counts: Counts, classes: Sequence[str], words: ConfusionWords, colours: Theme) -> dict[str, Any]:
    size = len(counts)
    rows, columns = np.divmod(np.arange(size * size), max(1, size))
    return {
        "type": "scatter",
        "mode": "markers",
        "x": columns,
        "y": rows,
        "showlegend": False,
        "marker": {"symbol": "square", "size": CELL - 4, "color": colours.text, "opacity": NEARLY_INVISIBLE},
        "selected": {"marker": {"opacity": NEARLY_INVISIBLE}},
        "unselected": {"marker": {"opacity": NEARLY_INVISIBLE}},
        "customdata": [
            [classes[row], classes[column], int(counts[row, column])] for row, column in zip(rows, columns, strict=True)
        ],
        "hovertemplate": f"{words.truth} %{{customdata[0]}}<br>{words.said} %{{customdata[1]}}<br>"
        f"{words.count} %{{customdata[2]:,}}<extra></extra>",
    }


def _axis(classes: Sequence[str], title: str) -> dict[str, Any]:
    return {
        **named_axis(classes, title),
        "ticks": "",
        "constrain": "domain",
        "constraintoward": "left",
        "fixedrange": True,
        "range": [-0.5, len(classes) - 0.5],
    }


def _description(
    counts: Counts, mistakes: NDArray[np.float64], classes: Sequence[str], title: str, words: ConfusionWords
) -> str:
    """The text alternative: the number of correct answers, and the most frequent mistake."""
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
    """Precision and recall (K,) of each class, side by side; NaN leaves a gap."""
    words = words or ScoreWords()
    colours = theme(dark)
    series = ((words.precision, precision, colours.verdict, ""), (words.recall, recall, colours.truth, "/"))
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
        for name, shares, colour, pattern in series
    ]
    scores = ", ".join(f"{label}: {p:.1%} / {r:.1%}" for label, p, r in zip(classes, precision, recall, strict=True))
    return figure(
        bars,
        title=title,
        height=height,
        alt=f"{title} · {words.precision} / {words.recall} · {scores}.",
        dark=dark,
        layout={
            "barmode": "group",
            "bargap": 0.25,
            "xaxis": named_axis(classes, words.label),
            "yaxis": {"title": {"text": words.share}, "range": [0, 1.02], "tickformat": ".0%"},
        },
    )
