"""A window of the input, the kernel over it, and their products, side by side: what a convolution adds up.

A row for each channel. Each of the three columns has its own colour range, centred at zero; hover tells the numbers.
Nothing is computed here but the placing of tiles and their colours.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from explorer.figures.palette import digits, figure
from explorer.figures.tiles import PAGE, Array, axes, heatmap, texts, tile_grid
from models.errors import N_

MOST_CHANNELS = 8


@dataclass(frozen=True)
class ProductWords:
    """Words on the three columns, English; pass them translated. alt and some hold values in braces."""

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
    """What the kernel (C, H, W) sees, ``window`` (C, H, W), and the products, as rows of three tiles.

    Padding is NaN in ``window`` and stays empty; it counts as zero. Of many channels those with the largest sums are
    shown. page: pixels of width that the figure will have.
    """
    words = words or ProductWords()
    made = np.nan_to_num(window) * kernel
    channels, height, width = kernel.shape
    order = np.argsort(-np.abs(made.sum(axis=(1, 2))), kind="stable")[:MOST_CHANNELS]
    if channels > MOST_CHANNELS:
        title = f"{title} · {words.some.format(shown=len(order), all=channels)}"
    columns = [window[order], kernel[order], np.where(np.isnan(window), np.nan, made)[order]]
    tiles = np.stack(columns, axis=1).reshape(-1, height, width)  # (channels · 3, H, W)
    place = tile_grid(len(tiles), height, width, 3, page=page)
    limits = [float(np.nanmax(np.abs(one), initial=0.0)) or 1.0 for one in (window, kernel, made)]
    shares = tiles / np.tile(limits, len(order))[:, None, None]
    facts = place.places()
    channel = np.asarray(order)[np.minimum(facts[..., 0].astype(int) // 3, len(order) - 1)]
    kind = np.array([words.input, words.weight, words.product], dtype=object)[facts[..., 0].astype(int) % 3]
    hover = np.dstack([channel, facts[..., 1], facts[..., 2], place.placed(tiles), kind])
    cells = heatmap(
        place.placed(shares),
        hover,
        limits=(-1.0, 1.0),
        signed=True,
        name="",
        dark=dark,
        hover=f"{words.channel} %{{customdata[0]}}<br>{words.row} %{{customdata[1]}}, {words.column} %{{customdata[2]}}"
        "<br>%{customdata[4]} %{customdata[3]:.4g}",
    ) | {"showscale": False}
    names = [name for number in order for name in (f"{words.input} {number}", words.weight, words.product)]
    layout = dict(axes(place.shape))
    layout["margin"] = {**layout["margin"], "b": 8}
    return figure(
        [cells, texts(place.left - 0.5, place.top - 0.5, names, dark=dark, position="top right")],
        title=title,
        height=place.pixels(),
        alt=words.alt.format(
            title=title, height=height, width=width, channels=channels, total=digits(float(made.sum()))
        ),
        dark=dark,
        layout=layout,
    )
