"""What the calculation of one number consists of: elements, the terms made of them, steps, and the result.

A sum may have thousands of terms, so they are kept as arrays and become ``Term`` objects when somebody asks for them.
Nothing is calculated here but totals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from explorer.trace.arithmetic.number_types import COARSE, rounded, spacing

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

Combine = Literal["sum", "max", "min", "product"]
TOLERANCE = 1e-5  # of the calculated result against the stored one in single precision, relative and absolute


@dataclass(frozen=True)
class Element:
    """One number of a tensor. padding: it lies outside the tensor, at ``index``, and stands for the edge's padding."""

    tensor: str
    index: tuple[int, ...]
    value: float
    padding: bool = False


@dataclass(frozen=True)
class Term:
    """One term of ``value``, calculated from ``left`` and ``right`` (None: from left alone)."""

    left: Element
    right: Element | None
    value: float


@dataclass(frozen=True)
class Step:
    """One line of a calculation. name: English catalogue entry; text: the arithmetic with its numbers."""

    name: str
    text: str
    value: float


@dataclass(frozen=True, eq=False)
class Operand:
    """The left or the right elements of n terms. indices: (n, rank); values: (n,); padding: (n,) bool."""

    tensor: str
    indices: Indices
    values: Floats
    padding: npt.NDArray[np.bool_]

    def element(self, position: int) -> Element:
        """The element of the term at ``position``, 0…n-1."""
        index = tuple(int(i) for i in self.indices[position])
        return Element(self.tensor, index, float(self.values[position]), bool(self.padding[position]))


@dataclass(frozen=True, eq=False)
class TermBlock:
    """n terms of the same two tensors. values: (n,) the value of each term."""

    left: Operand
    right: Operand | None
    values: Floats

    def term(self, position: int) -> Term:
        """The term at ``position``, 0…n-1."""
        right = self.right.element(position) if self.right else None
        return Term(self.left.element(position), right, float(self.values[position]))


class TermList(Sequence[Term]):
    """All terms of a calculation in order, block after block. values: (n,) float64, the value of each."""

    def __init__(self, blocks: Sequence[TermBlock]) -> None:
        self.blocks = tuple(blocks)
        self.values: Floats = np.concatenate([block.values for block in blocks] or [np.zeros(0)])
        self._ends = np.cumsum([len(block.values) for block in blocks])

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, position: int) -> Term: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, position: int | slice) -> Term | tuple[Term, ...]:
        if isinstance(position, slice):
            return tuple(self[i] for i in range(*position.indices(len(self))))
        position = range(len(self))[position]  # IndexError and negative positions as a list has them
        block = int(np.searchsorted(self._ends, position, side="right"))
        return self.blocks[block].term(position - int(self._ends[block] - len(self.blocks[block].values)))

    def __iter__(self) -> Iterator[Term]:
        return (block.term(position) for block in self.blocks for position in range(len(block.values)))


@dataclass(frozen=True)
class LargestTerms:
    """The terms that weigh most, and all others combined into ``rest``. count: how many others."""

    terms: tuple[Term, ...]
    rest: float
    count: int


@dataclass(frozen=True, eq=False)
class Calculation:
    """One output element, calculated in double precision.

    formula: the operation's as LaTeX, without the element's numbers. terms: combined by ``combine`` they give
    ``total``; ``steps`` lead from there to ``result``. stored: the element in the traced output. window: shape of the
    first block's terms, (C, *kernel) for a convolution, the kernel's for a pooling, () where they are a plain list.
    dtype: ONNX's name of the output's type; where it is one of whole numbers, result and stored are such, the result
    wrapped around.
    """

    formula: str
    terms: TermList
    combine: Combine
    total: float
    steps: tuple[Step, ...]
    result: float
    stored: float
    window: tuple[int, ...] = ()
    dtype: str = "float32"

    @property
    def agrees(self) -> bool:
        """Whether the result equals the stored value as far as the type of the output can tell.

        Single and double precision: to ``TOLERANCE``. Coarser types: a sum may have been rounded after each term, so
        that it may be off by the type's spacing of all terms together. Whole numbers: exactly, as far as a double can
        tell, in which onnxruntime works some of them out. A number that is too large for the type agrees with its
        infinity.
        """
        if isinstance(self.result, int):
            return float(self.result) == float(self.stored)
        if not np.isfinite(self.stored):
            return any(
                bool(np.array_equal(candidate, self.stored, equal_nan=True))
                for candidate in (self.result, rounded(self.result, self.dtype))
            )
        allowed = TOLERANCE * (1 + abs(self.stored))
        if spacing(self.dtype) > COARSE:
            terms = float(np.abs(self.terms.values).sum()) if self.combine == "sum" else 0.0
            allowed = max(allowed, spacing(self.dtype) * max(abs(self.stored), terms))
        return any(
            bool(np.isclose(candidate, self.stored, rtol=0, atol=allowed, equal_nan=True))
            for candidate in (self.result, rounded(self.result, self.dtype))
        )

    def largest(self, count: int) -> LargestTerms:
        """The ``count`` terms that weigh most, the heaviest first, and the rest as one number.

        For a sum or product the terms of largest magnitude, for a maximum the largest, for a minimum the smallest.
        """
        values = self.terms.values
        sort_keys = {"max": -values, "min": values}.get(self.combine, -np.abs(values))
        order = np.argsort(sort_keys, kind="stable")
        rest = values[order[count:]]
        return LargestTerms(tuple(self.terms[int(i)] for i in order[:count]), combined(rest, self.combine), len(rest))


def combined(values: Floats, how: Combine) -> float:
    """``values`` as one number; of none the sum is 0, the product 1, the maximum −∞ and the minimum ∞.

    >>> combined(np.array([2.0, -3.0]), "product"), combined(np.array([]), "max")
    (-6.0, -inf)
    """
    if how == "max":
        return float(values.max(initial=-np.inf))
    if how == "min":
        return float(values.min(initial=np.inf))
    return float(values.prod() if how == "product" else values.sum())


def number_text(value: float) -> str:
    """A number within a step's text: six significant digits, in brackets where it is negative.

    >>> number_text(-0.5), number_text(3.0)
    ('(−0.5)', '3')
    """
    text = f"{value:.6g}".replace("-", "−")
    return f"({text})" if text.startswith("−") else text
