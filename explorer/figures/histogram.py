"""A histogram of an array, as a chart that another array redraws in place."""

from dataclasses import dataclass

import numpy as np

from explorer.figures.live import LiveFigure, Spec, axis, binned_axis, live_figure
from explorer.figures.palette import theme
from explorer.figures.tiles import Array
from models.errors import N_

MAX_BINS = 60


@dataclass(frozen=True)
class HistogramWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    value: str = N_("Value")
    count: str = N_("Count")
    low: str = N_("From")
    high: str = N_("To")
    alt: str = N_("{title}: the number of values in each of at most {most} intervals of equal width.")


def histogram(
    values: Array, *, title: str, words: HistogramWords | None = None, height: int = 200, dark: bool = False
) -> LiveFigure:
    """Counts of the finite values of an array of any shape; no bars where there are none.

    Values are counted here, so that the browser gets at most 60 bins however large the array is.
    """
    words = words or HistogramWords()
    flat = np.asarray(values).ravel().astype(np.float64)
    counts, edges = bins(flat[np.isfinite(flat)])
    bars: Spec = {
        "data": {"name": "bins"},
        "mark": {"type": "bar", "color": theme(dark).verdict, "binSpacing": 0},
        "encoding": {
            "x": binned_axis("low", axis(words.value, grid=False, tickCount=5)),
            "x2": {"field": "high"},
            "y": {"field": "count", "type": "quantitative", "axis": axis(words.count, tickCount=4)},
            "tooltip": [
                {"field": "low", "title": words.low, "format": ".4g"},
                {"field": "high", "title": words.high, "format": ".4g"},
                {"field": "count", "title": words.count},
            ],
        },
    }
    tables = {"bins": {"low": edges[:-1], "high": edges[1:], "count": counts}}
    alt = words.alt.format(title=title, most=MAX_BINS)
    return live_figure([bars], tables, title=title, height=height, alt=alt, dark=dark)


def bins(finite: Array) -> tuple[Array, Array]:
    """Counts (B,) and edges (B + 1,) of finite values (N,); equal values get a single bin around them."""
    if not finite.size:
        return np.zeros(0), np.zeros(1)
    least, largest = float(finite.min()), float(finite.max())
    if not largest / 2 > least / 2:  # equal, or so close that half of their distance is rounded to zero
        width = max(abs(least), 1.0) / 2
        return np.array([finite.size]), np.array([least - width, largest + width])
    count = int(np.clip(np.sqrt(finite.size), 8, MAX_BINS))
    # Scaled to 0…1 first: numpy refuses a range too narrow, or so wide that it overflows.
    scaled = np.clip((finite / 2 - least / 2) / (largest / 2 - least / 2), 0.0, 1.0)
    counts, shares = np.histogram(scaled, bins=count, range=(0.0, 1.0))
    return counts, least + shares * (largest / 2 - least / 2) * 2
