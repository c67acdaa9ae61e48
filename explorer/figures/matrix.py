"""A large matrix as one heat map: blocks of cells, so that a browser gets thousands of numbers and not millions."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.figures.palette import digits, figure
from explorer.figures.tiles import BAR, PAGE, TITLE, Array, axes, heatmap, is_signed, limits_of
from models.errors import N_

MOST = 160  # blocks of values along either edge


@dataclass(frozen=True)
class MatrixWords:
    """Words on a matrix, English; pass them translated. alt and blocks hold values in braces."""

    row: str = N_("Row")
    column: str = N_("Column")
    value: str = N_("Value")
    largest: str = N_("Value of largest magnitude")
    blocks: str = N_("each cell stands for {height}×{width} values")
    alt: str = N_("{title}: {rows}×{columns} values from {least} to {most}.")


def matrix(
    values: Array, *, title: str, words: MatrixWords | None = None, page: int = PAGE, dark: bool = False
) -> go.Figure:
    """A matrix (R, C), rows downwards. A large one is shown in blocks, each with its value of largest magnitude.

    page: pixels of width that the figure will have.
    """
    words = words or MatrixWords()
    rows, columns = values.shape
    step = ceil(rows / MOST), ceil(columns / MOST)
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
    finite = values[np.isfinite(values)]
    return figure(
        [trace],
        title=title,
        height=int(TITLE + BAR + min(520, max(40, cells.shape[0] * page / cells.shape[1]))),
        alt=words.alt.format(
            title=title,
            rows=rows,
            columns=columns,
            least=digits(float(finite.min())) if finite.size else "–",
            most=digits(float(finite.max())) if finite.size else "–",
        ),
        dark=dark,
        layout=_layout(cells.shape),
    )


def _layout(shape: tuple[int, ...]) -> dict[str, Any]:
    """Square cells where the matrix is about as wide as high, else cells that fill the figure."""
    layout = dict(axes((shape[0], shape[1])))
    if not 0.25 < shape[0] / shape[1] < 4:
        layout["yaxis"] = {**layout["yaxis"], "scaleanchor": None}
    return layout


def blocks(values: Array, step: tuple[int, int]) -> Array:
    """(R, C) → (ceil(R / step), ceil(C / step)): of each block the value of largest magnitude, NaN where there is one.

    >>> blocks(np.array([[1.0, -3.0, 2.0]]), (1, 2))
    array([[-3.,  2.]])
    """
    height, width = step
    rows, columns = ceil(values.shape[0] / height), ceil(values.shape[1] / width)
    # Padding with zeros adds nothing of a larger magnitude.
    padded = np.zeros((rows * height, columns * width))
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows, height, columns, width).swapaxes(1, 2).reshape(rows, columns, height * width)
    picked = np.abs(np.nan_to_num(blocks, nan=np.inf, posinf=np.inf, neginf=np.inf)).argmax(axis=2)
    result: Array = np.take_along_axis(blocks, picked[..., None], axis=2)[..., 0]
    return result
