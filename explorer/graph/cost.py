"""How many floating-point operations a node costs, by its operation and its shapes.

A multiplication with its addition counts as two. Symbolic dimensions ("batch") count as 1, so that a figure is the cost
of one sample; an unknown dimension makes the figure None.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import prod
from typing import Any

from explorer.graph.graph import Dimension, TensorType

# Operations for each element of the output. An operation with formulas of its own stands in ``flops``.
_FLOPS_PER_ELEMENT: Mapping[int, str] = {
    0: "Identity Reshape Flatten Squeeze Unsqueeze Transpose Concat Split Slice Gather GatherElements GatherND Expand "
    "Tile Pad Shape Size Constant ConstantOfShape Dropout DepthToSpace SpaceToDepth Cast CastLike Range EyeLike "
    "OneHot Scatter ScatterElements ScatterND",
    1: "Relu Add Sub Mul Div Pow Neg Abs Sqrt Exp Log Clip LeakyRelu PRelu Max Min Where Equal Greater Less And Or Not "
    "Sign Floor Ceil Round Reciprocal Erf Tanh Sin Cos Mod Sum Mean",
    2: "BatchNormalization",
    3: "Sigmoid Elu HardSigmoid",  # sigmoid: e^-x, + 1, reciprocal
    4: "Gelu HardSwish Softmax LogSoftmax",  # softmax: the largest value subtracted, e^x, the sum, the division
    6: "LayerNormalization InstanceNormalization",
}
_PER_ELEMENT = {op_type: count for count, op_types in _FLOPS_PER_ELEMENT.items() for op_type in op_types.split()}
_VARIADIC = ("Sum", "Max", "Min")  # one operation for each input after the first

Types = Sequence[TensorType | None]
Shape = tuple[int, ...]


def flops(op_type: str, inputs: Types, outputs: Types, attributes: Mapping[str, Any]) -> int | None:
    """Floating-point operations for one sample; None where a shape or the operation's cost is not known.

    inputs, outputs: types in the operation's own order, None for one that is left out or unknown.

    >>> x = TensorType("x", "float32", ("batch", 10))
    >>> flops("Sigmoid", [x], [x], {})
    30
    """
    per_element = _PER_ELEMENT.get(op_type)
    if per_element == 0:
        return 0
    out = numeric_shape(outputs[0]) if outputs else None
    if out is None or not inputs:
        return None
    if per_element is not None:
        return per_element * prod(out) * (max(1, len(inputs) - 1) if op_type in _VARIADIC else 1)
    ins = [numeric_shape(entry) for entry in inputs]
    if op_type in ("Conv", "ConvTranspose"):
        return _convolution_flops(op_type, ins, out)
    if op_type == "Gemm":
        return _gemm_flops(ins, out, attributes)
    if op_type == "MatMul":
        return 2 * prod(out) * ins[0][-1] if ins[0] else None
    if op_type in ("MaxPool", "AveragePool", "LpPool"):
        window = attributes.get("kernel_shape")  # inside a function it may be a reference to the call's attribute
        is_known = isinstance(window, tuple) and all(isinstance(size, int) for size in window)
        return prod(out) * prod(window or ()) if window and is_known else None
    if op_type.startswith(("Reduce", "Global", "Arg")):
        return prod(ins[0]) if ins[0] is not None else None
    return None


def numeric_shape(tensor: TensorType | None) -> Shape | None:
    """The shape in numbers, symbolic dimensions as 1; None where it is not known."""
    return None if tensor is None or tensor.shape is None else _in_numbers(tensor.shape)


@lru_cache(maxsize=4096)  # a large graph has few shapes
def _in_numbers(shape: tuple[Dimension, ...]) -> Shape | None:
    return None if None in shape else tuple([size if isinstance(size, int) else 1 for size in shape])


def _convolution_flops(op_type: str, ins: list[Shape | None], out: Shape) -> int | None:
    weight = ins[1] if len(ins) > 1 else None
    if weight is None or len(weight) < 3 or ins[0] is None:
        return None
    # A Conv's W (C_out, C_in/groups, k…) is used for every output, a ConvTranspose's (C_in, C_out/groups, k…) for
    # every input element.
    applied_to = prod(out) if op_type == "Conv" else prod(ins[0])
    return 2 * applied_to * prod(weight[1:]) + _bias_flops(ins, out)


def _gemm_flops(ins: list[Shape | None], out: Shape, attributes: Mapping[str, Any]) -> int | None:
    a = ins[0]
    if a is None or len(a) != 2:
        return None
    inner = a[0] if attributes.get("transA") else a[1]
    return 2 * prod(out) * inner + _bias_flops(ins, out)


def _bias_flops(ins: list[Shape | None], out: Shape) -> int:
    return prod(out) if len(ins) > 2 and ins[2] is not None else 0
