"""Painting the frames of a film of checkpoints, and encoding them as a GIF. A chapter decides what they show.

A frame is (rows, WIDTH) uint8: places in one palette of 235 colours, for signed values, magnitudes, and text. The
text is English, because no Chinese font comes with the product.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from explorer.figures.palette import Theme, sample_scale

Array = NDArray[Any]
Pixels = NDArray[np.uint8]
SIGNED, MAGNITUDES, INKS = 119, 100, 16  # colours of a frame; the number of signed ones is odd, so that zero has one
WIDTH, MARGIN, GAP, LINE = 880, 10, 4, 22  # pixels
LAST_FRAME_SECONDS = 2.0


def film_palette(theme: Theme, paper: str) -> Pixels:
    """(235, 3) red, green and blue of all colours: signed values, magnitudes, and from ``paper`` (hex) to the text."""
    inks = ((0.0, paper), (1.0, theme.text))
    scales = ((theme.diverging, SIGNED), (theme.sequential, MAGNITUDES), (inks, INKS))
    return np.concatenate([sample_scale(scale, np.linspace(0, 1, count)) for scale, count in scales])


def encode_gif(frames: Sequence[Pixels], palette: Pixels, seconds: Sequence[float]) -> bytes:
    """An endless GIF of at least one frame, each (rows, WIDTH) places in ``palette`` (colours, 3).

    seconds: how long each stays, rounded to the hundredths that a GIF has. The last stays ``LAST_FRAME_SECONDS``.
    """
    images = []
    for frame in frames:
        image = Image.fromarray(frame)
        image.putpalette(palette.tobytes())
        images.append(image)
    milliseconds = [10 * round(100 * each) for each in (*seconds[: len(images) - 1], LAST_FRAME_SECONDS)]
    encoded = BytesIO()
    images[0].save(
        encoded, "GIF", save_all=True, append_images=images[1:], duration=milliseconds, loop=0, optimize=False
    )
    return encoded.getvalue()


def largest_magnitude(arrays: Sequence[Array]) -> float:
    """The largest finite magnitude in all arrays, 1 where that is zero."""
    return max(float(np.abs(each).max(where=np.isfinite(each), initial=0.0)) for each in arrays) or 1.0


def paint_tile(values: Array, largest: float, signed: bool, cell: int) -> Pixels:
    """Values (H, W) as (H·cell, W·cell) places in the palette; ``largest`` ends the scale. NaN is painted as zero."""
    share = np.nan_to_num(values / largest, nan=0.0, posinf=1.0, neginf=-1.0)
    places = (share + 1) / 2 * (SIGNED - 1) if signed else SIGNED + share.clip(0, 1) * (MAGNITUDES - 1)
    return np.round(places).astype(np.uint8).repeat(cell, axis=0).repeat(cell, axis=1)


def place_tile(block: Pixels, tile: Pixels, top: int, left: int) -> None:
    """Copy ``tile`` into ``block`` (rows, WIDTH) in place; what does not fit on the right is cut off."""
    block[top : top + tile.shape[0], left : left + tile.shape[1]] = tile[:, : WIDTH - left]


def blank(rows: int) -> Pixels:
    """(rows, WIDTH) of paper."""
    return np.full((rows, WIDTH), SIGNED + MAGNITUDES, np.uint8)  # the first ink is the paper


def text_line(text: str) -> Pixels:
    """(LINE, WIDTH) with ``text`` from the left margin."""
    block = blank(LINE)
    draw_text(block, text, MARGIN, 2)
    return block


def draw_text(block: Pixels, text: str, left: int, top: int) -> None:
    """Draw ``text`` into ``block`` (rows, WIDTH) in place, in shades from paper to ink."""
    image = Image.new("L", (WIDTH, len(block)))
    ImageDraw.Draw(image).text((left, top), text, fill=255, font=ImageFont.load_default(size=15))
    ink = np.asarray(image).astype(np.uint16) * (INKS - 1) // 255
    np.copyto(block, (SIGNED + MAGNITUDES + ink).astype(np.uint8), where=ink > 0)
