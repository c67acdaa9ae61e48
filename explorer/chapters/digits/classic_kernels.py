"""The classic kernels of image processing in their usual sizes, for comparison with learnt ones."""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from models.errors import N_

Square = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ClassicKernel:
    """name: a catalogue text. values: (k, k) float32."""

    name: str
    values: Square


def classic_kernels(size: int) -> tuple[ClassicKernel, ...]:
    """The kernels of ``size``×``size`` pixels; the first one changes an image least.

    >>> [kernel.name for kernel in classic_kernels(2)]
    ['Box blur', 'Gaussian blur']
    """
    return tuple(ClassicKernel(name, kernel(size)) for name, has_size, kernel in _KERNELS if has_size(size))


def _square(rows: npt.ArrayLike) -> Square:
    return np.asarray(rows, dtype=np.float32)


def _identity(size: int) -> Square:
    kernel = np.zeros((size, size), np.float32)
    kernel[size // 2, size // 2] = 1
    return kernel


def _box(size: int) -> Square:
    return np.full((size, size), 1 / size**2, np.float32)


def _binomial(size: int) -> npt.NDArray[np.float64]:
    """(size,) row of Pascal's triangle, which approximates a Gaussian: 1 2 1, 1 4 6 4 1."""
    return np.array([comb(size - 1, place) for place in range(size)], np.float64)


def _gauss(size: int) -> Square:
    row = _binomial(size)
    return _square(np.outer(row, row) / row.sum() ** 2)


def _slope(size: int) -> npt.NDArray[np.float64]:
    """(size,) −1 0 1 for three, −1 −2 0 2 1 for five: the difference of neighbours, smoothed."""
    return np.convolve(_binomial(size - 2), np.array([-1.0, 0.0, 1.0]))


def _sobel_down(size: int) -> Square:
    """Positive where it is bright below and dark above: horizontal edges."""
    return _square(np.outer(_slope(size), _binomial(size)))


def _sobel_right(size: int) -> Square:
    return _square(_sobel_down(size).T)


def _edge_down(size: int) -> Square:
    """Prewitt's: the sum of the rows below minus that of the rows above."""
    return _square(np.outer(np.sign(np.arange(size) - size // 2), np.ones(size)))


def _edge_right(size: int) -> Square:
    return _square(_edge_down(size).T)


def _line(size: int) -> Square:
    """A bright line on the diagonal, from top left to bottom right."""
    kernel = np.full((size, size), -1.0)
    np.fill_diagonal(kernel, size - 1)
    return _square(kernel)


def _laplace(size: int) -> Square:
    """The difference between the neighbours and the centre; zero in areas of one grey."""
    if size == 3:
        return _square([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    return _square([[0, 0, 1, 0, 0], [0, 1, 2, 1, 0], [1, 2, -16, 2, 1], [0, 1, 2, 1, 0], [0, 0, 1, 0, 0]])


def _sharpen(size: int) -> Square:
    """Twice the image minus the blurred image (five), or the usual cross (three)."""
    if size == 3:
        return _square([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    return _square(2 * _identity(size) - _gauss(size))


def _emboss(size: int) -> Square:
    """Relief lit from the bottom right: the difference along the diagonal, added to the image."""
    offset = np.arange(size) - size // 2
    kernel = np.clip(offset[:, None] + offset[None, :], -2, 2).astype(np.float64)
    kernel[size // 2, size // 2] = 1
    return _square(kernel)


def _any(size: int) -> bool:
    return size > 1


def _odd(size: int) -> bool:
    return size % 2 == 1


def _three_or_five(size: int) -> bool:
    return size in (3, 5)


_KERNELS: tuple[tuple[str, Callable[[int], bool], Callable[[int], Square]], ...] = (
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
