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

PICTURES = ("png", "jpg", "jpeg", "jfif", "webp", "heic", "heif")
MOST_PIXELS = 50_000_000


def opened_picture(content: bytes, mode: str) -> "Picture":
    """A picture in Pillow's ``mode`` ("L" or "RGB"): turned as its camera says, on white, whole in memory.

    PNG, JPEG, WebP, or HEIC as telephones write it. Where only the transparency holds anything, that is the ink.

    Raises DataError with one sentence for another kind of file, a damaged one, or more than ``MOST_PIXELS`` pixels.
    """
    import pillow_heif
    from PIL import Image, ImageOps, UnidentifiedImageError

    pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, with an error of its own
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP", "HEIF")) as opened:
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
        raise DataError(N_("This is not a PNG, JPEG, WebP or HEIC picture.")) from None
    except (OSError, SyntaxError, ValueError, IndexError) as error:
        raise DataError(N_("The picture is damaged: {reason}."), reason=error) from None


def _on_white(picture: "Picture") -> "Picture":
    """``picture`` without transparency; greys of more than 8 bits as 8-bit ones."""
    from PIL import Image

    if picture.mode.startswith("I"):
        greys = np.asarray(picture, np.float64)
        # A scanner with 12 bits leaves the upper ones of 16 empty: white is the largest number of the bits in use.
        white = next((2**bits - 1 for bits in (8, 10, 12, 14) if greys.max(initial=0) < 2**bits), 2**16 - 1)
        return Image.fromarray(np.clip(greys / white * 255, 0, 255).astype(np.uint8))
    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    composed = Image.alpha_composite(paper, layer)
    greys, opacity = np.asarray(composed.convert("L")), np.asarray(layer.getchannel("A"))
    if np.ptp(greys) == 0 and np.ptp(opacity) > 0:  # white ink on nothing
        return Image.fromarray(255 - opacity)
    return composed
