"""How often which value occurs in an array."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from explorer.figures.palette import digits, figure, theme
from explorer.figures.summary import statistics
from explorer.figures.tiles import Array
from models.errors import N_

MOST_BINS = 60


@dataclass(frozen=True)
class HistogramWords:
    """Words on a histogram, English; pass them translated. alt holds values in braces."""

    value: str = N_("Value")
    count: str = N_("Count")
    empty: str = N_("No finite values")
    alt: str = N_("{title}: {count} values from {least} to {largest}, mean {mean}; {zeros} zero, {broken} not finite.")


def histogram(
    values: Array,
    *,
    title: str,
    words: HistogramWords | None = None,
    log: bool = False,
    height: int = 240,
    dark: bool = False,
) -> go.Figure:
    """Counts of the finite values of an array of any shape; ``log`` gives a logarithmic count axis.

    Bins are counted here, so that the browser gets at most 60 numbers however large the array is.
    """
    words = words or HistogramWords()
    flat = np.asarray(values).ravel().astype(np.float64)
    finite = flat[np.isfinite(flat)]
    counts, edges = _bins(finite)
    colours = theme(dark)
    facts = statistics(flat)
    layout = {
        "bargap": 0,
        "xaxis": {"title": {"text": words.value}, "showgrid": False},
        "yaxis": {"title": {"text": words.count}, "type": "log" if log else "linear", "rangemode": "tozero"},
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
    }
    if not finite.size:
        layout["annotations"] = [{"text": words.empty, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5,
                                  "showarrow": False, "font": {"color": colours.muted}}]
    return figure(
        [{
            "type": "bar", "x": (edges[:-1] + edges[1:]) / 2, "width": np.diff(edges), "y": counts,
            "customdata": np.column_stack([edges[:-1], edges[1:]]),
            "marker": {"color": colours.verdict, "line": {"width": 0}},
            "hovertemplate": "%{customdata[0]:.4g} … %{customdata[1]:.4g}"
                             f"<br>{words.count} %{{y}}<extra></extra>",
        }],
        title=title,
        height=height,
        alt=words.alt.format(
            title=title,
            count=facts.count,
            least="–" if facts.least is None else digits(facts.least),
            largest="–" if facts.largest is None else digits(facts.largest),
            mean="–" if facts.mean is None else digits(facts.mean),
            zeros="–" if facts.zeros is None else f"{facts.zeros:.1%}",
            broken=facts.nans + facts.infinities,
        ),
        dark=dark,
        layout=layout,
    )


def _bins(finite: Array) -> tuple[Array, Array]:
    """Counts (B,) and edges (B + 1,); a single value gets a single bin around it."""
    if not finite.size:
        return np.zeros(0), np.zeros(1)
    least, largest = float(finite.min()), float(finite.max())
    if not largest / 2 > least / 2:  # one value, or two so close that half of their distance is nothing
        width = max(abs(least), 1.0) / 2
        return np.array([finite.size]), np.array([least - width, largest + width])
    wanted = int(np.clip(np.sqrt(finite.size), 8, MOST_BINS))
    # Scaled to 0…1 first: numpy refuses a range too narrow, or so wide that it overflows.
    scaled = np.clip((finite / 2 - least / 2) / (largest / 2 - least / 2), 0.0, 1.0)
    counts, shares = np.histogram(scaled, bins=wanted, range=(0.0, 1.0))
    return counts, least + shares * (largest / 2 - least / 2) * 2
