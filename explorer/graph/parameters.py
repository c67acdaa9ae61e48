"""Which weights of an operation were learned, whatever their type, and how many numbers they stand for.

A file does not say what was learned. What counts is what the operation does with the input (its role): a kernel counts,
quantised or not; the size of a picture, a threshold, a statistic of the data, a scale or a zero point does not.
Nothing is read here. Roles are those of ONNX's schemas; those of onnxruntime's own operations stand below.
"""

from collections.abc import Mapping
from math import prod
from typing import Any, Literal

Kind = Literal["parameter", "quantization", "constant"]
"""What a weight is to its operation: learned, a scale or zero point, or anything else."""

# Inputs of onnxruntime's own operations (domain com.microsoft), for which the onnx package has no schema.
MICROSOFT_ROLES: dict[str, tuple[str, ...]] = {
    "DequantizeLinear": ("x", "x_scale", "x_zero_point"),
    "DynamicQuantizeMatMul": ("A", "B", "b_scale", "b_zero_point", "bias"),
    "FusedConv": ("X", "W", "B", "Z"),
    "FusedGemm": ("A", "B", "C"),
    "FusedMatMul": ("A", "B"),
    "GatherBlockQuantized": ("data", "indices", "scales", "zero_points"),
    "MatMulIntegerToFloat": ("A", "B", "a_scale", "b_scale", "a_zero_point", "b_zero_point", "bias"),
    "MatMulNBits": ("A", "B", "scales", "zero_points", "g_idx", "bias"),
    "QGemm": (
        *("A", "a_scale", "a_zero_point", "B", "b_scale", "b_zero_point"),
        *("C", "y_scale", "y_zero_point"),
    ),
    "QLinearAdd": ("A", "A_scale", "A_zero_point", "B", "B_scale", "B_zero_point", "C_scale", "C_zero_point"),
    "QLinearMul": ("A", "A_scale", "A_zero_point", "B", "B_scale", "B_zero_point", "C_scale", "C_zero_point"),
    "QLinearAveragePool": ("X", "x_scale", "x_zero_point", "y_scale", "y_zero_point"),
    "QLinearGlobalAveragePool": ("X", "x_scale", "x_zero_point", "y_scale", "y_zero_point"),
    "QLinearLeakyRelu": ("X", "X_scale", "X_zero_point", "Y_scale", "Y_zero_point"),
    "QLinearSigmoid": ("X", "X_scale", "X_zero_point", "Y_scale", "Y_zero_point"),
    "QLinearSoftmax": ("X", "X_scale", "x_zero_point", "y_scale", "y_zero_point"),
    "QuantizeLinear": ("x", "y_scale", "y_zero_point"),
}
# Roles that hold learned numbers as whole numbers, by operation.
_QUANTISED = {
    "ConvInteger": {"x", "w"},
    "DequantizeLinear": {"x"},
    "DynamicQuantizeMatMul": {"B"},
    "GatherBlockQuantized": {"data"},
    "MatMulInteger": {"A", "B"},
    "MatMulIntegerToFloat": {"A", "B"},
    "MatMulNBits": {"B"},
    "QGemm": {"A", "B", "C"},
    "QLinearAdd": {"A", "B"},
    "QLinearConv": {"x", "w", "B"},
    "QLinearMatMul": {"a", "b"},
    "QLinearMul": {"A", "B"},
}
_QUANTISING = {*_QUANTISED, "QuantizeLinear"}
# Roles that hold numbers that are no learned ones, by operation.
_NOT_LEARNED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"), ("A", "B")),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), ("initial_h", "initial_c")),
    **dict.fromkeys(("Max", "Min"), ("data_0",)),
    "BatchNormalization": ("input_mean", "input_var", "mean", "var"),
    "Clip": ("min", "max"),
    "Dropout": ("ratio",),
    "NonMaxSuppression": ("iou_threshold", "score_threshold"),
    "OneHot": ("values",),
    "Pad": ("constant_value", "value"),
    "Range": ("start", "limit", "delta"),
    "Resize": ("roi", "scales"),
    "RoiAlign": ("rois",),
    "Shape": ("data",),
    "Size": ("data",),
    "Upsample": ("scales",),
}


_SYMBOLS = {
    "Conv": {"B": "b"},
    "ConvTranspose": {"B": "b"},
    "Gemm": {"B": "W", "C": "b"},
    "MatMul": {"A": "W", "B": "W"},
}


def symbol_of(op_type: str, role: str) -> str:
    """W for a layer's weights and b for its bias, whatever ONNX calls the input; for others the role.

    >>> symbol_of("Gemm", "B"), symbol_of("Gemm", "C"), symbol_of("Clip", "min")
    ('W', 'b', 'min')
    """
    return _SYMBOLS.get(op_type, {}).get(role, role)


def kind_of(op_type: str, role: str, dtype: str, shape: tuple[int, ...]) -> Kind:
    """What a weight of this type is to the operation that reads it in ``role``.

    >>> kind_of("DequantizeLinear", "x", "int8", (4, 3)), kind_of("Resize", "scales", "float32", (4,))
    ('parameter', 'constant')
    """
    if op_type in _QUANTISING and ("scale" in role or "zero_point" in role):
        return "quantization"
    if "float" in dtype:
        return "parameter" if shape and role not in _NOT_LEARNED.get(op_type, ()) else "constant"
    return "parameter" if role in _QUANTISED.get(op_type, ()) else "constant"


def elements(op_type: str, role: str, shape: tuple[int, ...], attributes: Mapping[str, Any]) -> int:
    """How many numbers a weight stands for: more than it has elements where several are packed into a byte."""
    bits = attributes.get("bits", 4)
    if op_type == "MatMulNBits" and role == "B":
        sizes = attributes.get("K"), attributes.get("N")
        if all(isinstance(size, int) and size >= 0 for size in sizes):
            return prod(size for size in sizes if isinstance(size, int))
    if op_type == "GatherBlockQuantized" and role == "data" and bits in (2, 4):
        return prod(shape) * 8 // int(bits)
    return prod(shape)
