"""Many small images on one sheet: where each tile lies, its colours, labels and axes.

``maps.py`` uses it for feature maps and kernels, ``bars.py`` for long vectors. It gives plain Plotly data, no figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.figures.palette import theme

Array = NDArray[Any]

TILE = 104  # pixels that a tile's side should have on the screen
LABEL = 18  # pixels above a row of tiles, for their labels
PAGE = 680  # pixels of width to reckon with
TITLE, BAR = 36, 60  # pixels for the title above a sheet, and for the colour bar below


@dataclass(frozen=True)
class TileGrid:
    """Where tiles (T, H, W) lie on a sheet of cells (R, C).

    left, top: (T,) first column and first row of each tile; tile: its (H, W). Rows count downwards. cell: pixels that
    a cell's side should have on the screen.
    """

    shape: tuple[int, int]
    left: Array
    top: Array
    tile: tuple[int, int]
    cell: float

    def placed(self, tiles: Array) -> Array:
        """Tiles (T, H, W) on the sheet (R, C), NaN between them; float32 where that holds the tiles' values."""
        cells = np.full(self.shape, np.nan, np.result_type(tiles.dtype, np.float32))
        y, x = self._cells()
        cells[y, x] = tiles
        return cells

    def places(self) -> Array:
        """What hover tells of each cell beside its value: (R, C, 3) tile, row, column, as small integers."""
        height, width = self.tile
        most = max(len(self.left), height, width)
        facts = np.zeros((*self.shape, 3), np.uint8 if most < 2**8 else np.uint16 if most < 2**16 else np.int32)
        y, x = self._cells()
        facts[y, x, 0] = np.arange(len(self.left))[:, None, None]
        facts[y, x, 1] = np.arange(height)[None, :, None]
        facts[y, x, 2] = np.arange(width)[None, None, :]
        return facts

    def _cells(self) -> tuple[Array, Array]:
        height, width = self.tile
        y = self.top[:, None, None] + np.arange(height)[None, :, None]  # (T, H, 1)
        x = self.left[:, None, None] + np.arange(width)[None, None, :]  # (T, 1, W)
        return y, x

    def pixels(self) -> int:
        """How high a figure of this sheet should be, never taller than a screen."""
        return int(min(760, TITLE + BAR + self.shape[0] * self.cell))


def tile_grid(
    count: int, height: int, width: int, columns: int, *, labelled: bool = True, side: float = TILE, page: int = PAGE
) -> TileGrid:
    """A sheet for ``count`` tiles of (height, width) cells in rows of ``columns``, with room for labels above each.

    A tile's longer edge gets ``side`` pixels, or less where the row would not fit the ``page``'s width.
    """
    gap = max(1, round(max(height, width) * 0.08))
    cell = min(side / max(height, width), page / max(1, columns * (width + gap)))
    headroom = ceil(LABEL / cell) if labelled else 0
    between = headroom if labelled else gap
    numbers = np.arange(count)
    rows = ceil(count / columns)
    shape = (max(1, headroom + rows * (height + between) - between), max(1, columns * (width + gap) - gap))
    return TileGrid(
        shape,
        left=numbers % columns * (width + gap),
        top=numbers // columns * (height + between) + headroom,
        tile=(height, width),
        cell=cell,
    )


def limits_of(values: Array, signed: bool) -> tuple[float, float]:
    """Colour limits: symmetric about zero for signed values, from zero up otherwise; never an empty range."""
    largest = float(np.max(np.abs(values), where=np.isfinite(values), initial=0.0)) or 1.0
    return (-largest if signed else 0.0), largest


def is_signed(values: Array) -> bool:
    """Whether any finite value is below zero."""
    return bool(np.any(values < 0, where=np.isfinite(values)))


def heatmap(
    cells: Array, facts: Array, *, limits: tuple[float, float], signed: bool, name: str, hover: str, dark: bool
) -> dict[str, Any]:
    """Cells (R, C) in colour, with a colour bar called ``name`` below; ``hover`` reads ``facts`` (R, C, n).

    What it can read from the cells themselves should not stand in the facts: a browser is busy for a long time with
    megabytes of them.
    """
    colours = theme(dark)
    return {
        "type": "heatmap",
        "z": cells,
        "zmin": limits[0],
        "zmax": limits[1],
        "customdata": facts,
        "colorscale": [list(stop) for stop in (colours.diverging if signed else colours.sequential)],
        "colorbar": {
            # Lying below the sheet, at its left: an upright one would stand far from a narrow sheet.
            "orientation": "h",
            "title": {"text": name, "side": "right", "font": {"size": 12}},
            "thickness": 8,
            "outlinewidth": 0,
            "tickfont": {"size": 11},
            "nticks": 5,
            "lenmode": "pixels",
            "len": 280,
            "ypad": 16,
            "xpad": 0,
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 0.0,
            "yanchor": "bottom",
        },
        "hoverongaps": False,
        "hovertemplate": hover + "<extra></extra>",
    }


def texts(x: Array, y: Array, words: list[str], *, dark: bool, position: str, size: int = 11) -> dict[str, Any]:
    """Small texts on the sheet as one trace, because hundreds of annotations are slow."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "text": words,
        "textposition": position,
        "textfont": {"size": size, "color": theme(dark).muted},
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
    }


def axes(shape: tuple[int, int]) -> Mapping[str, Any]:
    """Square cells, rows downwards, no ticks: the hover tells rows and columns."""
    bare = {"showgrid": False, "showticklabels": False, "ticks": "", "constrain": "domain"}
    return {
        "xaxis": {**bare, "range": [-0.5, shape[1] - 0.5], "constraintoward": "left"},
        "yaxis": {**bare, "range": [shape[0] - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "top"},
        "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": TITLE, "b": BAR},
    }
