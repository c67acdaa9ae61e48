"""Reading a person's picture safely: its kind, its size, its transparency. One clear DataError for each fault.

Call it in a worker process: a picture may be made to exhaust the memory.
"""

import io
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from models.errors import N_, DataError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PICTURES = ("png", "jpg", "jpeg", "webp")
MOST_PIXELS = 50_000_000


def opened_picture(content: bytes, mode: str) -> "Picture":
    """A PNG, JPEG or WebP in Pillow's ``mode`` ("L" or "RGB"): turned as its camera says, on white, whole in memory.

    Raises DataError with one sentence for another kind of file, a damaged one, or more than ``MOST_PIXELS`` pixels.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, with an error of its own
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
            if prod(opened.size) > MOST_PIXELS:  # known from the header, before anything is unpacked
                raise DataError(
                    N_("The picture has {width}×{height} pixels; at most {most} million are read."),
                    width=opened.size[0],
                    height=opened.size[1],
                    most=MOST_PIXELS // 1_000_000,
                )
            turned = ImageOps.exif_transpose(opened)
            return _on_white(turned).convert(mode)
    except UnidentifiedImageError:
        raise DataError(N_("This is not a PNG, JPEG or WebP picture.")) from None
    except (OSError, SyntaxError, ValueError, IndexError) as error:
        raise DataError(N_("The picture is damaged: {reason}."), reason=error) from None


def _on_white(picture: "Picture") -> "Picture":
    """``picture`` without transparency; 16-bit greys as 8-bit ones."""
    from PIL import Image

    if picture.mode.startswith("I"):
        greys = np.asarray(picture, np.float64) / 65535 * 255
        return Image.fromarray(np.clip(greys, 0, 255).astype(np.uint8))
    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, layer)
