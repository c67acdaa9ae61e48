"""The spread of an answer under dropout: each class's probabilities over many passes, and those without dropout."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.figures.live import LiveFigure, Spec, axis, live_figure
from explorer.figures.palette import theme
from explorer.figures.tiles import Array
from models.errors import N_


@dataclass(frozen=True)
class SpreadWords:
    """Texts of the figure in English; pass them translated. alt has a value in braces."""

    passes: str = N_("With dropout, each mask")
    even: str = N_("Without dropout (evaluation mode)")
    kind: str = N_("Class")
    mask: str = N_("Mask")
    probability: str = N_("Probability")
    alt: str = N_("{title}: a box and a point for each pass over every class.")


def spread(
    probabilities: Array,
    even: Array,
    names: Sequence[str],
    *,
    title: str,
    words: SpreadWords | None = None,
    height: int = 340,
    dark: bool = False,
) -> LiveFigure:
    """A box and its points for each class.

    probabilities: (n, K), a row for each pass. even: (K,) without dropout. names: (K,) of the classes. The box reaches
    from the lower to the upper quartile, its bar is the median.
    """
    words = words or SpreadWords()
    colours = theme(dark)
    count, classes = probabilities.shape
    kinds = np.array(names, dtype=str)
    low, middle, high = np.quantile(probabilities, (0.25, 0.5, 0.75), axis=0)  # (K,) each
    tables = {
        "passes": {
            "class": np.tile(kinds, count),
            "probability": probabilities.ravel(),
            "mask": np.repeat(np.arange(1, count + 1), classes),
            "aside": np.repeat(_offsets(count), classes),
        },
        "classes": {"class": kinds, "low": low, "middle": middle, "high": high, "even": even},
    }
    column: Spec = {
        "field": "class",
        "type": "ordinal",
        "sort": list(names),
        "axis": axis(words.kind, grid=False),
    }
    scale = {"domain": [words.passes, words.even], "range": [colours.train, colours.validation]}
    # In a narrow column the entries stand one below the other rather than being cut off.
    legend = {"title": None, "columns": {"expr": "width < 340 ? 1 : 2"}}
    passes, without = (
        {"datum": name, "type": "nominal", "scale": scale, "legend": legend} for name in (words.passes, words.even)
    )
    layers: list[Spec] = [
        {
            "data": {"name": "passes"},
            "mark": {"type": "circle", "size": 16, "opacity": 0.5},
            "encoding": {
                "x": column,
                "y": _height("probability", words),
                "xOffset": {"field": "aside", "type": "quantitative", "scale": {"domain": [-1, 1]}},
                "color": passes,
                "tooltip": [
                    {"field": "class", "title": words.kind},
                    {"field": "mask", "title": words.mask},
                    {"field": "probability", "title": words.probability, "format": ".4f"},
                ],
            },
        },
        {
            "data": {"name": "classes"},
            "mark": {"type": "bar", "width": {"expr": "0.6 * bandwidth('x')"}, "filled": False},
            "encoding": {"x": column, "y": _height("low", words), "y2": {"field": "high"}, "color": passes},
        },
        {
            "data": {"name": "classes"},
            "mark": {"type": "tick", "width": {"expr": "0.6 * bandwidth('x')"}, "thickness": 1},
            "encoding": {"x": column, "y": _height("middle", words), "color": passes},
        },
        {
            "data": {"name": "classes"},
            "mark": {"type": "tick", "width": {"expr": "0.75 * bandwidth('x')"}, "thickness": 3},
            "encoding": {
                "x": column,
                "y": _height("even", words),
                "color": without,
                "tooltip": [
                    {"field": "class", "title": words.kind},
                    {"field": "even", "title": words.even, "format": ".4f"},
                ],
            },
        },
    ]
    return live_figure(
        layers, tables, title=title, height=height, alt=words.alt.format(title=title), dark=dark, canvas=True
    )


def _height(field: str, words: SpreadWords) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": axis(words.probability),
    }


def _offsets(count: int) -> Array:
    """(count,) horizontal offsets of the points in their column, −0.5 … 0.5: evenly spread, the same every time."""
    golden = (5**0.5 - 1) / 2  # multiples of the golden ratio leave no gaps and never coincide
    offsets: Array = np.arange(count) * golden % 1 - 0.5
    return offsets
