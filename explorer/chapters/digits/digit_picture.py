"""A photograph or drawing of a digit converted to an image like MNIST's, step by step.

Runs in a worker process, with the limits of ``models/data/pictures.py``; ``models/digits/own_digit.py`` does the last
steps. Ink is separated from paper, whichever of them is darker; of several pieces of ink one is taken for the digit.
Nothing checks that it is one: in a picture of something else, what differs most from the background counts as ink.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.chapters.digits.ink_blobs import ink_blobs
from explorer.workers.file_readers import read_input_file
from models.data.pictures import PICTURES, opened_picture
from models.digits.own_digit import as_mnist
from models.errors import N_, DataError

LONGEST_SIDE = 280  # pixels, ten for one of MNIST's
FIT_ROUNDS = 6  # after these the fitted paper changes by less than a grey level
MIN_CONTRAST = 0.08  # between paper and ink, where white is 1: less is the noise of a camera
NOISE = 4.0  # ink must be stronger than so many standard deviations of the camera's noise
FULL, FAINT = 0.7, 0.3  # shares of the strongest ink: from FULL on it counts as 1, below FAINT as 0

Greys = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DigitPicture:
    """The steps; h and w differ between them.

    grey: (h, w) 0 black to 1 white, at most 280 a side. ink: (h, w) 0 paper to 1 ink, with even lighting and full
    contrast. boxes: of the pieces of ink in it, as in ``Blob``; chosen: which of them was taken. cut, scaled: (h, w) as
    in ``AsMnist``. centred: (28, 28) uint8, 255 is ink.
    """

    grey: Greys
    ink: Greys
    cut: Greys
    scaled: Greys
    centred: NDArray[np.uint8]
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    chosen: int = 0


def read_digit(content: bytes, kind: str, chosen: int = 0) -> DigitPicture:
    """The digit in a picture. kind: the ending of the file's name. chosen: which piece of ink, the likeliest first.

    Raises DataError for any other content.
    """
    kind = kind.lower().lstrip(".")
    if kind not in PICTURES:
        raise DataError(
            N_("A file ending in {ending} cannot be a picture; it must be one of {known}."),
            ending=repr(f".{kind}"),
            known=", ".join(f".{each}" for each in PICTURES),
        )
    picture = opened_picture(content, "L")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    grey = np.asarray(picture, np.float32) / np.float32(255)
    ink = ink_of(grey)
    blobs = ink_blobs(ink)
    place = min(chosen, len(blobs) - 1)
    steps = as_mnist(blobs[place].ink if blobs else ink)
    return DigitPicture(grey, ink, steps.cut, steps.scaled, steps.centred, tuple(blob.box for blob in blobs), place)


def read_digit_safely(content: bytes, kind: str, chosen: int = 0) -> DigitPicture:
    """``read_digit`` in a worker process with limits on time and memory. Raises DataError."""
    return read_input_file(read_digit, content, kind, chosen)


def ink_of(grey: Greys) -> Greys:
    """``grey`` (h, w), 0 to 1, as ink from 0 to 1. Raises DataError for a picture without any.

    Most of the picture is taken for paper: its brightness is fitted and subtracted, and ink is what differs from it, in
    the direction of the outliers.
    """
    difference = grey - _paper(grey)
    if (difference**3).sum() < 0:  # negative skewness: a few strong values below many weak ones are dark ink
        difference = -difference
    strength = _smoothed(difference)  # so that a single bright pixel is not ink
    strongest = float(np.quantile(strength, 0.998)) if strength.size > 2_000 else float(strength.max())
    noise = _noise(difference)
    if strongest < max(MIN_CONTRAST, NOISE * noise):
        raise DataError(N_("The picture shows no ink: it is almost the same grey everywhere."))
    faint, full = max(FAINT * strongest, min(NOISE * noise, FULL / 2 * strongest)), FULL * strongest
    ink: Greys = ((difference - faint) / (full - faint)).clip(0, 1).astype(np.float32)
    return np.where(strength > faint / 2, ink, np.float32(0))


def _paper(grey: Greys) -> Greys:
    """The brightness (h, w) of the paper: a quadratic surface, fitted robustly, so that the ink does not count."""
    y, x = (np.linspace(-1, 1, side) for side in grey.shape)
    ones = np.ones_like(grey, np.float64)
    across, down = x[np.newaxis, :] * ones, y[:, np.newaxis] * ones
    terms = np.stack([ones, across, down, across * down, across**2, down**2], axis=-1).reshape(-1, 6)  # (h·w, 6)
    values, paper = grey.reshape(-1).astype(np.float64), np.full(grey.size, np.median(grey))
    for _ in range(FIT_ROUNDS):
        distance = np.abs(values - paper)
        weights = 1 / np.maximum(distance, 0.5 * np.median(distance) + 1 / 255)  # least absolute distances
        weighted = terms * weights[:, np.newaxis]
        solution = np.linalg.lstsq(weighted.T @ terms, weighted.T @ values, rcond=None)[0]
        paper = terms @ solution
    return paper.reshape(grey.shape).astype(np.float32)


def _noise(values: Greys) -> float:
    """The standard deviation of the noise, estimated from the differences of neighbours in values (h, w)."""
    steps = np.abs(np.diff(values, axis=1)) if values.shape[1] > 1 else np.zeros((1, 1))
    return float(np.median(steps)) * 1.4826 / 2**0.5  # median to deviation of a normal distribution, of a difference


def _smoothed(values: Greys) -> Greys:
    """The mean of each value (h, w) and its eight neighbours; the edge is repeated."""
    height, width = values.shape
    padded = np.pad(values, 1, mode="edge")
    total = sum(padded[i : i + height, j : j + width] for i in range(3) for j in range(3))
    return np.asarray(total / 9, np.float32)
