"""One call of an operation, as the workings see it: its inputs, its attributes, and the output element asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.graph.graph import Node
from explorer.trace.arithmetic.calculation import (
    Array,
    Block,
    Calculation,
    Combine,
    Operand,
    Places,
    Step,
    TermList,
    combined,
    number,
)
from models.errors import N_, GraphError


@dataclass(frozen=True, eq=False)
class OperationCall:
    """values: every tensor by name. element: index into ``output``, the traced result."""

    node: Node
    values: Mapping[str, Array]
    element: tuple[int, ...]
    output: Array

    def has(self, place: int) -> bool:
        """Whether the input at ``place`` is given at all."""
        return place < len(self.node.inputs) and self.node.inputs[place] != ""

    def tensor(self, place: int) -> Array:
        """The value of the input at ``place``; raises GraphError where the trace does not hold it."""
        name = self.node.inputs[place] if place < len(self.node.inputs) else ""
        if name not in self.values:
            raise GraphError(N_("The value of {name} is not known here."), name=repr(name))
        return self.values[name]

    def integers(self, name: str, default: Sequence[int]) -> tuple[int, ...]:
        """A list attribute, ``default`` where it is left out."""
        found = self.node.attributes.get(name)
        return tuple(int(i) for i in (default if found is None else found))

    def value(self, name: str, default: float) -> float:
        """A number attribute, ``default`` where it is left out."""
        return float(self.node.attributes.get(name, default))

    def text(self, name: str, default: str) -> str:
        """A text attribute, ``default`` where it is left out."""
        return str(self.node.attributes.get(name, default))

    def picked(
        self, place: int, indices: Places, inside: npt.NDArray[np.bool_] | None = None, outside: float = 0.0
    ) -> Operand:
        """An input's elements at ``indices`` (n, rank); those not ``inside`` (n,) are padding of value ``outside``."""
        array = self.tensor(place)
        inside = np.ones(len(indices), dtype=bool) if inside is None else inside
        values = np.full(len(indices), outside)
        values[inside] = array[tuple(indices[inside].T)].reshape(-1).astype(np.float64)
        return Operand(self.node.inputs[place], indices, values, ~inside)

    def one(self, place: int, index: tuple[int, ...]) -> Operand:
        """A single element of an input."""
        return self.picked(place, np.asarray(index, dtype=np.int64).reshape(1, len(index)))

    def broadcast(self, place: int) -> Operand:
        """The element of an input that stands at the output's element by numpy's rules of broadcasting."""
        shape = self.tensor(place).shape
        index = self.element[len(self.element) - len(shape) :]
        return self.one(place, tuple(0 if size == 1 else i for size, i in zip(shape, index, strict=True)))

    def made(
        self,
        formula: str,
        blocks: Sequence[Block],
        *,
        combine: Combine = "sum",
        steps: Sequence[Step] = (),
        result: float | None = None,
        window: tuple[int, ...] = (),
    ) -> Calculation:
        """The work as a whole. result: None where the combined terms are the result."""
        terms = TermList(blocks)
        total = combined(terms.values, combine)
        found = total if result is None else result
        stored = float(self.output[self.element])
        return Calculation(formula, terms, combine, total, tuple(steps), found, stored, window)


def lone(operand: Operand, value: float | None = None) -> Block:
    """A block of one term: its own value, or what became of it."""
    return Block(operand, None, operand.values if value is None else np.array([value]))


def grid(*ranges: Places) -> Places:
    """Every combination of the ranges' numbers in row-major order, (n, number of ranges)."""
    if not ranges:
        return np.zeros((1, 0), dtype=np.int64)
    found: Places = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, len(ranges)).astype(np.int64)
    return found


def plus(block: Block, products: float) -> tuple[Step, ...]:
    """The last two steps of a weighted sum: the sum of the products, then the bias ``block`` added."""
    bias = float(block.values[0])
    return (
        Step(N_("Sum of the products"), "Σ x·w", products),
        Step(N_("Bias added"), f"{number(products)} + {number(bias)}", products + bias),
    )


def attribute_axes(found: Any) -> tuple[int, ...]:
    """Axes as an attribute or as an input's value has them."""
    return tuple(int(axis) for axis in np.asarray(found).reshape(-1))
