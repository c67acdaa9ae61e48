"""The classic kernels of image processing, by hand, of every size that they are known in: to compare learnt ones with.

Every kernel is a square of whole numbers over a divisor. Nothing is convolved here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from models.errors import N_

Square = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ClassicKernel:
    """name: English catalogue entry. values: (k, k) float32."""

    name: str
    values: Square


def classic_kernels(size: int) -> tuple[ClassicKernel, ...]:
    """Those known for a window of ``size`` pixels; the first for every size is the one that changes least.

    >>> [kernel.name for kernel in classic_kernels(2)]
    ['Box blur', 'Gaussian blur']
    """
    return tuple(ClassicKernel(name, made(size)) for name, fits, made in _MAKERS if fits(size))


def _square(rows: npt.ArrayLike) -> Square:
    return np.asarray(rows, dtype=np.float32)


def _identity(size: int) -> Square:
    made = np.zeros((size, size), np.float32)
    made[size // 2, size // 2] = 1
    return made


def _box(size: int) -> Square:
    return np.full((size, size), 1 / size**2, np.float32)


def _binomial(size: int) -> npt.NDArray[np.float64]:
    """Row ``size`` of Pascal's triangle, which nears the bell curve: 1 2 1, 1 4 6 4 1."""
    return np.array([comb(size - 1, place) for place in range(size)], np.float64)


def _gauss(size: int) -> Square:
    row = _binomial(size)
    return _square(np.outer(row, row) / row.sum() ** 2)


def _slope(size: int) -> npt.NDArray[np.float64]:
    """−1 0 1 for three, −1 −2 0 2 1 for five: the difference of neighbours, smoothed."""
    short = _binomial(size - 2)
    return np.convolve(short, np.array([-1.0, 0.0, 1.0]))


def _sobel_down(size: int) -> Square:
    """Bright below and dark above gives a positive number: it finds horizontal edges."""
    return _square(np.outer(_slope(size), _binomial(size)))


def _sobel_right(size: int) -> Square:
    return _square(_sobel_down(size).T)


def _edge_down(size: int) -> Square:
    """Prewitt's: rows above taken from rows below, all columns alike."""
    return _square(np.outer(np.sign(np.arange(size) - size // 2), np.ones(size)))


def _edge_right(size: int) -> Square:
    return _square(_edge_down(size).T)


def _line(size: int) -> Square:
    """A bright line on the diagonal, from top left to bottom right."""
    made = np.full((size, size), -1.0)
    np.fill_diagonal(made, size - 1)
    return _square(made)


def _laplace(size: int) -> Square:
    """The centre against all its neighbours; flat areas give zero."""
    if size == 3:
        return _square([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    return _square([[0, 0, 1, 0, 0], [0, 1, 2, 1, 0], [1, 2, -16, 2, 1], [0, 1, 2, 1, 0], [0, 0, 1, 0, 0]])


def _sharpen(size: int) -> Square:
    """Twice the picture less its blurred self (five), or the usual cross (three)."""
    if size == 3:
        return _square([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    return _square(2 * _identity(size) - _gauss(size))


def _emboss(size: int) -> Square:
    """Light from the top left: what rises towards it is dark, what falls away is bright."""
    along = np.arange(size) - size // 2
    made = np.clip(along[:, None] + along[None, :], -2, 2).astype(np.float64)
    made[size // 2, size // 2] = 1
    return _square(made)


def _any(size: int) -> bool:
    return size > 1


def _odd(size: int) -> bool:
    return size % 2 == 1


def _three_or_five(size: int) -> bool:
    return size in (3, 5)


_MAKERS: tuple[tuple[str, Callable[[int], bool], Callable[[int], Square]], ...] = (
    (N_("Identity"), _odd, _identity),
    (N_("Box blur"), _any, _box),
    (N_("Gaussian blur"), _any, _gauss),
    (N_("Horizontal edges (Prewitt)"), _three_or_five, _edge_down),
    (N_("Vertical edges (Prewitt)"), _three_or_five, _edge_right),
    (N_("Horizontal edges (Sobel)"), _three_or_five, _sobel_down),
    (N_("Vertical edges (Sobel)"), _three_or_five, _sobel_right),
    (N_("Laplace"), _three_or_five, _laplace),
    (N_("Sharpen"), _three_or_five, _sharpen),
    (N_("Emboss"), _three_or_five, _emboss),
    (N_("Diagonal line"), _three_or_five, _line),
)
