"""A window of the input, the kernel on it, and their products, side by side: what one value of a convolution adds up.

A row for each channel. Each of the three columns has its own colour range, centred at zero; hover shows the numbers.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from explorer.figures.palette import digits, figure
from explorer.figures.tiles import PAGE, Array, axes, heatmap, texts, tile_grid
from models.errors import N_

MAX_CHANNELS = 8


@dataclass(frozen=True)
class ProductWords:
    """Texts of the figure in English; pass them translated. alt and some have values in braces."""

    input: str = N_("Input")
    weight: str = N_("Weight")
    product: str = N_("Product")
    channel: str = N_("Input channel")
    row: str = N_("Row")
    column: str = N_("Column")
    some: str = N_("{shown} of {all} channels, those that add most")
    alt: str = N_(
        "{title}: windows of {height}×{width} of {channels} channels, their kernels, and the products, which add up to"
        " {total}."
    )


def products(
    window: Array, kernel: Array, *, title: str, words: ProductWords | None = None, page: int = PAGE, dark: bool = False
) -> go.Figure:
    """``window`` (C, H, W) of the input, ``kernel`` (C, H, W) and their products, as rows of three tiles.

    Padding is NaN in ``window``: it counts as zero and stays empty. Of many channels those with the largest sums are
    shown. page: width of the figure in pixels.
    """
    words = words or ProductWords()
    product = np.nan_to_num(window) * kernel
    channels, height, width = kernel.shape
    order = np.argsort(-np.abs(product.sum(axis=(1, 2))), kind="stable")[:MAX_CHANNELS]
    if channels > MAX_CHANNELS:
        title = f"{title} · {words.some.format(shown=len(order), all=channels)}"
    columns = [window[order], kernel[order], np.where(np.isnan(window), np.nan, product)[order]]
    tiles = np.stack(columns, axis=1).reshape(-1, height, width)  # (channels · 3, H, W)
    grid = tile_grid(len(tiles), height, width, 3, page=page)
    largest = [float(np.nanmax(np.abs(each), initial=0.0)) or 1.0 for each in (window, kernel, product)]
    shares = tiles / np.tile(largest, len(order))[:, None, None]
    indices = grid.cell_indices()
    number = indices[..., 0].astype(int)  # (R, C) of the tile
    channel = np.asarray(order)[np.minimum(number // 3, len(order) - 1)]
    kind = np.array([words.input, words.weight, words.product], dtype=object)[number % 3]
    facts = np.dstack([channel, indices[..., 1], indices[..., 2], grid.place_tiles(tiles), kind])  # (R, C, 5)
    cells = heatmap(
        grid.place_tiles(shares),
        facts,
        limits=(-1.0, 1.0),
        signed=True,
        name="",
        dark=dark,
        hover=f"{words.channel} %{{customdata[0]}}<br>{words.row} %{{customdata[1]}}, {words.column} %{{customdata[2]}}"
        "<br>%{customdata[4]} %{customdata[3]:.4g}",
    ) | {"showscale": False}
    names = [name for number in order for name in (f"{words.input} {number}", words.weight, words.product)]
    layout = dict(axes(grid.shape))
    layout["margin"] = {**layout["margin"], "b": 8}
    return figure(
        [cells, texts(grid.left - 0.5, grid.top - 0.5, names, dark=dark, position="top right")],
        title=title,
        height=grid.pixels(),
        alt=words.alt.format(
            title=title, height=height, width=width, channels=channels, total=digits(float(product.sum()))
        ),
        dark=dark,
        layout=layout,
    )
