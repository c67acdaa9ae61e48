"""Feature maps and kernels as tiles of one heat map: small images side by side, with square cells and values on hover.

Only the places of the tiles and their colours are computed here; the arrays come from a trace or a checkpoint.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from explorer.figures.layout import NO_NUMBER, range_texts
from explorer.figures.palette import figure, theme
from explorer.figures.tiles import (
    BAR,
    PAGE,
    TILE,
    Array,
    TileGrid,
    axes,
    heatmap,
    is_signed,
    limits_of,
    texts,
    tile_grid,
)
from models.errors import N_

Scale = Literal["map", "layer"]
AXIS_WIDTH = 48  # pixels beside kernels for their row numbers
KERNEL_AXIS_HEIGHT = 44  # pixels below kernels for their column numbers


@dataclass(frozen=True)
class MapWords:
    """Texts of the figure in English; pass them translated. alt and mean have values in braces."""

    map: str = N_("Map")
    row: str = N_("Row")
    column: str = N_("Column")
    value: str = N_("Value")
    dead: str = N_("dead")
    share: str = N_("Share of its peak")
    mean: str = N_("Each point is the mean of {n}×{n} values.")
    alt: str = N_("{title}: {count} maps of {height}×{width}, values from {least} to {largest}; dead maps: {dead}.")


@dataclass(frozen=True)
class KernelWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    output: str = N_("Output channel")
    input: str = N_("Input channel")
    row: str = N_("Row")
    column: str = N_("Column")
    weight: str = N_("Weight")
    alt: str = N_("{title}: {outputs}×{inputs} kernels of {height}×{width}, weights from {least} to {largest}.")


def feature_maps(
    values: Array,
    *,
    title: str,
    words: MapWords | None = None,
    scale: Scale = "layer",
    signed: bool | None = None,
    limits: tuple[float, float] | None = None,
    columns: int | None = None,
    side: float = TILE,
    page: int = PAGE,
    dark: bool = False,
) -> go.Figure:
    """Feature maps (C, H, W) as numbered tiles; (H, W) is one map.

    scale: one range of colours for the whole layer, or one for each map ("map"); ``limits`` sets the range instead, for
    instance that of the whole network. signed: colours centred at zero; by default where any value is negative. A map
    of zeros only is crossed out and called dead, whatever the scale. columns: tiles in a row. side: longer edge of a
    tile in pixels, at most. page: width of the figure in pixels; where a map has more values than pixels, squares of
    values are drawn as their mean.
    """
    words = words or MapWords()
    maps = values if values.ndim == 3 else values.reshape(-1, *values.shape[-2:])
    count, height, width = maps.shape
    signed = is_signed(maps) if signed is None else signed
    columns = max(1, min(columns or max(8 if page >= PAGE else 4, ceil(sqrt(count * 2))), count))
    grid = tile_grid(count, height, width, columns, side=side, page=page)
    dead = np.flatnonzero(~maps.any(axis=(1, 2)))
    least, largest = range_texts(maps)
    # More numbers than pixels would only make the page heavy: each square of them becomes its mean.
    square = max(1, ceil(0.95 / grid.cell))
    if square > 1:
        maps = means(maps, square)
        grid = tile_grid(count, maps.shape[1], maps.shape[2], columns, side=side, page=page)
    names = [f"{number} · {words.dead}" if number in dead else f"{number}" for number in range(count)]
    cells = _map_cells(grid, maps, scale == "map" and limits is None, signed, limits, square, words, dark)
    return figure(
        [
            cells,
            texts(grid.left - 0.5, grid.top - 0.5, names, dark=dark, position="top right"),
            _crosses(grid, dead, dark),
        ],
        title=title,
        height=grid.pixels(),
        alt=words.alt.format(
            title=title,
            count=count,
            height=height,
            width=width,
            least=least,
            largest=largest,
            dead=", ".join(map(str, dead)) or NO_NUMBER,
        ),
        dark=dark,
        layout=axes(grid.shape),
    )


def _map_cells(
    grid: TileGrid,
    maps: Array,
    scaled_to_own: bool,
    signed: bool,
    limits: tuple[float, float] | None,
    square: int,
    words: MapWords,
    dark: bool,
) -> dict[str, Any]:
    """The heat map of ``maps`` (C, H, W), whose values are means of ``square``×``square`` values.

    scaled_to_own: each map is drawn as shares of its own largest magnitude; hover then needs the values besides.
    """
    indices = grid.cell_indices()
    values = grid.place_tiles(maps)
    colour_limits = ((-1.0 if signed else 0.0), 1.0) if scaled_to_own else limits or limits_of(maps, signed)
    mean = f"<br>{words.mean.format(n=square)}" if square > 1 else ""
    return heatmap(
        grid.place_tiles(_to_own_largest(maps)) if scaled_to_own else values,
        np.dstack([indices, values]) if scaled_to_own else indices,
        limits=colour_limits,
        signed=signed,
        name=words.share if scaled_to_own else words.value,
        hover=f"{words.map} %{{customdata[0]}}<br>{words.row} %{{customdata[1]}}, {words.column} %{{customdata[2]}}"
        f"<br>{words.value} %{{{'customdata[3]' if scaled_to_own else 'z'}:.4g}}{mean}",
        dark=dark,
    )


def kernels(
    weights: Array,
    *,
    title: str,
    words: KernelWords | None = None,
    most: tuple[int, int] = (32, 16),
    page: int = PAGE,
    dark: bool = False,
) -> go.Figure:
    """Kernels (O, I, kH, kW) as tiles: a row for each input channel, a column for each output channel.

    So a column holds the kernels of one feature map. Colours are centred at zero. Only the first ``most`` output and
    input channels are drawn, but the colour range and the text alternative are those of all: pass a slice of
    ``weights`` to see others. page: width of the figure in pixels.
    """
    words = words or KernelWords()
    outputs, inputs, height, width = weights.shape
    shown = weights[: most[0], : most[1]]
    columns, rows = shown.shape[:2]
    grid = tile_grid(rows * columns, height, width, columns, labelled=False, side=64, page=page - AXIS_WIDTH)
    tiles = shown.swapaxes(0, 1).reshape(-1, height, width)  # (I·O, kH, kW)
    indices = grid.cell_indices()
    channels = [indices[..., :1] % columns, indices[..., :1] // columns]
    cells = heatmap(
        grid.place_tiles(tiles),
        np.concatenate([*channels, indices[..., 1:]], axis=-1),  # (R, C, 4): output and input channel, row, column
        limits=limits_of(weights, signed=True),
        signed=True,
        name=words.weight,
        hover=f"{words.output} %{{customdata[0]}}, {words.input} %{{customdata[1]}}<br>"
        f"{words.row} %{{customdata[2]}}, {words.column} %{{customdata[3]}}<br>{words.weight} %{{z:.4g}}",
        dark=dark,
    )
    layout = dict(axes(grid.shape))
    ticks = {"showticklabels": True, "tickmode": "array"}
    layout["margin"] = {**layout["margin"], "b": BAR + KERNEL_AXIS_HEIGHT}
    layout["xaxis"] |= ticks | {
        "tickvals": grid.left[:columns] + (width - 1) / 2,
        "ticktext": [str(i) for i in range(columns)],
        "side": "bottom",
        "title": {"text": words.output},
    }
    layout["yaxis"] |= ticks | {
        "tickvals": grid.top[::columns] + (height - 1) / 2,
        "ticktext": [str(i) for i in range(rows)],
        "title": {"text": words.input},
    }
    least, largest = range_texts(weights)
    return figure(
        [cells],
        title=title,
        height=grid.pixels() + KERNEL_AXIS_HEIGHT,
        alt=words.alt.format(
            title=title, outputs=outputs, inputs=inputs, height=height, width=width, least=least, largest=largest
        ),
        dark=dark,
        layout=layout,
    )


def means(maps: Array, square: int) -> Array:
    """The mean of each ``square``×``square`` of maps (C, H, W): (C, H/square, W/square), rounded up.

    Where ``square`` does not divide H or W, the last means repeat the edge.
    """
    count, height, width = maps.shape
    edges = [(0, 0), (0, -height % square), (0, -width % square)]
    padded = np.pad(maps.astype(np.float32, copy=False), edges, mode="edge")
    parts = padded.reshape(count, padded.shape[1] // square, square, padded.shape[2] // square, square)
    reduced: Array = parts.mean(axis=(2, 4))
    return reduced


def _to_own_largest(maps: Array) -> Array:
    """Each map (H, W) of (C, H, W) divided by its largest finite magnitude; a map of zeros stays zero."""
    largest = np.max(np.abs(maps), axis=(1, 2), keepdims=True, where=np.isfinite(maps), initial=0.0)
    scaled: Array = maps / np.where(largest > 0, largest, 1.0)
    return scaled


def _crosses(grid: TileGrid, dead: Array, dark: bool) -> dict[str, Any]:
    """Both diagonals over each tile whose number is in ``dead``, as one line trace broken by gaps."""
    height, width = grid.tile
    left, top = grid.left[dead] - 0.5, grid.top[dead] - 0.5
    right, bottom, gap = left + width, top + height, np.full(len(dead), np.nan)
    x = np.column_stack([left, right, gap, left, right, gap]).ravel()
    y = np.column_stack([top, bottom, gap, bottom, top, gap]).ravel()
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": theme(dark).muted, "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }
