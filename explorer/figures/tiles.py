"""Many small images as tiles of one heat map: the place of each tile, colours, labels and axes.

``maps.py`` uses it for feature maps and kernels, ``vectors.py`` for long vectors. The results are plain Plotly data.
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
PAGE = 680  # usual width of a figure in pixels
TITLE, BAR = 36, 60  # pixels for the title above a heat map, and for the colour bar below


@dataclass(frozen=True)
class TileGrid:
    """The places of tiles (T, H, W) on a heat map of cells (R, C); rows count downwards.

    shape: (R, C). left, top: (T,) first column and first row of each tile. tile: (H, W). cell: wanted side of a cell in
    pixels.
    """

    shape: tuple[int, int]
    left: Array
    top: Array
    tile: tuple[int, int]
    cell: float

    def place_tiles(self, tiles: Array) -> Array:
        """Tiles (T, H, W) as cells (R, C), NaN between them; float32, or the tiles' own type where that is wider."""
        cells = np.full(self.shape, np.nan, np.result_type(tiles.dtype, np.float32))
        y, x = self._cells()
        cells[y, x] = tiles
        return cells

    def cell_indices(self) -> Array:
        """(R, C, 3): number of the tile, row and column in it, for each cell; the smallest integers that hold them."""
        height, width = self.tile
        most = max(len(self.left), height, width)
        indices = np.zeros((*self.shape, 3), np.uint8 if most < 2**8 else np.uint16 if most < 2**16 else np.int32)
        y, x = self._cells()
        indices[y, x, 0] = np.arange(len(self.left))[:, None, None]
        indices[y, x, 1] = np.arange(height)[None, :, None]
        indices[y, x, 2] = np.arange(width)[None, None, :]
        return indices

    def _cells(self) -> tuple[Array, Array]:
        height, width = self.tile
        y = self.top[:, None, None] + np.arange(height)[None, :, None]  # (T, H, 1)
        x = self.left[:, None, None] + np.arange(width)[None, None, :]  # (T, 1, W)
        return y, x

    def pixels(self) -> int:
        """Height of a figure with these tiles in pixels, never taller than a screen."""
        return int(min(760, TITLE + BAR + self.shape[0] * self.cell))


def tile_grid(
    count: int, height: int, width: int, columns: int, *, labelled: bool = True, side: float = TILE, page: int = PAGE
) -> TileGrid:
    """Places for ``count`` tiles of (height, width) cells, ``columns`` in a row; labelled: with room for labels above.

    side: longer edge of a tile in pixels, less where a row would be wider than ``page``.
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
    """(low, high) of the colours: symmetric about zero for signed values, else from zero; never an empty range."""
    largest = float(np.max(np.abs(values), where=np.isfinite(values), initial=0.0)) or 1.0
    return (-largest if signed else 0.0), largest


def is_signed(values: Array) -> bool:
    """Whether any finite value is below zero."""
    return bool(np.any(values < 0, where=np.isfinite(values)))


def heatmap(
    cells: Array, facts: Array, *, limits: tuple[float, float], signed: bool, name: str, hover: str, dark: bool
) -> dict[str, Any]:
    """Cells (R, C) in colour, with a colour bar called ``name`` below.

    hover: Plotly's hover template, which may refer to ``facts`` (R, C, n) as ``customdata``. The facts should not
    repeat the cells: megabytes of them keep a browser busy for seconds.
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
            # Horizontal, below on the left: a vertical one would stand far away from a narrow heat map.
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
    """Texts at (x, y) as one trace, because hundreds of annotations are slow. position: Plotly's, as "top right"."""
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
    """Layout for square cells, rows downwards, without ticks: hover shows rows and columns."""
    bare = {"showgrid": False, "showticklabels": False, "ticks": "", "constrain": "domain"}
    return {
        "xaxis": {**bare, "range": [-0.5, shape[1] - 0.5], "constraintoward": "left"},
        "yaxis": {**bare, "range": [shape[0] - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "top"},
        "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": TITLE, "b": BAR},
    }
