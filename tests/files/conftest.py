"""ONNX files that are small, hostile or endless; torchvision made importable."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from models.torchvision_ops import allow_import

allow_import()

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """``save(nodes, inputs, weights, name)``: an ONNX file with output y; inputs default to x: (N, 3) floats."""

    def saved(
        nodes: list[onnx.NodeProto],
        inputs: list[onnx.ValueInfoProto] | None = None,
        weights: list[onnx.TensorProto] | None = None,
        name: str = "made",
    ) -> Path:
        if inputs is None:
            inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3])]
        out = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
        graph = helper.make_graph(nodes, "made", inputs, out, weights or [])
        path = tmp_path / f"{name}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
        return path

    return saved


@pytest.fixture
def small(save: Save) -> Path:
    """h = x · w, y = relu(h)."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [3, 2], [1, -1, 0, 2, 0.5, 0])
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"], name="a/mul"), helper.make_node("Relu", ["h"], ["y"])]
    return save(nodes, weights=[weight])


@pytest.fixture
def endless(save: Save) -> Path:
    """A loop of 10^15 rounds."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Sin", ["v"], ["next"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    weights = [
        helper.make_tensor("most", TensorProto.INT64, [], [10**15]),
        helper.make_tensor("yes", TensorProto.BOOL, [], [1]),
    ]
    return save([helper.make_node("Loop", ["most", "yes", "x"], ["y"], body=body)], weights=weights, name="endless")


@pytest.fixture
def hungry(save: Save) -> Path:
    """2^36 floats out of a shape."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [2**36])
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["big"]),
        helper.make_node("Add", ["big", "one"], ["y"]),
    ]
    one = helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])
    return save(nodes, weights=[shape, one], name="hungry")


@pytest.fixture
def hidden_hungry(save: Save) -> Path:
    """The same where nobody can tell beforehand: the shape is computed from the input's values."""
    nodes = [
        helper.make_node("Cast", ["x"], ["size"], to=TensorProto.INT64),
        helper.make_node("ConstantOfShape", ["size"], ["big"]),
        helper.make_node("Add", ["big", "one"], ["y"]),
    ]
    one = helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])
    return save(nodes, [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])], [one], name="hidden_hungry")


@pytest.fixture
def outside(save: Save, tmp_path: Path) -> Path:
    """A weight whose values lie in another file, which is there."""
    (tmp_path / "secret.bin").write_bytes(b"\x00\x00\x80?" * 6)
    weight = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3, 2])
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="secret.bin")
    weight.external_data.add(key="length", value="24")
    # onnx.save would look for the data: written by hand.
    path = save([helper.make_node("MatMul", ["x", "w"], ["y"])], name="outside")
    model = onnx.load(path)
    model.graph.initializer.append(weight)
    path.write_bytes(model.SerializeToString())
    return path
