"""Reading without the weights: what is left in the file, what stays, and each weight read back by its place."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from explorer.graph.graph import Graph, TensorKey
from explorer.graph.graph_json import graph_to_json
from explorer.graph.onnx_io import skeleton_file as onnx_file
from explorer.graph.onnx_io.local_functions import MOST_EXPANDED
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.skeleton_file import load_model, load_skeleton, stored_at, stored_tensor
from explorer.graph.onnx_io.weights import read_weight
from models.errors import GraphError
from tests.onnx_models import Save

Array = npt.NDArray[Any]
IDENTITY = helper.make_node("Identity", ["x"], ["y"])


def model_with(weights: list[onnx.TensorProto], nodes: list[onnx.NodeProto] | None = None) -> onnx.ModelProto:
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in "xy"]
    graph = helper.make_graph(nodes or [IDENTITY], "g", value[:1], value[1:], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


DTYPES = [
    np.float32,
    np.float64,
    np.float16,
    np.int8,
    np.int64,
    np.uint64,
    np.bool_,
    np.complex64,
    ml_dtypes.bfloat16,
    ml_dtypes.float8_e4m3fn,
    ml_dtypes.int4,
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(DTYPES), st.integers(0, 3000), st.booleans()), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
)
def test_every_weight_is_read_back(tmp_path: Path, kinds: list[tuple[Any, int, bool]], seed: int) -> None:
    """Of any type and size, as raw bytes or in the typed field, as onnx itself reads it."""
    random = np.random.default_rng(seed)
    weights = []
    for place, (kind, size, raw) in enumerate(kinds):
        value = random.integers(0, 2, size).astype(kind)
        tensor = numpy_helper.from_array(value, f"w{place}")
        if not raw and np.dtype(kind).isbuiltin == 1:
            tensor = helper.make_tensor(f"w{place}", tensor.data_type, [size], value)
        weights.append(tensor)
    path = tmp_path / f"{seed}.onnx"
    onnx.save(model_with(weights), path)
    light = load_skeleton(path)
    for tensor, left in zip(weights, light.graph.initializer, strict=True):
        assert (left.name, list(left.dims), left.data_type) == (tensor.name, list(tensor.dims), tensor.data_type)
        large = tensor.ByteSize() > onnx_file.SMALL_TENSOR
        assert (stored_at(left) is not None) == large
        assert left.ByteSize() <= onnx_file.SMALL_TENSOR
        assert stored_tensor(path, left) == tensor
        np.testing.assert_array_equal(read_weight(path, TensorKey("", tensor.name)), numpy_helper.to_array(tensor))
    path.unlink()


def test_only_the_data_are_left_out(cnn_file: Path) -> None:
    whole, light = load_model(cnn_file), load_skeleton(cnn_file)
    assert light.ByteSize() < 0.1 * whole.ByteSize()
    for model in (whole, light):
        for tensor in model.graph.initializer:
            tensor.ClearField("raw_data")
            del tensor.metadata_props[:]
    assert light == whole


def test_strings_and_typed_floats_written_one_by_one(tmp_path: Path) -> None:
    """Old writers do not pack numbers: each has a tag of its own."""
    texts = numpy_helper.from_array(np.array([f"word{i}" for i in range(400)], object), "t")
    path = tmp_path / "unpacked.onnx"
    body = b"\x08\xac\x02\x10\x01" + b"".join(b"\x25" + np.float32(i).tobytes() for i in range(300)) + b"\x42\x01f"
    graph = b"\x2a" + bytes([len(body) & 127 | 128, len(body) >> 7]) + body  # initializer: dims 300, FLOAT, name f
    path.write_bytes(
        model_with([texts]).SerializeToString() + b"\x3a" + bytes([len(graph) & 127 | 128, len(graph) >> 7]) + graph
    )
    np.testing.assert_array_equal(read_weight(path, TensorKey("", "f")), np.arange(300, dtype=np.float32))
    assert read_weight(path, TensorKey("", "t")).tolist()[:2] == ["word0", "word1"]
    assert {weight.name for weight in read_onnx(path).constants} == {"t", "f"}


def test_constants_bodies_functions_and_sparse_weights(tmp_path: Path) -> None:
    values = {name: np.random.default_rng(3).random((20, 30), np.float32) + place for place, name in enumerate("abcd")}
    stored = {name: numpy_helper.from_array(value, name) for name, value in values.items()}
    out = helper.make_tensor_value_info("r", TensorProto.FLOAT, None)
    body = helper.make_graph(
        [
            helper.make_node("Constant", [], ["a"], value=stored["a"]),
            helper.make_node("Add", ["a", "b"], ["r"]),
        ],
        "body",
        [],
        [out],
        [stored["b"]],
    )
    function = helper.make_function(
        "mine",
        "F",
        ["p"],
        ["q"],
        [helper.make_node("Constant", [], ["c"], value=stored["c"]), helper.make_node("Identity", ["c"], ["q"])],
        [helper.make_opsetid("", 20)],
    )
    model = model_with([], [helper.make_node("If", ["c0"], ["h"], then_branch=body, else_branch=body), IDENTITY])
    model.functions.append(function)
    sparse = model.graph.sparse_initializer.add(dims=[1000])
    sparse.values.CopyFrom(helper.make_tensor("s", TensorProto.FLOAT, [400], np.arange(400, dtype=np.float32)))
    sparse.indices.CopyFrom(helper.make_tensor("i", TensorProto.INT64, [400], np.arange(400) * 2))
    path = tmp_path / "all.onnx"
    onnx.save(model, path)
    assert load_skeleton(path).ByteSize() < 3000
    for place, name in (("n0.b0", "a"), ("n0.b0", "b"), ("n0.b1", "a"), ("f0", "c")):
        np.testing.assert_array_equal(read_weight(path, TensorKey(place, name)), values[name])
    expected = np.zeros(1000, np.float32)
    expected[np.arange(400) * 2] = np.arange(400)
    np.testing.assert_array_equal(read_weight(path, TensorKey("", "s")), expected)


READ = """
import resource, sys
from pathlib import Path
from explorer.graph.onnx_io.read import read_onnx
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read_onnx(Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_reading_takes_no_memory_for_the_weights(tmp_path: Path) -> None:
    value = np.zeros((64, 2**18), np.float32)  # 64 MB
    path = tmp_path / "large.onnx"
    onnx.save(model_with([numpy_helper.from_array(value, "w")]), path)
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=root, capture_output=True, text=True, check=True, timeout=120
    )
    assert int(said.stdout) < 16 * 1024  # kilobytes


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "changing.onnx"
    for size in (1000, 2000):
        onnx.save(model_with([numpy_helper.from_array(np.full(size, size, np.float32), "w")]), path)
        assert read_weight(path, TensorKey("", "w")).tolist() == [size] * size


