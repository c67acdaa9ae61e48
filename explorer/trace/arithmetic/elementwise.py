"""Operations that make each output element of one element of each of several inputs, broadcast."""

from math import prod

import numpy as np

from explorer.graph.formulas import FORMULAS
from explorer.trace.arithmetic.calculation import Calculation, Operand, TermBlock
from explorer.trace.arithmetic.operation_call import OperationCall, single_term
from explorer.trace.arithmetic.registry import calculates


@calculates("Add")
def add(call: OperationCall) -> Calculation:
    """a + b."""
    a, b = call.broadcast_element(0), call.broadcast_element(1)
    exact = sum(_numbers(call, a, b)) if call.whole else None
    return call.calculation(FORMULAS["Add"], [single_term(a), single_term(b)], exact=exact)


@calculates("Sub")
def subtract(call: OperationCall) -> Calculation:
    """a − b: the second term counts negative."""
    a, b = call.broadcast_element(0), call.broadcast_element(1)
    exact = None
    if call.whole:
        minuend, subtrahend = _numbers(call, a, b)
        exact = minuend - subtrahend
    return call.calculation(FORMULAS["Sub"], [single_term(a), single_term(b, -float(b.values[0]))], exact=exact)


@calculates("Mul")
def multiply(call: OperationCall) -> Calculation:
    """a · b: a single term."""
    a, b = call.broadcast_element(0), call.broadcast_element(1)
    exact = prod(_numbers(call, a, b)) if call.whole else None
    return call.calculation(FORMULAS["Mul"], [TermBlock(a, b, a.values * b.values)], exact=exact)


@calculates("Div")
def divide(call: OperationCall) -> Calculation:
    """a / b: a single term. Whole numbers are divided without a remainder, towards zero."""
    a, b = call.broadcast_element(0), call.broadcast_element(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = a.values / b.values
    exact = None
    if call.whole:
        dividend, divisor = _numbers(call, a, b)
        if divisor:
            exact = abs(dividend) // abs(divisor) * (1 if (dividend < 0) == (divisor < 0) else -1)
    return call.calculation(FORMULAS["Div"], [TermBlock(a, b, np.trunc(value) if call.whole else value)], exact=exact)


@calculates("Pow")
def power(call: OperationCall) -> Calculation:
    """a to the power of b: a single term."""
    a, b = call.broadcast_element(0), call.broadcast_element(1)
    with np.errstate(all="ignore"):
        value = a.values**b.values
    return call.calculation(FORMULAS["Pow"], [TermBlock(a, b, np.trunc(value) if call.whole else value)])


@calculates("Sum", "Mean", "Max", "Min")
def variadic(call: OperationCall) -> Calculation:
    """Any number of tensors: a term for each."""
    operands = [call.broadcast_element(position) for position in range(len(call.node.inputs))]
    op_type, count = call.node.op_type, len(operands)
    if op_type == "Mean":
        terms = [single_term(operand, float(operand.values[0]) / count) for operand in operands]
        return call.calculation(FORMULAS["Mean"], terms)
    terms = [single_term(operand) for operand in operands]
    if op_type == "Sum":
        exact = sum(_numbers(call, *operands)) if call.whole else None
        return call.calculation(FORMULAS["Sum"], terms, exact=exact)
    return call.calculation(FORMULAS[op_type], terms, combine="max" if op_type == "Max" else "min")


def _numbers(call: OperationCall, *operands: Operand) -> list[int]:
    """The one number of each operand, exactly."""
    return [call.whole_numbers(operand)[0] for operand in operands]
