"""Softmax and log-softmax: one term for each exponential, the largest input subtracted first to keep them finite."""

from math import exp, log

import numpy as np

from explorer.graph.formulas import FORMULAS
from explorer.trace.arithmetic.calculation import Array, Calculation, Operand, Step, TermBlock, number_text
from explorer.trace.arithmetic.operation_call import OperationCall, index_grid
from explorer.trace.arithmetic.registry import calculates
from models.errors import N_


@calculates("Softmax")
def softmax(call: OperationCall) -> Calculation:
    """exp(x) / Σ exp(x) along an axis."""
    summed = _along(call, _softmax_axes(call, call.output))
    terms, steps, largest = exponentials(summed)
    total = float(terms.values.sum())
    own = exp(float(call.input(0)[call.element]) - largest)
    steps += (Step(N_("Share of the sum"), f"{number_text(own)} / {number_text(total)}", own / total),)
    return call.calculation(FORMULAS["Softmax"], [terms], steps=steps, result=own / total)


@calculates("LogSoftmax")
def log_softmax(call: OperationCall) -> Calculation:
    """x − log Σ exp(x) along an axis."""
    summed = _along(call, _softmax_axes(call, np.exp(call.output.astype(np.float64))))
    terms, steps, largest = exponentials(summed)
    total = float(terms.values.sum())
    own = float(call.input(0)[call.element]) - largest
    steps += (
        Step(N_("Logarithm of the sum"), f"log {number_text(total)}", log(total)),
        Step(N_("Difference"), f"{number_text(own)} − {number_text(log(total))}", own - log(total)),
    )
    return call.calculation(FORMULAS["LogSoftmax"], [terms], steps=steps, result=own - log(total))


def exponentials(operand: Operand) -> tuple[TermBlock, tuple[Step, ...], float]:
    """The terms exp(x − m) of the elements x with m the largest of them, the steps up to their sum, and m."""
    largest = float(operand.values.max())
    values = np.exp(operand.values - largest)
    steps = (
        Step(N_("Largest input m, subtracted from each so that nothing overflows"), "m = max x", largest),
        Step(N_("Sum of the exponentials"), "Σ exp(x − m)", float(values.sum())),
    )
    return TermBlock(operand, None, values), steps, largest


def _softmax_axes(call: OperationCall, shares: Array) -> tuple[int, ...]:
    """The axes over which the output's shares add up to 1.

    From opset 13 that is the axis itself (the last by default); before, it is the axis (the second by default) and all
    after it. A node does not know its opset, so the stored shares decide.
    """
    rank = shares.ndim
    new_axis, old_axis = int(call.number("axis", -1)) % max(rank, 1), int(call.number("axis", 1)) % max(rank, 1)

    def distance_from_1(axes: tuple[int, ...]) -> float:
        summed = tuple(slice(None) if axis in axes else index for axis, index in enumerate(call.element))
        return abs(float(shares[summed].sum(dtype=np.float64)) - 1)

    return min([(new_axis,), tuple(range(old_axis, rank))], key=distance_from_1)


def _along(call: OperationCall, axes: tuple[int, ...]) -> Operand:
    """Every element of the input whose index equals the output element's but for ``axes``."""
    shape = call.input(0).shape
    ranges = [np.arange(n) if axis in axes else np.array([call.element[axis]]) for axis, n in enumerate(shape)]
    return call.elements(0, index_grid(*ranges))
