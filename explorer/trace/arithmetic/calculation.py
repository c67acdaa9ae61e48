"""What a worked number consists of: elements, the terms made of them, steps, and the result. Nothing is computed here.

A sum may have thousands of terms, so they are kept as arrays and become ``Term`` objects when somebody asks for one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

Combine = Literal["sum", "max", "min", "product"]
TOLERANCE = 1e-5  # of the worked result against the stored one, relative and absolute


@dataclass(frozen=True)
class Element:
    """One number of a tensor. padding: it lies outside the tensor, at ``index``, and only stands for the edge."""

    tensor: str
    index: tuple[int, ...]
    value: float
    padding: bool = False


@dataclass(frozen=True)
class Term:
    """One term. left and right: what it was made of (right None: of left alone). value: what it adds."""

    left: Element
    right: Element | None
    value: float


@dataclass(frozen=True)
class Step:
    """One line of the work. name: English catalogue entry; text: the arithmetic with its numbers; value: its result."""

    name: str
    text: str
    value: float


@dataclass(frozen=True, eq=False)
class Operand:
    """The left or the right elements of n terms. indices: (n, rank); values: (n,); padding: (n,) bool."""

    tensor: str
    indices: Places
    values: Floats
    padding: npt.NDArray[np.bool_]

    def element(self, place: int) -> Element:
        """The element of the term at ``place``."""
        index = tuple(int(i) for i in self.indices[place])
        return Element(self.tensor, index, float(self.values[place]), bool(self.padding[place]))


@dataclass(frozen=True, eq=False)
class Block:
    """n terms of the same two tensors. values: (n,) what each adds."""

    left: Operand
    right: Operand | None
    values: Floats

    def term(self, place: int) -> Term:
        """The term at ``place``."""
        right = self.right.element(place) if self.right else None
        return Term(self.left.element(place), right, float(self.values[place]))


class TermList(Sequence[Term]):
    """All terms in order, block after block; ``values`` is what each adds, (n,) float64."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self.values: Floats = np.concatenate([block.values for block in blocks] or [np.zeros(0)])
        self._ends = np.cumsum([len(block.values) for block in blocks])

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> Term: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, place: int | slice) -> Term | tuple[Term, ...]:
        if isinstance(place, slice):
            return tuple(self[i] for i in range(*place.indices(len(self))))
        place = range(len(self))[place]  # IndexError, and negative places, as a list has them
        block = int(np.searchsorted(self._ends, place, side="right"))
        return self.blocks[block].term(place - int(self._ends[block] - len(self.blocks[block].values)))

    def __iter__(self) -> Iterator[Term]:
        return (block.term(place) for block in self.blocks for place in range(len(block.values)))


@dataclass(frozen=True)
class LargestTerms:
    """The terms that matter most, and what all others give together. count: how many others."""

    terms: tuple[Term, ...]
    rest: float
    count: int


@dataclass(frozen=True, eq=False)
class Calculation:
    """One output element worked out in double precision.

    formula: the operation's, without numbers. terms: combined by ``combine`` they give ``total``; ``steps`` lead on to
    ``result``. stored: what the trace holds. window: shape of the first block's terms, () where they are a plain list:
    (C, *kernel) for a convolution, the kernel's for a pooling.
    """

    formula: str
    terms: TermList
    combine: Combine
    total: float
    steps: tuple[Step, ...]
    result: float
    stored: float
    window: tuple[int, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the stored value equals the worked one to ``TOLERANCE``, overflow of single precision allowed for."""
        with np.errstate(over="ignore"):
            single = float(np.float32(self.result))
        return any(
            bool(np.isclose(mine, self.stored, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True))
            for mine in (self.result, single)
        )

    def largest(self, count: int) -> LargestTerms:
        """The ``count`` terms that matter most, the most important first, and the rest as one number.

        For a sum or product the terms of largest magnitude, for a maximum the largest, for a minimum the smallest.
        """
        values = self.terms.values
        weights = {"max": -values, "min": values}.get(self.combine, -np.abs(values))
        order = np.argsort(weights, kind="stable")
        rest = values[order[count:]]
        return LargestTerms(tuple(self.terms[int(i)] for i in order[:count]), combined(rest, self.combine), len(rest))


def combined(values: Floats, how: Combine) -> float:
    """``values`` as one number; of none the sum is 0, the product 1, the maximum −∞ and the minimum ∞."""
    if how == "max":
        return float(values.max(initial=-np.inf))
    if how == "min":
        return float(values.min(initial=np.inf))
    return float(values.prod() if how == "product" else values.sum())


def number(value: float) -> str:
    """A number within a step's text: six significant digits, in brackets where it is negative.

    >>> number(-0.5), number(3.0)
    ('(−0.5)', '3')
    """
    text = f"{value:.6g}".replace("-", "−")
    return f"({text})" if text.startswith("−") else text
