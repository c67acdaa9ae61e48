"""The calculation of one element of a node's output: checks the element, then asks the operation's calculator."""

from collections.abc import Mapping

from explorer.graph.graph import Node
from explorer.trace.arithmetic import (  # noqa: F401 - importing a module registers its operations
    elementwise,
    normalization,
    pools,
    reductions,
    reordering,
    softmax,
    unary,
    weighted_sums,
)
from explorer.trace.arithmetic.calculation import Array, Calculation
from explorer.trace.arithmetic.operation_call import OperationCall
from explorer.trace.arithmetic.registry import OPERATIONS
from models.errors import N_, GraphError
from models.text import shape_text

# onnxruntime's own operations that mean the same as ONNX's of that name.
_SAME_ELSEWHERE = {("com.microsoft", "Gelu")}


def calculate(
    node: Node, values: Mapping[str, Array], element: tuple[int, ...], output: int = 0, dtype: str = ""
) -> Calculation | None:
    """How the number at ``element`` of the node's output came about; None for an operation without a calculator.

    values: every tensor by its name, the weights included. Everything is computed in double precision from the stored
    numbers of the inputs, and whole numbers exactly. dtype: ONNX's name of the output's type, where ``values`` hold
    another that contains it, such as float32 for bfloat16. Only the first output of an operation is covered. Raises
    GraphError for an element that the output does not have, and for an input or output whose value ``values`` does not
    hold.
    """
    standard = node.domain in ("", "ai.onnx") or (node.domain, node.op_type) in _SAME_ELSEWHERE
    if not standard or node.op_type not in OPERATIONS or output != 0 or not node.outputs:
        return None
    name = node.outputs[0]
    if name not in values:
        raise GraphError(N_("The value of {name} is not known here."), name=repr(name))
    result = values[name]
    if result.dtype.kind in "OSUbc":  # text, booleans and complex numbers
        return None
    if len(element) != result.ndim or not all(0 <= i < n for i, n in zip(element, result.shape, strict=True)):
        raise GraphError(
            N_("{name} of shape {shape} has no element {element}."),
            name=repr(name),
            shape=shape_text(result.shape) or "()",
            element=element,
        )
    return OPERATIONS[node.op_type](OperationCall(node, values, element, result, dtype or str(result.dtype)))
