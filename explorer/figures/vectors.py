"""A vector: bars where they can be read, a folded grid of cells where it is long."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import plotly.graph_objects as go

from explorer.figures.layout import MARGINS, range_texts
from explorer.figures.live import Columns, LiveFigure, Spec, axis, binned_axis, live_figure
from explorer.figures.palette import figure, theme
from explorer.figures.tiles import BAR, PAGE, TITLE, Array, axes, heatmap, is_signed, limits_of
from models.errors import N_

MAX_BARS = 96  # of a longer vector the bars would be thinner than a few pixels
HALF_BAR = 0.42  # of the distance between two positions


@dataclass(frozen=True)
class VectorWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    position: str = N_("Position")
    value: str = N_("Value")
    alt: str = N_("{title}: {count} values from {least} to {largest}, {zeros} of them zero.")
    bars: str = N_("The value at each position, as bars.")


def vector(
    values: Array,
    *,
    title: str,
    words: VectorWords | None = None,
    first: int = 0,
    page: int = PAGE,
    dark: bool = False,
) -> go.Figure:
    """A vector (N,), or an array of any shape flattened.

    first: the number of its first position: 0 for indices, 1 for what people count. page: width of the figure in
    pixels.
    """
    words = words or VectorWords()
    flat = np.asarray(values, dtype=np.float64).ravel()
    least, largest = range_texts(flat)
    alt = words.alt.format(title=title, count=flat.size, least=least, largest=largest, zeros=int((flat == 0).sum()))
    if flat.size > MAX_BARS:
        return _folded(flat, title, words, alt, first, page, dark)
    return figure(
        [
            {
                "type": "bar",
                "x": np.arange(first, first + flat.size),
                "y": flat,
                "marker": {"color": _bar_colours(flat, dark)},
                "hovertemplate": f"{words.position} %{{x}}<br>{words.value} %{{y:.4g}}<extra></extra>",
            }
        ],
        title=title,
        height=220,
        alt=alt,
        dark=dark,
        layout={
            "xaxis": {"title": {"text": words.position}, "showgrid": False, "tickformat": "d"},
            "yaxis": {"title": {"text": words.value}, "zeroline": True, "zerolinecolor": theme(dark).muted},
            "margin": MARGINS,
        },
    )


def live_vector(
    values: Array, *, words: VectorWords | None = None, height: int = 180, dark: bool = False
) -> LiveFigure:
    """A vector (N,), or an array flattened, as bars that another vector redraws in place; without a title."""
    words = words or VectorWords()
    flat = np.asarray(values, dtype=np.float64).ravel()
    position = np.arange(flat.size)
    bars: Spec = {
        "data": {"name": "bars"},
        "mark": {"type": "bar", "binSpacing": 0},
        "encoding": {
            "x": binned_axis("low", axis(words.position, grid=False, tickMinStep=1, format="d")),
            "x2": {"field": "high"},
            "y": {"field": "value", "type": "quantitative", "axis": axis(words.value, tickCount=5)},
            "y2": {"datum": 0},
            "color": {"field": "colour", "type": "nominal", "scale": None},
            "tooltip": [
                {"field": "position", "title": words.position},
                {"field": "value", "title": words.value, "format": ".4g"},
            ],
        },
    }
    table: Columns = {
        "position": position,
        "low": position - HALF_BAR,
        "high": position + HALF_BAR,
        "value": flat,
        "colour": _bar_colours(flat, dark),
    }
    return live_figure([bars], {"bars": table}, title="", height=height, alt=words.bars, dark=dark)


def _bar_colours(flat: Array, dark: bool) -> list[str]:
    """A colour for each value: that of its sign, which is the same everywhere."""
    colours = theme(dark)
    return [colours.negative if value < 0 else colours.positive for value in flat]


def _folded(flat: Array, title: str, words: VectorWords, alt: str, first: int, page: int, dark: bool) -> go.Figure:
    """A long vector (N,) as cells (R, C) in reading order: left to right, then the next row."""
    columns = 16 * max(2, round(min(2048, max(flat.size, 256)) ** 0.5 * (2 if page >= PAGE else 1.4) / 16))
    rows = ceil(flat.size / columns)
    cells = np.full(rows * columns, np.nan, np.result_type(flat.dtype, np.float32))
    cells[: flat.size] = flat
    signed = is_signed(flat)
    trace = heatmap(
        cells.reshape(rows, columns),
        np.arange(first, first + cells.size, dtype=np.int32).reshape(rows, columns, 1),
        limits=limits_of(flat, signed),
        signed=signed,
        name=words.value,
        hover=f"{words.position} %{{customdata[0]}}<br>{words.value} %{{z:.4g}}",
        dark=dark,
    )
    trace |= {"xgap": 0.5, "ygap": 0.5}
    layout = dict(axes((rows, columns)))
    height = max(70.0, rows * (page - 40) / columns)
    labelled_rows = list(range(0, rows, ceil(rows * 18 / height)))  # 18 pixels keep two numbers apart
    layout["yaxis"] |= {
        "showticklabels": True,
        "tickmode": "array",
        "tickvals": labelled_rows,
        "title": {"text": words.position},
        "ticktext": [str(row * columns + first) for row in labelled_rows],
    }
    return figure([trace], title=title, height=int(min(700, TITLE + BAR + height)), alt=alt, dark=dark, layout=layout)
