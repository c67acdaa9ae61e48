"""Chooses the working of a node's operation and checks the element asked for."""

from collections.abc import Callable, Mapping

from explorer.graph.graph import Node
from explorer.trace.arithmetic.calculation import Array, Calculation
from explorer.trace.arithmetic.elementwise import (
    ACTIVATIONS,
    activation,
    add,
    copied,
    divide,
    multiply,
    power,
    subtract,
    transposed,
    variadic,
)
from explorer.trace.arithmetic.operation_call import OperationCall
from explorer.trace.arithmetic.pools import (
    average_pool,
    batch_normalization,
    global_average_pool,
    global_max_pool,
    max_pool,
)
from explorer.trace.arithmetic.reductions import REDUCTIONS, log_softmax, reduction, softmax
from explorer.trace.arithmetic.sums import convolution, gemm, matmul
from models.errors import N_, GraphError
from models.text import shape_text

OPERATIONS: dict[str, Callable[[OperationCall], Calculation | None]] = {
    "Conv": convolution,
    "Gemm": gemm,
    "MatMul": matmul,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_average_pool,
    "GlobalMaxPool": global_max_pool,
    "BatchNormalization": batch_normalization,
    "Softmax": softmax,
    "LogSoftmax": log_softmax,
    "Add": add,
    "Sub": subtract,
    "Mul": multiply,
    "Div": divide,
    "Pow": power,
    **dict.fromkeys(("Sum", "Mean", "Max", "Min"), variadic),
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"), copied),
    "Transpose": transposed,
    **dict.fromkeys(REDUCTIONS, reduction),
    **dict.fromkeys(ACTIVATIONS, activation),
}
"""Every operation that can be worked out, by its name."""

# onnxruntime's own operations that mean the same as ONNX's.
ELSEWHERE = {("com.microsoft", "Gelu")}


def calculate(node: Node, values: Mapping[str, Array], element: tuple[int, ...], output: int = 0) -> Calculation | None:
    """How the number at ``element`` of the node's output came about; None for an operation without worked arithmetic.

    values: every tensor by its name, the weights included. Everything is computed in double precision from the stored
    numbers of the inputs. Only the first output of an operation is worked out. Raises GraphError for an element that
    the output does not have, and for an input or output whose value ``values`` does not hold.
    """
    known = node.domain in ("", "ai.onnx") or (node.domain, node.op_type) in ELSEWHERE
    if not known or node.op_type not in OPERATIONS or output != 0 or not node.outputs:
        return None
    name = node.outputs[0]
    if name not in values:
        raise GraphError(N_("The value of {name} is not known here."), name=repr(name))
    found = values[name]
    if found.dtype.kind in "OSUbc":  # words, truth values and complex numbers are no sums of ours
        return None
    if len(element) != found.ndim or not all(0 <= i < n for i, n in zip(element, found.shape, strict=True)):
        raise GraphError(
            N_("{name} of shape {shape} has no element {element}."),
            name=repr(name),
            shape=shape_text(found.shape) or "()",
            element=element,
        )
    return OPERATIONS[node.op_type](OperationCall(node, values, element, found))
