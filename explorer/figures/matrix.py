"""A matrix as one heat map; a large one in blocks, so that a browser gets thousands of numbers and not millions."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.figures.layout import range_texts
from explorer.figures.palette import figure
from explorer.figures.tiles import BAR, PAGE, TITLE, Array, axes, heatmap, is_signed, limits_of
from models.errors import N_

MAX_CELLS = 160  # along either edge


@dataclass(frozen=True)
class MatrixWords:
    """Texts of the figure in English; pass them translated. alt and blocks have values in braces."""

    row: str = N_("Row")
    column: str = N_("Column")
    value: str = N_("Value")
    largest: str = N_("Value of largest magnitude")
    blocks: str = N_("each cell stands for {height}×{width} values")
    alt: str = N_("{title}: {rows}×{columns} values from {least} to {most}.")


def matrix(
    values: Array, *, title: str, words: MatrixWords | None = None, page: int = PAGE, dark: bool = False
) -> go.Figure:
    """A matrix (R, C), rows downwards. Each cell of a large one is the value of largest magnitude in a block.

    page: width of the figure in pixels.
    """
    words = words or MatrixWords()
    rows, columns = values.shape
    step = ceil(rows / MAX_CELLS), ceil(columns / MAX_CELLS)
    cells = blocks(np.asarray(values, dtype=np.float64), step)
    if step != (1, 1):
        title = f"{title} · {words.blocks.format(height=step[0], width=step[1])}"
    first = (np.arange(cells.shape[0]) * step[0], np.arange(cells.shape[1]) * step[1])
    places = np.dstack(np.meshgrid(*first, indexing="ij")).astype(np.int32)
    signed = is_signed(values)
    trace = heatmap(
        cells,
        places,  # (R, C, 2): first row, first column of the block
        limits=limits_of(values, signed),
        signed=signed,
        name=words.value if step == (1, 1) else words.largest,
        hover=f"{words.row} %{{customdata[0]}}, {words.column} %{{customdata[1]}}<br>{words.value} %{{z:.4g}}",
        dark=dark,
    )
    least, most = range_texts(values)
    return figure(
        [trace],
        title=title,
        height=int(TITLE + BAR + min(520, max(40, cells.shape[0] * page / cells.shape[1]))),
        alt=words.alt.format(title=title, rows=rows, columns=columns, least=least, most=most),
        dark=dark,
        layout=_layout(cells.shape),
    )


def _layout(shape: tuple[int, ...]) -> dict[str, Any]:
    """Square cells, unless the matrix is much wider than high or the other way round: then they fill the figure."""
    layout = dict(axes((shape[0], shape[1])))
    if not 0.25 < shape[0] / shape[1] < 4:
        layout["yaxis"] = {**layout["yaxis"], "scaleanchor": None}
    return layout


def blocks(values: Array, step: tuple[int, int]) -> Array:
    """(R, C) → (ceil(R / step), ceil(C / step)): the value of largest magnitude in each block, or NaN or infinity.

    >>> blocks(np.array([[1.0, -3.0, 2.0]]), (1, 2))
    array([[-3.,  2.]])
    """
    height, width = step
    rows, columns = ceil(values.shape[0] / height), ceil(values.shape[1] / width)
    # Zeros as padding have no larger magnitude than any value.
    padded = np.zeros((rows * height, columns * width))
    padded[: values.shape[0], : values.shape[1]] = values
    by_block = padded.reshape(rows, height, columns, width).swapaxes(1, 2).reshape(rows, columns, height * width)
    largest = np.abs(np.nan_to_num(by_block, nan=np.inf, posinf=np.inf, neginf=np.inf)).argmax(axis=2)
    result: Array = np.take_along_axis(by_block, largest[..., None], axis=2)[..., 0]
    return result
