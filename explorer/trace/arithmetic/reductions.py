"""Softmax, log-softmax and the Reduce operations: many numbers of one tensor become one."""

from collections.abc import Callable
from math import exp, log, prod, sqrt

import numpy as np

from explorer.trace.arithmetic.calculation import Array, Block, Calculation, Combine, Operand, Step, number
from explorer.trace.arithmetic.operation_call import OperationCall, attribute_axes, grid
from models.errors import N_

Work = Callable[[OperationCall, Operand], Calculation]


def softmax(call: OperationCall) -> Calculation:
    """exp(x) / Σ exp(x) along an axis. One term an exponential; the largest x is taken off first, for range."""
    return _softmax(call, _along(call, _normalised(call, call.output)))


def log_softmax(call: OperationCall) -> Calculation:
    """x − log Σ exp(x) along an axis."""
    return _log_softmax(call, _along(call, _normalised(call, np.exp(call.output.astype(np.float64)))))


def _normalised(call: OperationCall, shares: Array) -> tuple[int, ...]:
    """The axes over which the output's shares add up to one.

    From opset 13 that is the axis itself (the last by default); before, it is the axis (the second by default) and all
    after it. A node does not know its opset, so the stored shares decide.
    """
    rank = shares.ndim
    new, old = int(call.value("axis", -1)) % max(rank, 1), int(call.value("axis", 1)) % max(rank, 1)
    meanings = [(new,), tuple(range(old, rank))]

    def off(axes: tuple[int, ...]) -> float:
        own = tuple(slice(None) if axis in axes else place for axis, place in enumerate(call.element))
        return abs(float(shares[own].sum(dtype=np.float64)) - 1)

    return min(meanings, key=off)


def _softmax(call: OperationCall, seen: Operand) -> Calculation:
    terms, steps, largest = _exponentials(seen)
    total = float(terms.values.sum())
    own = exp(float(call.tensor(0)[call.element]) - largest)
    steps += (Step(N_("Share of the sum"), f"{number(own)} / {number(total)}", own / total),)
    return call.made("y = eˣ / Σ eˣ", [terms], steps=steps, result=own / total)


def _log_softmax(call: OperationCall, seen: Operand) -> Calculation:
    terms, steps, largest = _exponentials(seen)
    total = float(terms.values.sum())
    own = float(call.tensor(0)[call.element]) - largest
    steps += (
        Step(N_("Logarithm of the sum"), f"log {number(total)}", log(total)),
        Step(N_("Difference"), f"{number(own)} − {number(log(total))}", own - log(total)),
    )
    return call.made("y = x − log Σ eˣ", [terms], steps=steps, result=own - log(total))


def _exponentials(seen: Operand) -> tuple[Block, tuple[Step, ...], float]:
    largest = float(seen.values.max())
    values = np.exp(seen.values - largest)
    steps = (
        Step(N_("Largest input m, taken off each for range"), "m = max x", largest),
        Step(N_("Sum of the exponentials"), "Σ exp(x − m)", float(values.sum())),
    )
    return Block(seen, None, values), steps, largest


def _along(call: OperationCall, axes: tuple[int, ...]) -> Operand:
    """Every element of the input whose index equals the output element's but for ``axes``."""
    shape = call.tensor(0).shape
    ranges = [np.arange(n) if axis in axes else np.array([call.element[axis]]) for axis, n in enumerate(shape)]
    return call.picked(0, grid(*ranges))


def reduction(call: OperationCall) -> Calculation:
    """ReduceSum, ReduceMean, ReduceMax … over axes given as an attribute or as the second input."""
    axes = _axes(call)
    if not axes and call.value("noop_with_empty_axes", 0):
        axes, noop = (), True
    else:
        axes, noop = axes or tuple(range(call.tensor(0).ndim)), False
    seen = _reduced(call, axes)
    if noop and float(seen.values[0]) == float(call.output[call.element]):
        return call.made("y = x", [Block(seen, None, seen.values)])
    return REDUCTIONS[call.node.op_type](call, seen)