def called(functions: list[onnx.FunctionProto], nodes: list[onnx.NodeProto]) -> onnx.ModelProto:
    model = model_with([], nodes)
    model.functions.extend(functions)
    model.opset_import.add(domain="mine", version=1)
    return model


def function(name: str, nodes: list[onnx.NodeProto], attributes: list[str] | None = None) -> onnx.FunctionProto:
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("mine", 1)]
    return helper.make_function("mine", name, ["p"], ["q"], nodes, opsets, attributes)


def call(name: str, source: str, target: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(name, [source], [target], domain="mine", **attributes)


def read(model: onnx.ModelProto, tmp_path: Path) -> Graph:
    path = tmp_path / "functions.onnx"
    path.write_bytes(model.SerializeToString())
    return read_onnx(path)


def test_a_call_shows_its_function_with_shapes(tmp_path: Path) -> None:
    leaky = helper.make_node("LeakyRelu", ["p"], ["r"])
    leaky.attribute.add(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    inner = function("Inner", [helper.make_node("Transpose", ["p"], ["q"])])
    outer = function("Outer", [leaky, call("Inner", "r", "q")], ["slope"])
    unused = function("Unused", [helper.make_node("Neg", ["p"], ["q"])])
    graph = read(
        called(
            [outer, inner, unused],
            [
                call("Outer", "x", "h", slope=0.25),
                helper.make_node("Transpose", ["h"], ["y"]),
            ],
        ),
        tmp_path,
    )
    body = graph.nodes[0].bodies["function"]
    assert (body.inputs, body.outputs) == (("p",), ("q",))
    assert body.nodes[0].attributes == {"alpha": "@slope"}
    assert body.tensors["r"].shape == ("N", 3)
    assert body.nodes[1].bodies["function"].tensors["q"].shape == (3, "N")
    assert graph.tensors["h"].shape == (3, "N")
    ids = [node.id for node in graph.all_nodes()]
    assert len(ids) == len(set(ids)) == 5
    assert [function.name for function in graph.functions] == ["Unused"]
    assert graph_to_json(graph)["functions"][0]["nodes"][0]["op_type"] == "Neg"


def test_recursive_functions_are_drawn_without_a_body(tmp_path: Path) -> None:
    recursive = [function("A", [call("B", "p", "q")]), function("B", [call("A", "p", "q")])]
    graph = read(called(recursive, [call("A", "x", "y")]), tmp_path)
    assert not graph.nodes[0].bodies
    assert [function.name for function in graph.functions] == ["A", "B"]


def test_functions_that_double_forty_times_stay_bounded(tmp_path: Path) -> None:
    doubling = [function(f"F{i}", [call(f"F{i + 1}", "p", "m"), call(f"F{i + 1}", "m", "q")]) for i in range(40)]
    last = function("F40", [helper.make_node("Neg", ["p"], ["q"])])
    model = called([*doubling, last], [call("F0", "x", "h"), call("F30", "h", "y")])
    graph = read(model, tmp_path)
    first, second = graph.nodes
    assert not first.bodies
    assert sum(1 for _ in second.bodies["function"].all_nodes()) == 3 * 2**10 - 2
    assert sum(1 for _ in graph.all_nodes()) <= MOST_EXPANDED
    assert "F0" in {function.name for function in graph.functions}


def test_negative_sizes_are_unknown_and_missing_weights_are_told(save: Save) -> None:
    path = save([helper.make_node("Relu", ["x"], ["y"])])
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = -1
    onnx.save(model, path)
    assert read_onnx(path).tensors["x"].shape == ("N", None)
    with pytest.raises(GraphError, match="no weight 'nothing'"):
        read_weight(path, TensorKey("", "nothing"))
