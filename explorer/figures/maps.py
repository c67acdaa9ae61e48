"""Feature maps and kernels as tiles of one heatmap: small images side by side, pixels square, hover tells the number.

Nothing is computed here but the placing of tiles and their colours; the arrays come from a trace or a checkpoint.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from explorer.figures.palette import digits, figure, theme
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
AXIS = 48  # pixels beside kernels for their row numbers


@dataclass(frozen=True)
class MapWords:
    """Words on feature maps, English; pass them translated. alt holds values in braces."""

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
    """Words on kernels, English; pass them translated. alt holds values in braces."""

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

    scale: the same colours for the whole layer, or for each map its own ("map"); ``limits`` sets the colours' range
    instead, for instance that of the whole network. signed: colours centred at zero; by default where any value is
    negative. A map of nothing but zeros is crossed out and called dead, whatever the scale. side: pixels of a tile's
    longer edge at most. page: pixels of width that the figure will have; where a map has more values than pixels,
    squares of values are drawn as their mean.
    """
    words = words or MapWords()
    maps = values if values.ndim == 3 else values.reshape(-1, *values.shape[-2:])
    count, height, width = maps.shape
    signed = is_signed(maps) if signed is None else signed
    columns = max(1, min(columns or max(8 if page >= PAGE else 4, ceil(sqrt(count * 2))), count))
    place = tile_grid(count, height, width, columns, side=side, page=page)
    dead = np.flatnonzero(~maps.any(axis=(1, 2)))
    most, size = _range(maps), (height, width)
    # More numbers than pixels would only make the page heavy: each square of them becomes its mean.
    square = max(1, ceil(0.95 / place.cell))
    if square > 1:
        maps = means(maps, square)
        place = tile_grid(count, maps.shape[1], maps.shape[2], columns, side=side, page=page)
    own = scale == "map" and limits is None
    places = place.places()
    cells = heatmap(
        place.placed(_to_own_largest(maps) if own else maps),
        np.dstack([places, place.placed(maps)]) if own else places,
        limits=((-1.0 if signed else 0.0), 1.0) if own else limits or limits_of(maps, signed),
        signed=signed,
        name=words.share if own else words.value,
        hover=f"{words.map} %{{customdata[0]}}<br>{words.row} %{{customdata[1]}}, {words.column} %{{customdata[2]}}"
        f"<br>{words.value} %{{{'customdata[3]' if own else 'z'}:.4g}}"
        + (f"<br>{words.mean.format(n=square)}" if square > 1 else ""),
        dark=dark,
    )
    names = [f"{number}" for number in range(count)]
    for number in dead:
        names[number] += f" · {words.dead}"
    return figure(
        [
            cells,
            texts(place.left - 0.5, place.top - 0.5, names, dark=dark, position="top right"),
            _crosses(place, dead, dark),
        ],
        title=title,
        height=place.pixels(),
        alt=words.alt.format(
            title=title, count=count, height=size[0], width=size[1], **most, dead=", ".join(map(str, dead)) or "–"
        ),
        dark=dark,
        layout=axes(place.shape),
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

    So a column is what one feature map is made with. Colours are centred at zero. Only the first ``most`` output and
    input channels are drawn; the colours and the text alternative are those of all. Pass a slice of ``weights`` to see
    others. page: pixels of width that the figure will have.
    """
    words = words or KernelWords()
    outputs, inputs, height, width = weights.shape
    shown = weights[: most[0], : most[1]]
    columns, rows = shown.shape[:2]
    place = tile_grid(rows * columns, height, width, columns, labelled=False, side=64, page=page - AXIS)
    tiles = shown.swapaxes(0, 1).reshape(-1, height, width)
    places = place.places()
    pairs = np.concatenate([places[..., :1] % columns, places[..., :1] // columns, places[..., 1:]], axis=-1)
    cells = heatmap(
        place.placed(tiles),
        pairs,  # (R, C, 4): output channel, input channel, row, column
        limits=limits_of(weights, signed=True),
        signed=True,
        name=words.weight,
        hover=f"{words.output} %{{customdata[0]}}, {words.input} %{{customdata[1]}}<br>"
        f"{words.row} %{{customdata[2]}}, {words.column} %{{customdata[3]}}<br>{words.weight} %{{z:.4g}}",
        dark=dark,
    )
    layout = dict(axes(place.shape))
    ticks = {"showticklabels": True, "tickmode": "array"}
    layout["margin"] = {**layout["margin"], "b": BAR + 44}
    layout["xaxis"] |= ticks | {
        "tickvals": place.left[:columns] + (width - 1) / 2,
        "ticktext": [str(i) for i in range(columns)],
        "side": "bottom",
        "title": {"text": words.output},
    }
    layout["yaxis"] |= ticks | {
        "tickvals": place.top[::columns] + (height - 1) / 2,
        "ticktext": [str(i) for i in range(rows)],
        "title": {"text": words.input},
    }
    return figure(
        [cells],
        title=title,
        height=place.pixels() + 44,
        alt=words.alt.format(
            title=title, outputs=outputs, inputs=inputs, height=height, width=width, **_range(weights)
        ),
        dark=dark,
        layout=layout,
    )


def means(maps: Array, square: int) -> Array:
    """The mean of each ``square``×``square`` of maps (C, H, W); the last ones repeat the edge where it does not fit."""
    count, height, width = maps.shape
    edges = [(0, 0), (0, -height % square), (0, -width % square)]
    padded = np.pad(maps.astype(np.float32, copy=False), edges, mode="edge")
    parts = padded.reshape(count, padded.shape[1] // square, square, padded.shape[2] // square, square)
    means: Array = parts.mean(axis=(2, 4))  # (C, H/square, W/square)
    return means


def _to_own_largest(maps: Array) -> Array:
    """Each map (H, W) of (C, H, W) divided by its largest finite magnitude; a dead map stays zero."""
    largest = np.max(np.abs(maps), axis=(1, 2), keepdims=True, where=np.isfinite(maps), initial=0.0)
    scaled: Array = maps / np.where(largest > 0, largest, 1.0)
    return scaled


def _crosses(place: TileGrid, dead: Array, dark: bool) -> dict[str, Any]:
    """Both diagonals over each dead tile, as one line trace broken by gaps."""
    height, width = place.tile
    left, top = place.left[dead] - 0.5, place.top[dead] - 0.5
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


def _range(values: Array) -> dict[str, str]:
    """The least and the largest finite value, as words."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return {"least": "–", "largest": "–"}
    return {"least": digits(float(finite.min())), "largest": digits(float(finite.max()))}
