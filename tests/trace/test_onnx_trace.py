"""Traces against torch's own hooks and numpy, npz files, made-up inputs, and inputs that do not fit."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from explorer.graph.onnx_io.export import export_onnx
from explorer.graph.onnx_io.read import read_onnx
from explorer.trace import engines
from explorer.trace.node_times import node_seconds
from explorer.trace.onnx_trace import Tracer, bytes_of_values, load_inputs, save_npz, trace
from models.errors import GraphError

Array = npt.NDArray[Any]


def made(nodes: list[onnx.NodeProto], shape: list[int | str | None], kind: int = TensorProto.FLOAT) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x/in", kind, shape)],
        [helper.make_tensor_value_info("y", TensorProto.UNDEFINED, None)],
        [numpy_helper.from_array(np.array([1, 2, 3], np.float32), "w/file")],
    )
    graph.output[0].ClearField("type")
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


SUM = [helper.make_node("Add", ["x/in", "w/file"], ["file"]), helper.make_node("Relu", ["file"], ["y"])]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 4))
def test_every_value_equals_numpy(batch: int) -> None:
    x = np.linspace(-5, 5, batch * 3, dtype=np.float32).reshape(batch, 3)
    results = trace(made(SUM, ["N", 3]), {"x/in": x})
    shifted = x + np.array([1, 2, 3], np.float32)
    expected: dict[str, Array] = {"x/in": x, "file": shifted, "y": np.maximum(shifted, 0)}
    assert set(results.values) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(results.values[name], value, atol=1e-6)
    assert (results.generated, results.engine) == (False, "onnxruntime")


def test_an_exported_network_equals_torch_layer_by_layer(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sigmoid(), nn.Flatten(), nn.Linear(2 * 16, 4)).eval()
    path = tmp_path / "a.onnx"
    x = torch.rand(1, 1, 6, 6)
    export_onnx(network, x, path)
    values = trace(path, {"input": x.numpy()}).values
    step = x
    with torch.no_grad():
        for layer in network:
            step = layer(step)
            assert any(v.shape == step.shape and np.allclose(v, step, atol=1e-5) for v in values.values()), layer


def test_the_npz_gives_back_every_tensor_by_its_name(tmp_path: Path) -> None:
    results = trace(made(SUM, [2, 3]), weights=True)
    path = tmp_path / "t.npz"
    save_npz(results.values, path)
    with np.load(path) as archive:
        assert set(archive.files) == {"x/in", "w/file", "file", "y"}
        for name in archive.files:
            np.testing.assert_array_equal(archive[name], results.values[name])
    assert set(load_inputs(path)) == {"x/in", "w/file", "file", "y"}


def test_inputs_are_made_up_the_same_each_time() -> None:
    first, second = (trace(made(SUM, ["N", 3])) for _ in range(2))
    assert first.generated
    assert first.values["x/in"].shape == (1, 3)
    np.testing.assert_array_equal(first.values["y"], second.values["y"])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "Input 'x/in' is missing"),
        ({"x/in": np.zeros((2, 4), np.float32)}, "has shape 2×4, but the graph takes N×3"),
        ({"x/in": np.zeros(3, np.float32)}, "has shape 3, but the graph takes N×3"),
        ({"x/in": np.zeros((1, 3), complex)}, "of type complex128, but the graph takes float32"),
        ({"x/in": np.zeros((1, 3), np.float32), "z": np.zeros(1)}, "no input 'z'; it has: x/in"),
    ],
)
def test_inputs_that_do_not_fit(inputs: dict[str, Array], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        trace(made(SUM, ["N", 3]), inputs)


def test_double_precision_inputs_are_taken() -> None:
    assert trace(made(SUM, ["N", 3]), {"x/in": np.zeros((1, 3))}).values["y"].dtype == np.float32


def test_sequences_are_kept_in_parts() -> None:
    nodes = [
        helper.make_node("SplitToSequence", ["x/in"], ["parts"], axis=1, keepdims=1),
        helper.make_node("SequenceLength", ["parts"], ["y"]),
    ]
    values = trace(made(nodes, [2, 3])).values
    assert [values[f"parts[{i}]"].shape for i in range(3)] == [(2, 1)] * 3
    assert values["y"] == 3


def test_the_reference_evaluator_serves_where_onnxruntime_fails() -> None:
    # onnxruntime has no kernel for a bfloat16 addition on the CPU.
    nodes = [
        helper.make_node("Cast", ["x/in"], ["b"], to=TensorProto.BFLOAT16),
        helper.make_node("Add", ["b", "b"], ["s"]),
        helper.make_node("Cast", ["s"], ["y"], to=TensorProto.FLOAT),
    ]
    results = trace(made(nodes, [2]), {"x/in": np.array([1, 2], np.float32)})
    assert results.engine == "reference"
    np.testing.assert_array_equal(results.values["y"], np.array([2, 4], np.float32))


def test_a_graph_that_cannot_run_says_why() -> None:
    with pytest.raises(GraphError, match=r"cannot run: .*Unheard"):
        trace(made([helper.make_node("Unheard", ["x/in"], ["y"])], [1]))


def test_absurd_dimensions_do_not_exhaust_the_memory() -> None:
    with pytest.raises(GraphError, match="can be generated"):
        trace(made(SUM, [2**40, 3]))


def test_a_graph_that_runs_too_long_is_stopped() -> None:
    iteration = helper.make_tensor_value_info("i", TensorProto.INT64, [])
    go = helper.make_tensor_value_info("go", TensorProto.BOOL, [])
    went = helper.make_tensor_value_info("went", TensorProto.BOOL, [])
    carried = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in ("a", "b")]
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["went"]), helper.make_node("Sin", ["a"], ["b"])],
        "body",
        [iteration, go, carried[0]],
        [went, carried[1]],
    )
    model = made([helper.make_node("Loop", ["", "", "x/in"], ["y"], body=body)], ["N", 3])
    true = helper.make_tensor("true", TensorProto.BOOL, [], [1])
    model.graph.initializer.append(true)
    model.graph.node[0].input[1] = "true"
    with pytest.raises(GraphError, match=r"longer than 0\.5 s"):
        trace(model, seconds=0.5)


def test_weights_outside_the_file_are_refused(tmp_path: Path) -> None:
    model = made(SUM, [2, 3])
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="/etc/hostname")
    with pytest.raises(GraphError, match="lie outside the file"):
        trace(model)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"hello"])
def test_a_broken_npz(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(GraphError, match=r"x\.npz is not an \.npz"):
        load_inputs(path)


def test_a_tracer_opens_its_model_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sum.onnx"
    onnx.save(made(SUM, ["N", 3]), path)
    opened = []
    session = engines.session

    def counted(model: bytes) -> Any:
        opened.append(model)
        return session(model)

    monkeypatch.setattr(engines, "session", counted)
    tracer = Tracer(path)
    for batch in (1, 4):
        x = np.full((batch, 3), -2, np.float32)
        values = tracer.trace({"x/in": x}).values
        np.testing.assert_array_equal(values["file"], x + np.array([1, 2, 3], np.float32))
        np.testing.assert_array_equal(values["y"], np.maximum(values["file"], 0))
    assert len(opened) == 1
    assert opened[0].startswith(path.read_bytes())  # the file as it is, and the outputs behind it


@pytest.mark.parametrize("kind", ["BFLOAT16", "FLOAT8E5M2", "INT4", "UINT4"])
def test_types_that_numpy_lacks_come_from_onnxruntime(kind: str) -> None:
    number = TensorProto.DataType.Value(kind)
    nodes = [
        helper.make_node("Cast", ["x/in"], ["small"], to=number),
        helper.make_node("Cast", ["small"], ["y"], to=TensorProto.FLOAT),
    ]
    x = np.array([1, 2, 3, 5, 7], np.float32)
    model = made(nodes, [5])
    model.opset_import[0].version = 21  # the first one with four-bit numbers
    results = trace(model, {"x/in": x})
    dtype = np.dtype(helper.tensor_dtype_to_np_dtype(number))
    assert results.engine == "onnxruntime"
    assert results.values["small"].dtype == dtype
    np.testing.assert_array_equal(results.values["small"].astype(np.float32), x.astype(dtype).astype(np.float32))


def test_where_onnxruntime_deviates_the_reference_is_preferred() -> None:
    """ONNX scales by the exact length 2.4 of the result, onnxruntime by the rounded 2 (its own known deviation)."""
    nodes = [
        helper.make_node(
            "Resize", ["x/in", "", "s"], ["y"], mode="linear", coordinate_transformation_mode="align_corners"
        )
    ]
    model = made(nodes, [1, 1, 1, 4])
    model.graph.initializer.append(numpy_helper.from_array(np.array([1, 1, 1, 0.6], np.float32), "s"))
    results = trace(model, {"x/in": np.array([[[[0, 1, 2, 3]]]], np.float32)})
    assert results.engine == "reference"
    # Places 0 and 1 of the result stand at 0 and 1 · (4 - 1) / (2.4 - 1) of the input, which is a ramp.
    np.testing.assert_allclose(results.values["y"].ravel(), [0, 3 / 1.4], rtol=1e-6)


def test_what_a_trace_needs_is_counted_beforehand() -> None:
    model = made([*SUM, helper.make_node("Concat", ["y", "y"], ["z"], axis=0)], ["N", 3])
    assert bytes_of_values(model, {"x/in": (5, 3)}) == 4 * (15 + 15 + 30)


def test_seconds_of_each_node_and_of_those_in_its_body(tmp_path: Path) -> None:
    size = 400
    names = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", size]) for name in ("a", "b")]
    going = helper.make_tensor_value_info("go", TensorProto.BOOL, [])
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["a", "big"], ["b"], name="same"),
            helper.make_node("Identity", ["go"], ["went"], name="same"),
        ],
        "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), going, names[0]],
        [helper.make_tensor_value_info("went", TensorProto.BOOL, []), names[1]],
    )
    model = made(
        [
            helper.make_node("Relu", ["x/in"], ["r"], name="same"),
            helper.make_node("Loop", ["count", "", "r"], ["y"], body=body, name="same"),
        ],
        ["N", size],
    )
    model.graph.initializer.extend(
        [
            numpy_helper.from_array(np.full((size, size), 1e-3, np.float32), "big"),
            numpy_helper.from_array(np.array(20, np.int64), "count"),
        ]
    )
    path = tmp_path / "loop.onnx"
    onnx.save(model, path)
    began = time.perf_counter()
    results = node_seconds(path, {"x/in": np.ones((100, size), np.float32)})
    assert set(results) == {node.id for node in read_onnx(path).all_nodes()} == {"n0", "n1", "n1.b0.n0", "n1.b0.n1"}
    assert results["n1"] >= results["n1.b0.n0"] > results["n1.b0.n1"] >= 0
    assert results["n1"] > results["n0"]
    assert sum(results.values()) < time.perf_counter() - began
    assert list(tmp_path.iterdir()) == [path]


def test_seconds_of_a_graph_that_cannot_run() -> None:
    with pytest.raises(GraphError, match=r"cannot run: .*Unheard"):
        node_seconds(made([helper.make_node("Unheard", ["x/in"], ["y"])], [1]))


def gathering(rows: int) -> onnx.ModelProto:
    """A look-up in a table of so many rows, by places that must be given."""
    table = numpy_helper.from_array(np.arange(rows, dtype=np.float32), "table")
    places = helper.make_tensor_value_info("places", TensorProto.INT64, [8])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [8])
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "places"], ["y"])], "g", [places], [result], [table]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.mark.parametrize(("rows", "runs"), [(2, 1), (1, 2)])
def test_generated_places_beyond_a_table_become_0_and_no_run_is_made_twice(
    monkeypatch: pytest.MonkeyPatch, rows: int, runs: int
) -> None:
    tracer, calls = Tracer(gathering(rows)), []
    run = engines.run

    def counted(*arguments: Any) -> Any:
        calls.append(arguments[2])
        return run(*arguments)

    monkeypatch.setattr(engines, "run", counted)
    first = tracer.trace(seconds=30)
    assert len(calls) == runs
    assert all(limit <= 30 for limit in calls), "no run takes longer than the caller allows"
    assert first.values["places"].any() == (rows > 1)
    assert len(tracer.trace().values) == 2
    assert len(calls) == runs + 1
    assert node_seconds(Tracer(gathering(rows)))["n0"] > 0
