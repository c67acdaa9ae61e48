"""How many floating-point operations a node costs, by its kind and its shapes.

A multiplication with its addition counts as two. Symbolic dimensions ("batch") count as 1, so that a figure is the cost
of one sample; an unknown dimension makes the figure None.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from explorer.graph.graph import TensorType

_NOTHING = (
    "Identity Reshape Flatten Squeeze Unsqueeze Transpose Concat Split Slice Gather GatherElements GatherND Expand "
    "Tile Pad Shape Size Constant ConstantOfShape Dropout DepthToSpace SpaceToDepth Cast CastLike Range EyeLike "
    "OneHot Scatter ScatterElements ScatterND"
)
_FREE = frozenset(_NOTHING.split())
_ONE = (
    "Relu Add Sub Mul Div Pow Neg Abs Sqrt Exp Log Clip LeakyRelu PRelu Max Min Where Equal Greater Less And Or Not "
    "Sign Floor Ceil Round Reciprocal Erf Tanh Sin Cos Mod Sum Mean"
)
_ELEMENTWISE: Mapping[str, int] = {
    **dict.fromkeys(_ONE.split(), 1),
    # e^-x, +1, 1/· — and, for softmax, the largest value subtracted, e^x, the sum, the division.
    "Sigmoid": 3,
    "Elu": 3,
    "Gelu": 4,
    "HardSigmoid": 3,
    "HardSwish": 4,
    "Softmax": 4,
    "LogSoftmax": 4,
    "BatchNormalization": 2,
    "LayerNormalization": 6,
    "InstanceNormalization": 6,
}

Types = Sequence[TensorType | None]


def flops(op_type: str, inputs: Types, outputs: Types, attributes: Mapping[str, Any]) -> int | None:
    """Floating-point operations for one sample; None where a shape or the operation's cost is not known.

    inputs, outputs: types in the operation's own order, None for one that is left out or unknown.
    """
    if op_type in _FREE:
        return 0
    out = numeric_shape(outputs[0]) if outputs else None
    if out is None or not inputs:
        return None
    if op_type in _ELEMENTWISE:
        return _ELEMENTWISE[op_type] * prod(out) * (max(1, len(inputs) - 1) if op_type in ("Sum", "Max", "Min") else 1)
    ins = [numeric_shape(entry) for entry in inputs]
    if op_type in ("Conv", "ConvTranspose"):
        return _conv(op_type, ins, out)
    if op_type == "Gemm":
        return _gemm(ins, out, attributes)
    if op_type == "MatMul":
        return 2 * prod(out) * ins[0][-1] if ins[0] else None
    if op_type in ("MaxPool", "AveragePool", "LpPool"):
        window = attributes.get("kernel_shape")  # within a function it may be what the call gives
        known = isinstance(window, tuple) and all(isinstance(size, int) for size in window)
        return prod(out) * prod(window or ()) if window and known else None
    if op_type.startswith(("Reduce", "Global", "Arg")):
        return prod(ins[0]) if ins[0] is not None else None
    return None


def numeric_shape(tensor: TensorType | None) -> tuple[int, ...] | None:
    """The shape in numbers, symbolic dimensions as 1; None where it is not known."""
    if tensor is None or tensor.shape is None:
        return None
    if None in tensor.shape:
        return None
    return tuple([size if isinstance(size, int) else 1 for size in tensor.shape])


def _conv(op_type: str, ins: list[tuple[int, ...] | None], out: tuple[int, ...]) -> int | None:
    weight = ins[1] if len(ins) > 1 else None
    if weight is None or len(weight) < 3 or ins[0] is None:
        return None
    # Conv: W (C_out, C_in/groups, k…) meets every output. ConvTranspose: W (C_in, C_out/groups, k…), every input.
    touched = prod(out) if op_type == "Conv" else prod(ins[0])
    bias = prod(out) if len(ins) > 2 and ins[2] is not None else 0
    return 2 * touched * prod(weight[1:]) + bias


def _gemm(ins: list[tuple[int, ...] | None], out: tuple[int, ...], attributes: Mapping[str, Any]) -> int | None:
    a = ins[0]
    if a is None or len(a) != 2:
        return None
    inner = a[0] if attributes.get("transA") else a[1]
    bias = prod(out) if len(ins) > 2 and ins[2] is not None else 0
    return 2 * prod(out) * inner + bias