def _axes(call: OperationCall) -> tuple[int, ...]:
    rank = call.tensor(0).ndim
    found = call.tensor(1) if call.has(1) else call.node.attributes.get("axes", ())
    return tuple(axis % rank for axis in attribute_axes(found))


def _reduced(call: OperationCall, axes: tuple[int, ...]) -> Operand:
    shape = call.tensor(0).shape
    kept = iter(call.element)
    keep = bool(call.value("keepdims", 1))
    ranges = []
    for axis, size in enumerate(shape):
        place = next(kept) if keep or axis not in axes else 0
        ranges.append(np.arange(size) if axis in axes else np.array([place]))
    return call.picked(0, grid(*ranges))


def _sum(call: OperationCall, seen: Operand) -> Calculation:
    return call.made("y = Σ x", [Block(seen, None, seen.values)])


def _mean(call: OperationCall, seen: Operand) -> Calculation:
    total, count = float(seen.values.sum()), len(seen.values)
    mean = total / count if count else float("nan")
    whole = call.output.dtype.kind in "iu"  # whole numbers are divided without a remainder
    steps = (
        Step(N_("Sum of the inputs"), "Σ x", total),
        Step(N_("Divided by their number"), f"{number(total)} / {count}", mean),
    )
    block = Block(seen, None, seen.values / max(count, 1))
    return call.made("y = (Σ x) / n", [block], steps=steps, result=float(np.trunc(mean)) if whole else None)


def _extreme(combine: Combine) -> Work:
    def work(call: OperationCall, seen: Operand) -> Calculation:
        return call.made(f"y = {combine} x", [Block(seen, None, seen.values)], combine=combine)

    return work


def _product(call: OperationCall, seen: Operand) -> Calculation:
    return call.made("y = Π x", [Block(seen, None, seen.values)], combine="product", result=prod(seen.values.tolist()))


def _magnitudes(call: OperationCall, seen: Operand) -> Calculation:
    return call.made("y = Σ |x|", [Block(seen, None, np.abs(seen.values))])


def _squares(call: OperationCall, seen: Operand) -> Calculation:
    return call.made("y = Σ x²", [Block(seen, seen, seen.values**2)])


def _length(call: OperationCall, seen: Operand) -> Calculation:
    total = float((seen.values**2).sum())
    steps = (
        Step(N_("Sum of the squares"), "Σ x²", total),
        Step(N_("Square root"), f"√{number(total)}", sqrt(total)),
    )
    return call.made("y = √(Σ x²)", [Block(seen, seen, seen.values**2)], steps=steps, result=sqrt(total))


def _log_sum(call: OperationCall, seen: Operand) -> Calculation:
    total = float(seen.values.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        result = float(np.log(total))
    steps = (
        Step(N_("Sum of the inputs"), "Σ x", total),
        Step(N_("Logarithm of the sum"), f"log {number(total)}", result),
    )
    return call.made("y = log Σ x", [Block(seen, None, seen.values)], steps=steps, result=result)


def _log_sum_exp(call: OperationCall, seen: Operand) -> Calculation:
    terms, steps, largest = _exponentials(seen)
    total = float(terms.values.sum())
    steps += (Step(N_("Result"), f"{number(largest)} + log {number(total)}", largest + log(total)),)
    return call.made("y = log Σ eˣ", [terms], steps=steps, result=largest + log(total))


REDUCTIONS: dict[str, Work] = {
    "ReduceSum": _sum,
    "ReduceMean": _mean,
    "ReduceMax": _extreme("max"),
    "ReduceMin": _extreme("min"),
    "ReduceProd": _product,
    "ReduceL1": _magnitudes,
    "ReduceL2": _length,
    "ReduceSumSquare": _squares,
    "ReduceLogSum": _log_sum,
    "ReduceLogSumExp": _log_sum_exp,
}
