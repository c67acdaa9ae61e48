"""One call of an operation as a calculator sees it: its inputs, its attributes, and the output element asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.graph.graph import Node
from explorer.trace.arithmetic.calculation import (
    Array,
    Calculation,
    Combine,
    Indices,
    Operand,
    Step,
    TermBlock,
    TermList,
    combined,
    number_text,
)
from explorer.trace.arithmetic.number_types import bits, is_whole, wrapped
from models.errors import N_, GraphError


@dataclass(frozen=True, eq=False)
class OperationCall:
    """values: every tensor by name. element: index into ``output``, the traced result. dtype: ONNX's name of its type.

    ``position`` counts the node's inputs from 0 in all methods.
    """

    node: Node
    values: Mapping[str, Array]
    element: tuple[int, ...]
    output: Array
    dtype: str

    @property
    def whole(self) -> bool:
        """Whether the output holds whole numbers."""
        return is_whole(self.dtype)

    def whole_numbers(self, operand: Operand) -> list[int]:
        """The operand's numbers exactly: a double holds whole numbers up to 2⁵³ only. Padding counts as 0."""
        array = self.values[operand.tensor]
        inside = ~operand.padding
        numbers = np.zeros(len(operand.indices), object)
        numbers[inside] = [int(number) for number in array[tuple(operand.indices[inside].T)].reshape(-1)]
        return [int(number) for number in numbers]

    def has_input(self, position: int) -> bool:
        """Whether this optional input is given."""
        return position < len(self.node.inputs) and self.node.inputs[position] != ""

    def input(self, position: int) -> Array:
        """The value of an input; raises GraphError where the trace does not hold it."""
        name = self.node.inputs[position] if position < len(self.node.inputs) else ""
        if name not in self.values:
            raise GraphError(N_("The value of {name} is not known here."), name=repr(name))
        return self.values[name]

    def integers(self, name: str, default: Sequence[int]) -> tuple[int, ...]:
        """A list attribute, ``default`` where it is left out."""
        given = self.node.attributes.get(name)
        return tuple(int(i) for i in (default if given is None else given))

    def number(self, name: str, default: float) -> float:
        """A number attribute, ``default`` where it is left out."""
        return float(self.node.attributes.get(name, default))

    def text(self, name: str, default: str) -> str:
        """A text attribute, ``default`` where it is left out."""
        return str(self.node.attributes.get(name, default))

    def elements(
        self, position: int, indices: Indices, inside: npt.NDArray[np.bool_] | None = None, padding: float = 0.0
    ) -> Operand:
        """An input's elements at ``indices`` (n, rank); those not ``inside`` (n,) have the value ``padding``."""
        array = self.input(position)
        inside = np.ones(len(indices), dtype=bool) if inside is None else inside
        values = np.full(len(indices), padding)
        values[inside] = array[tuple(indices[inside].T)].reshape(-1).astype(np.float64)
        return Operand(self.node.inputs[position], indices, values, ~inside)

    def single_element(self, position: int, index: tuple[int, ...]) -> Operand:
        """One element of an input."""
        return self.elements(position, np.asarray(index, dtype=np.int64).reshape(1, len(index)))

    def broadcast_element(self, position: int) -> Operand:
        """The element of an input that belongs to the output's element by numpy's rules of broadcasting."""
        shape = self.input(position).shape
        index = self.element[len(self.element) - len(shape) :]
        return self.single_element(position, tuple(0 if size == 1 else i for size, i in zip(shape, index, strict=True)))

    def calculation(
        self,
        formula: str,
        blocks: Sequence[TermBlock],
        *,
        combine: Combine = "sum",
        steps: Sequence[Step] = (),
        result: float | None = None,
        window: tuple[int, ...] = (),
        exact: int | None = None,
    ) -> Calculation:
        """The whole calculation. result: None where the combined terms are the result.

        exact: the result before it is wrapped around, of an output of whole numbers; None where a double holds it.
        """
        terms = TermList(blocks)
        total = combined(terms.values, combine)
        value = total if result is None else result
        if self.whole and np.isfinite(value):
            full = int(value) if exact is None else exact
            value = wrapped(full, self.dtype)
            if value != full:
                steps = (*steps, Step(N_("Wrapped around"), f"{full} mod 2^{bits(self.dtype)}", value))
        stored = int(self.output[self.element]) if self.whole else float(self.output[self.element])
        return Calculation(formula, terms, combine, total, tuple(steps), value, stored, window, self.dtype)


def single_term(operand: Operand, value: float | None = None) -> TermBlock:
    """A block of one term: the operand's own value, or ``value`` calculated from it."""
    return TermBlock(operand, None, operand.values if value is None else np.array([value]))


def index_grid(*ranges: Indices) -> Indices:
    """Every combination of the ranges' numbers in row-major order, (n, number of ranges).

    >>> index_grid(np.arange(2), np.array([7])).tolist()
    [[0, 7], [1, 7]]
    """
    if not ranges:
        return np.zeros((1, 0), dtype=np.int64)
    grid: Indices = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, len(ranges)).astype(np.int64)
    return grid


def bias_steps(bias: TermBlock, products: float) -> tuple[Step, ...]:
    """The last two steps of a weighted sum: the sum of the products, then ``bias`` added."""
    value = float(bias.values[0])
    return (
        Step(N_("Sum of the products"), "Σ x·w", products),
        Step(N_("Bias added"), f"{number_text(products)} + {number_text(value)}", products + value),
    )


def axes_of(given: Any) -> tuple[int, ...]:
    """Axes as an attribute or an input's value has them, a single number included.

    >>> axes_of(1), axes_of((0, -1))
    ((1,), (0, -1))
    """
    return tuple(int(axis) for axis in np.asarray(given).reshape(-1))
