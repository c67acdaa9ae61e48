"""What counts as learned: kernels of any type and packing, and neither scales, sizes, thresholds nor statistics."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from explorer.graph.onnx_io.read import graph_of
from explorer.graph.parameters import elements, kind_of


@pytest.mark.parametrize(
    ("op", "role", "dtype", "shape", "kind"),
    [
        ("Conv", "W", "float32", (4, 3, 3, 3), "parameter"),
        ("Conv", "W", "float16", (4, 3, 3, 3), "parameter"),
        ("MatMul", "B", "bfloat16", (4, 3), "parameter"),
        ("Add", "B", "float32", (), "constant"),
        ("DequantizeLinear", "x", "uint4", (4, 3), "parameter"),
        ("DequantizeLinear", "x", "float8e4m3fn", (4, 3), "parameter"),
        ("DequantizeLinear", "x_scale", "float32", (4,), "quantization"),
        ("DequantizeLinear", "x_zero_point", "int8", (4,), "quantization"),
        ("QLinearConv", "w", "int8", (4, 3, 3, 3), "parameter"),
        ("QLinearConv", "B", "int32", (4,), "parameter"),
        ("QLinearConv", "w_scale", "float32", (4,), "quantization"),
        ("ConvInteger", "w", "uint8", (4, 3, 3, 3), "parameter"),
        ("MatMulNBits", "B", "uint8", (8, 1, 16), "parameter"),
        ("MatMulNBits", "scales", "float32", (8,), "quantization"),
        ("Resize", "scales", "float32", (4,), "constant"),
        ("Resize", "roi", "float32", (8,), "constant"),
        ("NonMaxSuppression", "iou_threshold", "float32", (1,), "constant"),
        ("Greater", "B", "float32", (1,), "constant"),
        ("Clip", "max", "float32", (1,), "constant"),
        ("BatchNormalization", "mean", "float32", (4,), "constant"),
        ("BatchNormalization", "input_var", "float32", (4,), "constant"),
        ("BatchNormalization", "scale", "float32", (4,), "parameter"),
        ("Reshape", "shape", "int64", (2,), "constant"),
        ("ReduceSum", "axes", "int64", (1,), "constant"),
        ("Gather", "data", "float32", (100, 8), "parameter"),
        ("LSTM", "initial_h", "float32", (1, 1, 8), "constant"),
        ("LSTM", "R", "float32", (1, 32, 8), "parameter"),
    ],
)
def test_kinds(op: str, role: str, dtype: str, shape: tuple[int, ...], kind: str) -> None:
    assert kind_of(op, role, dtype, shape) == kind


def test_packed_weights_count_what_they_stand_for() -> None:
    assert elements("MatMulNBits", "B", (8, 1, 16), {"K": 32, "N": 8, "bits": 4}) == 256
    assert elements("GatherBlockQuantized", "data", (10, 16), {"bits": 4}) == 320
    assert elements("Conv", "W", (4, 3, 3, 3), {}) == 108
    assert elements("MatMulNBits", "B", (8, 1, 16), {"K": "x"}) == 128  # a damaged attribute


def test_an_old_normalization_counts_like_a_new_one() -> None:
    counts = []
    for opset in (9, 15):
        weights = [numpy_helper.from_array(np.ones(4, np.float32), name) for name in "smbv"]
        graph = helper.make_graph(
            [helper.make_node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"])],
            "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 2, 2])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            weights,
        )
        model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        counts.append(graph_of(model, "g").nodes[0].params)
    assert counts == [8, 8]
