"""The operations whose single numbers can be calculated, by their ONNX names.

A new operation is a function decorated with ``calculates`` in one of the modules that ``calculate.py`` imports; nothing
else lists it.
"""

from collections.abc import Callable

from explorer.trace.arithmetic.calculation import Calculation
from explorer.trace.arithmetic.operation_call import OperationCall

Calculator = Callable[[OperationCall], Calculation | None]
"""Calculates one output element; None for a variant of the operation (a mode, say) that it does not cover."""

OPERATIONS: dict[str, Calculator] = {}
"""Calculator by operation, ONNX's own domain."""


def calculates(*op_types: str) -> Callable[[Calculator], Calculator]:
    """Register the decorated function for these operations."""

    def register(calculator: Calculator) -> Calculator:
        OPERATIONS.update(dict.fromkeys(op_types, calculator))
        return calculator

    return register
