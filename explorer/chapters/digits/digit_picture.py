"""A photograph or drawing of a digit, step by step on its way to a picture like MNIST's.

Read in a worker process, with the limits of ``models/data/pictures.py`` on what a picture may be;
``models/digits/own_digit.py`` does the last steps. It finds ink on paper, whichever is darker; it does not look for a
digit, and the brightest thing in a picture of something else becomes its ink.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.workers.file_readers import read_input_file
from models.data.pictures import PICTURES, opened_picture
from models.digits.own_digit import as_mnist
from models.errors import N_, DataError

LONGEST_SIDE = 280  # pixels, ten for one of MNIST's
ROUNDS = 6  # of fitting the paper: after that it changes by less than a grey level
LEAST_CONTRAST = 0.08  # of white: less between paper and ink is the noise of a camera
NOISE = 4.0  # standard deviations of the camera's grain that ink must rise above
FULL, FAINT = 0.7, 0.3  # of the strongest ink: full ink begins at FULL, and paper ends at FAINT

Greys = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DigitPicture:
    """The steps; sides h, w differ between them.

    grey: (h, w) 0 black to 1 white, at most 280 a side. ink: (h, w) 0 paper to 1 ink, evened out and stretched.
    cut, scaled: (h, w) as ``AsMnist`` has them. centred: (28, 28) uint8, 255 is ink.
    """

    grey: Greys
    ink: Greys
    cut: Greys
    scaled: Greys
    centred: NDArray[np.uint8]


def read_digit(content: bytes, kind: str) -> DigitPicture:
    """The digit in a PNG, JPEG or WebP; kind: its name's ending. Raises DataError with one sentence."""
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
    steps = as_mnist(ink)
    return DigitPicture(grey, ink, steps.cut, steps.scaled, steps.centred)


def read_digit_safely(content: bytes, kind: str) -> DigitPicture:
    """``read_digit`` in a worker process with limits on time and memory. Raises DataError."""
    return read_input_file(read_digit, content, kind)


def ink_of(grey: Greys) -> Greys:
    """``grey`` (h, w), 0 to 1, as ink from 0 to 1. Raises DataError for a picture without any.

    Paper is what most of the picture is: its brightness is fitted and taken away, and ink is what is left on the side
    where the outliers are.
    """
    left = grey - _paper(grey)
    if (left**3).sum() < 0:  # a few strong values below many weak ones: dark ink
        left = -left
    strength = _smoothed(left)  # one bright speck is not ink
    strongest = float(np.quantile(strength, 0.998)) if strength.size > 2_000 else float(strength.max())
    noise = _grain(left)
    if strongest < max(LEAST_CONTRAST, NOISE * noise):
        raise DataError(N_("The picture shows no ink: it is almost the same grey everywhere."))
    faint, full = max(FAINT * strongest, min(NOISE * noise, FULL / 2 * strongest)), FULL * strongest
    found: Greys = ((left - faint) / (full - faint)).clip(0, 1).astype(np.float32)
    return np.where(strength > faint / 2, found, np.float32(0))


def _paper(grey: Greys) -> Greys:
    """The brightness (h, w) of the paper: a plane bent twice, fitted so that half of all pixels decide, not the ink."""
    y, x = (np.linspace(-1, 1, side) for side in grey.shape)
    one = np.ones_like(grey, np.float64)
    across, down = x[np.newaxis, :] * one, y[:, np.newaxis] * one
    terms = np.stack([one, across, down, across * down, across**2, down**2], axis=-1).reshape(-1, 6)  # (h·w, 6)
    values, paper = grey.reshape(-1).astype(np.float64), np.full(grey.size, np.median(grey))
    for _ in range(ROUNDS):
        distance = np.abs(values - paper)
        weights = 1 / np.maximum(distance, 0.5 * np.median(distance) + 1 / 255)  # least absolute distances
        weighted = terms * weights[:, np.newaxis]
        solution = np.linalg.lstsq(weighted.T @ terms, weighted.T @ values, rcond=None)[0]
        paper = terms @ solution
    return paper.reshape(grey.shape).astype(np.float32)


def _grain(values: Greys) -> float:
    """The standard deviation of the noise of single pixels: from neighbours (h, w), most of which are alike."""
    steps = np.abs(np.diff(values, axis=1)) if values.shape[1] > 1 else np.zeros((1, 1))
    return float(np.median(steps)) * 1.4826 / 2**0.5  # median to deviation of a normal distribution, of a difference


def _smoothed(values: Greys) -> Greys:
    """Each value (h, w) with its eight neighbours: their mean; the edge is repeated."""
    height, width = values.shape
    wide = np.pad(values, 1, mode="edge")
    total = sum(wide[i : i + height, j : j + width] for i in range(3) for j in range(3))
    return np.asarray(total / 9, np.float32)
