"""Operations that hand numbers on unchanged, in the same order (reshaping) or in another (transposing)."""

import numpy as np

from explorer.graph.formulas import FORMULAS
from explorer.trace.arithmetic.calculation import Calculation
from explorer.trace.arithmetic.operation_call import OperationCall, single_term
from explorer.trace.arithmetic.registry import calculates


@calculates("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def reshaped(call: OperationCall) -> Calculation:
    """The input's element at the same position in row-major order."""
    position = np.ravel_multi_index(call.element, call.output.shape) if call.element else 0
    shape = call.input(0).shape
    index = np.unravel_index(position, shape) if shape else ()
    return _same(call, tuple(int(i) for i in index))


@calculates("Transpose")
def transposed(call: OperationCall) -> Calculation:
    """The input's element whose index is the output's in the input's order of axes."""
    rank = call.input(0).ndim
    order = call.integers("perm", range(rank)[::-1])
    index = [0] * rank
    for i, axis in zip(call.element, order, strict=True):
        index[axis] = i
    return _same(call, tuple(index))


def _same(call: OperationCall, index: tuple[int, ...]) -> Calculation:
    """The element of the first input at ``index``."""
    operand = call.single_element(0, index)
    exact = call.whole_numbers(operand)[0] if call.whole else None
    return call.calculation(FORMULAS["Identity"], [single_term(operand)], exact=exact)
