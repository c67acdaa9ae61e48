"""An array of any shape as tiles: a tile for each feature map or kernel, one tile for a matrix or a vector."""

from math import inf, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.figures.maps import KernelWords, MapWords, means
from explorer.figures.matrix import MAX_CELLS, MatrixWords, blocks
from explorer.figures.tiles import limits_of
from explorer.ui.components.tiles_view import Sheet, kernel_tiles, units_tile
from explorer.ui.frame.labels import Translate
from explorer.ui.frame.language import gettext

WIDTH = 320  # pixels: the inspector is a third of the page
GAP = 7  # pixels between two tiles
SIDES = ((2, 140), (4, 84), (24, 64), (inf, 46))  # up to so many maps, pixels of each
MOST_UNITS = 8192  # of a long vector


def arranged(values: NDArray[Any], kernels: bool = False) -> NDArray[Any]:
    """An array of at most three axes, or (O, I, h, w) where it holds ``kernels``.

    Of other arrays with more axes those of length 1 go, and then all but the last two become one: an LSTM's output
    (L, 1, 1, N) is a matrix (L, N), a batch of maps (B, C, H, W) is (B·C, H, W).
    """
    if values.ndim <= 3 or (kernels and values.ndim == 4):
        return values
    squeezed = values.squeeze()
    return squeezed if squeezed.ndim <= 3 else squeezed.reshape(prod(squeezed.shape[:-2]), *squeezed.shape[-2:])


def array_tiles(values: NDArray[Any], title: str, *, signed: bool | None = None, kernels: bool = False) -> Sheet:
    """A tile for each kernel of (O, I, h, w) or each map of (C, H, W); one tile for an array of any other shape.

    Of many kernels the first are shown, as ``kernel_tiles`` gives them, and of a long vector the first ``MOST_UNITS``
    values. Cells of large maps are means, cells of large matrices the largest values. signed: colours centred at zero;
    None: where any value is negative. kernels: an array of four axes holds kernels; else see ``arranged``.
    """
    _ = gettext()
    values = arranged(values, kernels)
    if values.ndim == 4:
        return _kernels(values, _)
    if values.ndim == 3 and min(values.shape[-2:]) > 1:
        return _maps(values, title, signed, _)
    if values.ndim == 2 and min(values.shape) > 1:
        return _matrix(values, title, _)
    note = _("The first {n} values.").format(n=f"{MOST_UNITS:,}") if values.size > MOST_UNITS else ""
    tile = units_tile(values.ravel()[:MOST_UNITS])[np.newaxis]
    return Sheet("", tile, side=WIDTH, columns=1, names=(title,), flat=True, note=note, first=0)


def _maps(values: NDArray[Any], title: str, signed: bool | None, _: Translate) -> Sheet:
    count, height, width = values.shape  # (C, H, W)
    names = [f"{_(MapWords.map)} {number}" for number in range(count)] if count > 1 else [title]
    dead = frozenset(np.flatnonzero(~values.any(axis=(1, 2))).tolist())
    side = next(side for most, side in SIDES if count <= most)
    # More numbers than pixels would only make the page heavy: each square of them becomes its mean.
    square = max(1, round(max(height, width) / side))
    return Sheet(
        "",
        means(values, square) if square > 1 else values,
        [str(number) for number in range(count)],
        signed=signed,
        side=side,
        step=(square, square),
        marks=dead,
        names=names,
        first=0,
        note=_(MapWords.mean).format(n=square) if square > 1 else "",
    )


def _kernels(values: NDArray[Any], _: Translate) -> Sheet:
    tiles, outputs = kernel_tiles(values)  # (I·O, H, W): a row of tiles for each input channel
    channels = [divmod(number, outputs) for number in range(len(tiles))] if outputs else []
    return Sheet(
        "",
        tiles,
        scale=limits_of(values, signed=True),
        signed=True,
        side=max(16, min(44, WIDTH // max(1, outputs) - GAP)),
        columns=outputs,
        names=[
            f"{_(KernelWords.output)} {output_channel}, {_(KernelWords.input)} {input_channel}"
            for input_channel, output_channel in channels
        ],
        first=0,
    )


def _matrix(values: NDArray[Any], title: str, _: Translate) -> Sheet:
    rows, columns = values.shape  # (H, W)
    step = -(-rows // MAX_CELLS), -(-columns // MAX_CELLS)
    note = _(MatrixWords.largest) + " · " + _(MatrixWords.blocks).format(height=step[0], width=step[1])
    cells = blocks(np.asarray(values, np.float64), step)
    return Sheet(
        "",
        cells[np.newaxis],
        side=WIDTH,
        columns=1,
        least=48,
        names=(title,),
        step=step,
        note=note if step != (1, 1) else "",
        first=0,
    )
