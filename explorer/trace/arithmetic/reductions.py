"""The Reduce operations: many numbers of one tensor become a single one."""

from collections.abc import Callable
from math import log, prod, sqrt

import numpy as np

from explorer.graph.formulas import FORMULAS
from explorer.trace.arithmetic.calculation import Calculation, Combine, Operand, Step, TermBlock, number_text
from explorer.trace.arithmetic.number_types import wrapped
from explorer.trace.arithmetic.operation_call import OperationCall, axes_of, index_grid
from explorer.trace.arithmetic.registry import calculates
from explorer.trace.arithmetic.softmax import exponentials
from models.errors import N_

Reduction = Callable[[OperationCall, Operand], Calculation]
"""Calculates the output element from all elements that are reduced into it."""


def reduces(op_type: str) -> Callable[[Reduction], Reduction]:
    """Register the decorated function for an operation over axes given as an attribute or as the second input."""

    def register(reduction: Reduction) -> Reduction:
        @calculates(op_type)
        def calculator(call: OperationCall) -> Calculation:
            axes = _axes(call)
            # Without axes, everything is reduced; or nothing, where an attribute says so and the output confirms it.
            if not axes and call.number("noop_with_empty_axes", 0):
                same = _reduced(call, ())
                if float(same.values[0]) == float(call.output[call.element]):
                    return call.calculation(FORMULAS["Identity"], [TermBlock(same, None, same.values)])
                return reduction(call, same)
            return reduction(call, _reduced(call, axes or tuple(range(call.input(0).ndim))))

        return reduction

    return register


def _axes(call: OperationCall) -> tuple[int, ...]:
    rank = call.input(0).ndim
    given = call.input(1) if call.has_input(1) else call.node.attributes.get("axes", ())
    return tuple(axis % rank for axis in axes_of(given))


def _reduced(call: OperationCall, axes: tuple[int, ...]) -> Operand:
    """The elements that are reduced over ``axes`` into the output element."""
    kept = iter(call.element)
    keep_dimensions = bool(call.number("keepdims", 1))
    ranges = []
    for axis, size in enumerate(call.input(0).shape):
        index = next(kept) if keep_dimensions or axis not in axes else 0
        ranges.append(np.arange(size) if axis in axes else np.array([index]))
    return call.elements(0, index_grid(*ranges))


@reduces("ReduceSum")
def _sum(call: OperationCall, reduced: Operand) -> Calculation:
    exact = sum(call.whole_numbers(reduced)) if call.whole else None
    return call.calculation(FORMULAS["ReduceSum"], [TermBlock(reduced, None, reduced.values)], exact=exact)


@reduces("ReduceMean")
def _mean(call: OperationCall, reduced: Operand) -> Calculation:
    total, count = float(reduced.values.sum()), len(reduced.values)
    mean = total / count if count else float("nan")
    steps = (
        Step(N_("Sum of the inputs"), "Σ x", total),
        Step(N_("Divided by their number"), f"{number_text(total)} / {count}", mean),
    )
    block = TermBlock(reduced, None, reduced.values / max(count, 1))
    return call.calculation(
        FORMULAS["ReduceMean"],
        [block],
        steps=steps,
        result=float(np.trunc(mean)) if call.whole and count else None if count else mean,
    )


def _extreme(combine: Combine) -> Reduction:
    def reduction(call: OperationCall, reduced: Operand) -> Calculation:
        return call.calculation(
            FORMULAS[call.node.op_type], [TermBlock(reduced, None, reduced.values)], combine=combine
        )

    return reduction


reduces("ReduceMax")(_extreme("max"))
reduces("ReduceMin")(_extreme("min"))


@reduces("ReduceProd")
def _product(call: OperationCall, reduced: Operand) -> Calculation:
    terms = [TermBlock(reduced, None, reduced.values)]
    exact = None
    if call.whole:
        exact = 1
        for number in call.whole_numbers(reduced):  # wrapped at once: the product of a million numbers has no end
            exact = wrapped(exact * number, call.dtype)
    result = prod(reduced.values.tolist())
    return call.calculation(FORMULAS["ReduceProd"], terms, combine="product", result=result, exact=exact)


@reduces("ReduceL1")
def _l1_norm(call: OperationCall, reduced: Operand) -> Calculation:
    exact = sum(abs(number) for number in call.whole_numbers(reduced)) if call.whole else None
    return call.calculation(FORMULAS["ReduceL1"], [TermBlock(reduced, None, np.abs(reduced.values))], exact=exact)


@reduces("ReduceSumSquare")
def _sum_of_squares(call: OperationCall, reduced: Operand) -> Calculation:
    exact = sum(number**2 for number in call.whole_numbers(reduced)) if call.whole else None
    return call.calculation(FORMULAS["ReduceSumSquare"], [TermBlock(reduced, reduced, reduced.values**2)], exact=exact)


@reduces("ReduceL2")
def _l2_norm(call: OperationCall, reduced: Operand) -> Calculation:
    total = float((reduced.values**2).sum())
    steps = (
        Step(N_("Sum of the squares"), "Σ x²", total),
        Step(N_("Square root"), f"√{number_text(total)}", sqrt(total)),
    )
    terms = [TermBlock(reduced, reduced, reduced.values**2)]
    return call.calculation(FORMULAS["ReduceL2"], terms, steps=steps, result=sqrt(total))


@reduces("ReduceLogSum")
def _log_sum(call: OperationCall, reduced: Operand) -> Calculation:
    total = float(reduced.values.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        result = float(np.log(total))
    steps = (
        Step(N_("Sum of the inputs"), "Σ x", total),
        Step(N_("Logarithm of the sum"), f"log {number_text(total)}", result),
    )
    return call.calculation(
        FORMULAS["ReduceLogSum"], [TermBlock(reduced, None, reduced.values)], steps=steps, result=result
    )


@reduces("ReduceLogSumExp")
def _log_sum_exp(call: OperationCall, reduced: Operand) -> Calculation:
    if not len(reduced.values):
        return call.calculation(
            FORMULAS["ReduceLogSumExp"], [TermBlock(reduced, None, reduced.values)], result=float("-inf")
        )
    terms, steps, largest = exponentials(reduced)
    total = float(terms.values.sum())
    result = largest + log(total)
    steps += (Step(N_("Result"), f"{number_text(largest)} + log {number_text(total)}", result),)
    return call.calculation(FORMULAS["ReduceLogSumExp"], [terms], steps=steps, result=result)
