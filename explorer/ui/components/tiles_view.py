"""Small pictures side by side, as a part of a page: feature maps, kernels, digits, masks. Hover tells their numbers.

What the pictures mean is not known here. Only their colours are computed, in the browser (``lab/tiles_view.js``).
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from explorer.ui.components.component import colour_scales, packed, register, translated
from explorer.ui.frame.charts import data_button, is_dark
from explorer.web.words import TILE_WORDS

PAPER = ("#ffffff", "#15181e")
"""The paper and the ink; a dark page has them the other way round."""

WIDE = 32  # units in a row of a tile
MOST_KERNELS = (32, 16)  # output and input channels that are drawn

_tiles = register("tiles", html='<div class="lab"></div>', styles=("lab/controls", "lab/tiles_view"))


@dataclass(frozen=True, eq=False)
class Sheet:
    """Pictures of one kind.

    title: above them. tiles: (T, H, W). captions: a short text below each tile, '' for none; () for none at all.
    scale: colours over the range of each tile, of the whole sheet, or over (low, high). signed: colours centred at
    zero; None: where any value is negative. marks: tiles that are dead, drawn as an empty tile with a cross. side:
    pixels of a tile's longer edge. columns: tiles in a row, 0 to fill the page's width. paper: pictures of ink (0 … 1)
    on paper, without a colour bar. chosen: the tile with a frame. missing: what the hover says of a NaN, which has no
    colour. names: what the hover calls each tile; (): the title and its number. least: pixels of a tile's shorter edge
    at least. step: rows and columns that a cell stands for. flat: cells are counted on from row to row. note: what the
    hover adds to a value. first: the number that the hover gives to the first row, column and position: 1, or 0 where
    they are indices.
    """

    title: str
    tiles: npt.NDArray[Any]
    captions: Sequence[str] = ()
    scale: Literal["tile", "sheet"] | tuple[float, float] = "sheet"
    signed: bool | None = None
    marks: AbstractSet[int] = frozenset()
    side: int = 64
    columns: int = 0
    paper: bool = False
    chosen: int | None = None
    missing: str = ""
    names: Sequence[str] = ()
    least: int = 0
    step: tuple[int, int] = (1, 1)
    flat: bool = False
    note: str = ""
    first: int = 1

    def __post_init__(self) -> None:
        if self.tiles.ndim != 3:
            raise ValueError(f"tiles are (T, H, W), not {self.tiles.shape}")
        if self.captions and len(self.captions) != len(self.tiles):
            raise ValueError(f"{len(self.captions)} captions for {len(self.tiles)} tiles")


def units_tile(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """A long vector (…, N) as rows of 32: (…, rows, 32), filled up with NaN."""
    count = values.shape[-1]
    rows = -(-count // WIDE)
    filled = np.full((*values.shape[:-1], rows * WIDE), np.nan, np.float32)
    filled[..., :count] = values
    return filled.reshape(*values.shape[:-1], rows, WIDE)


def kernel_tiles(weight: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int]:
    """(O, I, h, w) → a row of tiles (T, h, w) for each input channel, a column for each output; and how many columns.

    At most ``MOST_KERNELS`` output and input channels.
    """
    shown = weight[: MOST_KERNELS[0], : MOST_KERNELS[1]]
    return shown.swapaxes(0, 1).reshape(-1, *weight.shape[2:]), len(shown)


def tiles_view(
    sheets: Sequence[Sheet],
    *,
    key: str,
    picked: Callable[[int, int], None] | None = None,
    beside: bool = False,
    shown: str = "",
    data: Callable[[], pd.DataFrame] | None = None,
) -> None:
    """Draw ``sheets`` one below the other, or ``beside`` each other where there is room.

    picked: called with the place of a sheet and of its tile before the rerun that a click on a tile causes; None: a
    click does nothing. shown: names what is drawn, for whoever waits for it. data: makes the pictures' table, which
    stands behind a button below them.
    """
    sizes = [len(sheet.tiles) for sheet in sheets]

    def receive() -> None:
        pick = st.session_state.get(key, {}).get("picked")
        if picked is not None and isinstance(pick, list) and len(pick) == 2:
            sheet, tile = (value if isinstance(value, int) else -1 for value in pick)
            if 0 <= sheet < len(sizes) and 0 <= tile < sizes[sheet]:
                picked(sheet, tile)

    _tiles(
        key=key,
        data={
            "sheets": [_plain(sheet) for sheet in sheets],
            "pickable": picked is not None,
            "beside": beside,
            "colours": colour_scales(),
            "paper": _paper(),
            "words": translated(TILE_WORDS),
            "shown": shown,
        },
        on_picked_change=receive,
    )
    if data is not None:
        data_button(key, data)


def _paper() -> list[list[float | str]]:
    none, full = reversed(PAPER) if is_dark() else PAPER
    return [[0.0, none], [1.0, full]]


def _plain(sheet: Sheet) -> dict[str, Any]:
    limits = (0.0, 1.0) if sheet.paper and sheet.scale == "sheet" else sheet.scale
    signed = bool(np.any(sheet.tiles < 0)) if sheet.signed is None else sheet.signed
    return {
        "title": sheet.title,
        "tiles": packed(sheet.tiles),
        "captions": list(sheet.captions),
        "side": sheet.side,
        "own": limits == "tile",
        "limits": list(limits) if isinstance(limits, tuple) else None,
        "signed": signed and not sheet.paper,
        "marks": sorted(sheet.marks),
        "columns": sheet.columns,
        "paper": sheet.paper,
        "chosen": sheet.chosen,
        "missing": sheet.missing,
        "names": list(sheet.names),
        "least": sheet.least,
        "step": list(sheet.step),
        "flat": sheet.flat,
        "note": sheet.note,
        "first": sheet.first,
    }
