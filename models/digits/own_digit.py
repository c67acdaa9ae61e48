"""A digit of a person's own: made as MNIST's were, and written into an address.

LeCun, Bottou, Bengio and Haffner 1998, section III.A: the ink is cut out, scaled into 20 × 20 pixels with its
proportions kept, and laid into 28 × 28 with its centre of mass in the middle. ``as_mnist`` does that and keeps each
step to be looked at. Where the ink comes from (a canvas, a photograph) is not known here.
"""

import base64
import binascii
import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import N_, DataError
from models.text import shortened

OWN = "own/"  # how the key of an own digit begins
LONGEST_KEY = 1_200  # characters; 784 bytes that cannot be compressed need 1,064
SIDE = 28
BOX = 20  # pixels: the longer side of the ink
MIDDLE = 14  # the row and column, counted from 0, of the pixel that holds the centre of mass: so it is in MNIST's files
FAINTEST = 0.1  # ink that is fainter counts as paper when the box is cut

Pixels = NDArray[np.uint8]
Ink = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AsMnist:
    """The steps from a drawing to a picture like MNIST's; 0 is paper and 1 (255) is ink.

    cut: (h, w) the ink's box. scaled: the same, its longer side 20 pixels. centred: (28, 28) uint8.
    """

    cut: Ink
    scaled: Ink
    centred: Pixels


def as_mnist(ink: NDArray[np.floating]) -> AsMnist:
    """``ink`` (H, W), 0 paper to 1 full ink, as MNIST would have stored it; raises DataError where there is no ink.

    A whole number of pixels is the nearest that the centre of mass comes to the middle, and nothing is pushed over the
    edge for it.
    """
    clipped = np.clip(np.nan_to_num(np.asarray(ink, np.float32)), 0, 1)
    rows, columns = (np.flatnonzero((clipped > FAINTEST).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise DataError(N_("There is no ink in the picture: draw a digit first, darker or lighter than the paper."))
    cut = clipped[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scaled = _scaled(cut)
    top, left = (_offset(scaled.sum(axis=axis)) for axis in (1, 0))
    centred = np.zeros((SIDE, SIDE), np.uint8)
    height, width = scaled.shape
    centred[top : top + height, left : left + width] = np.round(scaled * 255)
    return AsMnist(cut, scaled, centred)


def _scaled(cut: Ink) -> Ink:
    """``cut`` (h, w) with its longer side ``BOX`` pixels; a pixel is the mean of the area that it covers."""
    height, width = (max(1, round(side * BOX / max(cut.shape))) for side in cut.shape)
    resized: Ink = (_shares(height, cut.shape[0]) @ cut @ _shares(width, cut.shape[1]).T).clip(0, 1)
    return resized


def _shares(new: int, old: int) -> Ink:
    """(new, old): the share of each old pixel in each new one, where both divide the same length; rows sum to 1."""
    edges, places = np.linspace(0, old, new + 1)[:, np.newaxis], np.arange(old)
    covered = np.minimum(edges[1:], places + 1) - np.maximum(edges[:-1], places)  # in old pixels, negative: apart
    return (covered.clip(0) * (new / old)).astype(np.float32)


def _offset(ink: NDArray[np.floating]) -> int:
    """Where a strip of ink sums (n,) begins, so that its centre of mass is within half a pixel of ``MIDDLE``."""
    centre = float((ink * np.arange(len(ink))).sum() / ink.sum())
    return int(np.clip(round(MIDDLE - centre), 0, SIDE - len(ink)))


def own_key(pixels: Pixels) -> str:
    """The picture (28, 28) uint8 itself as a sample's key: ``own/`` and letters that may stand in an address."""
    if pixels.shape != (SIDE, SIDE) or pixels.dtype != np.uint8:
        raise ValueError(f"an own digit is 28 × 28 uint8, not {pixels.shape} {pixels.dtype}")
    packed = zlib.compress(pixels.tobytes(), 9)  # what cannot be compressed is stored, 11 bytes longer
    return OWN + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def own_pixels(key: str) -> Pixels:
    """The picture (28, 28) uint8 that ``own_key`` wrote; raises DataError for anything else.

    However the key was made, no more is unpacked than a picture holds.
    """
    match = re.fullmatch(re.escape(OWN) + r"([A-Za-z0-9_-]+)", key) if len(key) <= LONGEST_KEY else None
    content = None if match is None else _unpacked(match[1])
    if content is None or len(content) != SIDE * SIDE:
        quoted = repr(shortened(key, 40, keep="start"))
        raise DataError(N_("There is no own digit {key}: its address is cut off or was changed."), key=quoted)
    return np.frombuffer(bytearray(content), np.uint8).reshape(SIDE, SIDE)


def _unpacked(text: str) -> bytes | None:
    """The bytes in ``text``, at most one more than a picture has; None where it is not whole."""
    unpacker = zlib.decompressobj()
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        content = unpacker.decompress(packed, SIDE * SIDE + 1)
    except (binascii.Error, zlib.error):
        return None
    return content if unpacker.eof and not unpacker.unused_data else None
