"""Reading: against what the file says, against torch's own count, and with files that are none."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from explorer.graph.graph import TensorKey
from explorer.graph.graph_json import graph_to_json
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.weights import read_weight
from models.errors import GraphError
from tests.onnx_models import Save, branches


def test_the_digit_network(cnn: nn.Module, cnn_file: Path) -> None:
    graph = read_onnx(cnn_file)
    assert [node.op_type for node in graph.nodes] == [node.op_type for node in onnx.load(cnn_file).graph.node]
    assert sum(node.params for node in graph.nodes) == sum(p.numel() for p in cnn.parameters()) == 207_258
    conv = graph.nodes[0]
    assert [(w.role, w.name, w.shape) for w in conv.weights] == [
        ("W", "conv1.weight", (4, 1, 5, 5)),
        ("B", "conv1.bias", (4,)),
    ]
    assert conv.scope == ("conv1",)
    assert conv.category == "layer"
    assert graph.tensors[conv.outputs[0]].shape == ("batch", 4, 28, 28)
    assert conv.source is not None
    assert (conv.source.path, conv.source.function) == ("tests/onnx_models.py", "forward")
    assert "self.conv1(x)" in conv.source.code


def test_nested_scopes_and_learned_parameters(nested: nn.Module, nested_file: Path) -> None:
    graph = read_onnx(nested_file)
    norm = next(node for node in graph.nodes if node.op_type == "BatchNormalization")
    assert norm.scope == ("features", "0", "1")
    assert [weight.role for weight in norm.weights] == ["scale", "B", "input_mean", "input_var"]
    assert sum(node.params for node in graph.nodes) == sum(p.numel() for p in nested.parameters())


def test_weights_are_read_when_asked_for(cnn: nn.Module, cnn_file: Path) -> None:
    np.testing.assert_array_equal(
        read_weight(cnn_file, TensorKey("", "conv1.weight")), cnn.state_dict()["conv1.weight"].numpy()
    )
    with pytest.raises(GraphError, match="no weight 'nothing'"):
        read_weight(cnn_file, TensorKey("", "nothing"))


def test_constants_are_folded_once_and_stay_in_the_json(save: Save) -> None:
    scalar = helper.make_node("Constant", [], ["k"], value_float=0.5)
    path = save(
        [
            scalar,
            helper.make_node("Mul", ["x", "k"], ["h"]),
            helper.make_node("MatMul", ["h", "w"], ["m"]),
            helper.make_node("MatMul", ["m", "w"], ["y"]),
        ],
        [numpy_helper.from_array(np.eye(3, dtype=np.float32), "w")],
    )
    graph = read_onnx(path)
    constant, mul, first, second = graph.nodes
    assert constant.folded
    assert [(w.role, w.value) for w in mul.weights] == [("B", 0.5)]
    assert (first.params, second.params) == (9, 0)  # a shared weight counts once
    assert not first.weights
    assert not second.weights
    assert [(w.name, w.shape) for w in graph.constants] == [("w", (3, 3))]  # two nodes share it
    assert graph.tensors["y"].shape == ("N", 3)
    assert [node["op_type"] for node in graph_to_json(graph)["nodes"]] == ["Constant", "Mul", "MatMul", "MatMul"]
    np.testing.assert_array_equal(read_weight(path, TensorKey("", "k")), np.float32(0.5))


def test_a_constant_that_is_an_output_stays(save: Save) -> None:
    graph = read_onnx(save([helper.make_node("Constant", [], ["y"], value_float=0.5)]))
    assert not graph.nodes[0].folded


def test_bodies_are_graphs_with_unique_ids(save: Save) -> None:
    path = save([helper.make_node("Relu", ["x"], ["h"]), branches()])
    graph = read_onnx(path)
    fork = graph.nodes[1]
    assert {title: body.name for title, body in fork.bodies.items()} == {"then_branch": "twice", "else_branch": "minus"}
    ids = [node.id for node in graph.all_nodes()]
    assert len(ids) == len(set(ids)) == 4
    assert ids == [node.id for node in read_onnx(path).all_nodes()]
    then = fork.bodies["then_branch"]
    assert then.nodes[0].weights[0].value == 2.0
    entry = graph_to_json(graph)["nodes"][1]
    assert entry["bodies"]["else_branch"]["nodes"][0]["op_type"] == "Neg"


def test_scopes_from_names(save: Save) -> None:
    graph = read_onnx(
        save(
            [
                helper.make_node("Relu", ["x"], ["h"], name="/encoder/layer.0/Relu"),
                helper.make_node("Relu", ["h"], ["i"], name="decoder.act.relu"),
                helper.make_node("Relu", ["i"], ["y"], name="plain"),
            ]
        )
    )
    assert [node.scope for node in graph.nodes] == [("encoder", "layer.0"), ("decoder", "act"), ()]


def test_attributes_can_be_written_as_json(save: Save) -> None:
    value = numpy_helper.from_array(np.array([1, 2], np.int64))
    graph = read_onnx(
        save(
            [
                helper.make_node("LeakyRelu", ["x"], ["h"], alpha=0.1),
                helper.make_node("Odd", ["h"], ["y"], domain="mine", t=value, f=[0.5, float("inf")], s=b"\xff"),
            ]
        )
    )
    first, second = (node["attributes"] for node in graph_to_json(graph)["nodes"])
    assert first == {"alpha": 0.1}
    assert second["t"] == {"dtype": "int64", "shape": [2], "values": [1, 2]}
    assert second["f"] == [0.5, "inf"]
    assert graph.nodes[1].category == "other"


@pytest.mark.parametrize("content", [b"", b"hello, I am a text\n", bytes(range(256)) * 8, b"\x08\x0a"])
def test_a_file_that_is_not_onnx(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(GraphError, match=r"bad\.onnx is not an ONNX file, or it is truncated"):
        read_onnx(path)


def test_a_truncated_file_and_a_missing_one(tmp_path: Path, cnn_file: Path) -> None:
    path = tmp_path / "half.onnx"
    path.write_bytes(cnn_file.read_bytes()[:-1000])
    with pytest.raises(GraphError, match="truncated"):
        read_onnx(path)
    with pytest.raises(GraphError, match="cannot be read"):
        read_onnx(tmp_path / "none.onnx")


def test_external_data_are_never_followed(tmp_path: Path, save: Save) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(np.ones(3, np.float32).tobytes())
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=str(secret))
    path = save([helper.make_node("Add", ["x", "w"], ["y"])], [tensor])
    assert read_onnx(path).nodes[0].weights[0].shape == (3,)
    with pytest.raises(GraphError, match="lie outside the file"):
        read_weight(path, TensorKey("", "w"))


def test_an_operation_outside_all_modules_is_in_none(save: Save) -> None:
    node = helper.make_node("Relu", ["x"], ["y"], name="one")
    empty = "_empty_nn_module_stack_from_metadata_hook"
    node.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=f"['{empty}', 'one']")
    assert read_onnx(save([node])).nodes[0].scope == ()


def test_the_class_of_each_module_around_a_node(nested_file: Path, save: Save) -> None:
    node = next(node for node in read_onnx(nested_file).nodes if node.scope == ("features", "0", "0"))
    assert node.classes == ("Sequential", "Sequential", "Conv2d")
    # A list that does not fit the scopes tells nothing, rather than something wrong.
    made = helper.make_node("Relu", ["x"], ["y"], "relu")
    made.metadata_props.add(key="pkg.torch.onnx.name_scopes", value="['', 'one', 'relu']")
    for classes, expected in (("['a.Net', 'a.b.One', 'aten.relu']", ("One",)), ("['a.Net']", ()), ("{'a': 1}", ())):
        made.metadata_props.add(key="pkg.torch.onnx.class_hierarchy", value=classes)
        read = read_onnx(save([made])).nodes[0]
        assert (read.scope, read.classes) == (("one",), expected)
        del made.metadata_props[-1]


def test_a_convolution_keeps_its_own_name_where_a_normalisation_was_folded_into_it(
    nested_file: Path, save: Save
) -> None:
    convolutions = [node for node in read_onnx(nested_file).nodes if node.op_type == "Conv"]
    for node in convolutions:  # the exporter says the module of the normalisation, the weight's name the convolution's
        assert node.weights[0].name == ".".join((*node.scope, "weight"))
    assert len(convolutions) > 1
    weight = TensorProto(name="elsewhere.conv.weight", data_type=TensorProto.FLOAT, dims=[1, 1, 1, 1], float_data=[1])
    other = helper.make_node("Conv", ["x", weight.name], ["y"], "one")
    other.metadata_props.add(key="pkg.torch.onnx.name_scopes", value="['', 'stem', 'stem.bn', 'one']")
    other.metadata_props.add(key="pkg.onnxscript.rewriter.rule_name", value="FuseBatchNormIntoConv")
    assert read_onnx(save([other], [weight])).nodes[0].scope == ("stem", "bn")  # not in the same module
