"""Files that try to break a reader: each is read and drawn, or refused in one sentence; and so is running it."""

import builtins
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from explorer.drawing.dot import to_dot
from explorer.drawing.visible import visible
from explorer.graph.graph import Graph, TensorKey
from explorer.graph.graph_json import graph_to_json
from explorer.graph.onnx_io import skeleton_file as onnx_file
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.skeleton_file import MOST_INITIALIZERS
from explorer.graph.onnx_io.weights import read_weight
from explorer.trace.onnx_trace import trace
from models.errors import GraphError

NODE = helper.make_node
LONGEST_SENTENCE = 400  # characters


def value(name: str, shape: list[int | str] | None = None, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto] | None = None, **ends: Any) -> onnx.ModelProto:
    inputs, outputs = ends.get("inputs", [value("x", ["N", 3])]), ends.get("outputs", [onnx.ValueInfoProto(name="y")])
    graph = helper.make_graph(nodes, "g", inputs, outputs, weights or [])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def numbers(name: str, *values: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def read_and_drawn(content: bytes, folder: Path) -> Graph | None:
    """The graph, when it reads and draws; None where it is refused in one sentence."""
    path = folder / "hostile.onnx"
    path.write_bytes(content)
    try:
        graph = read_onnx(path)
    except GraphError as error:
        assert_one_sentence(error)
        return None
    graph_to_json(graph)
    assert "digraph" in to_dot(visible(graph))
    return graph


def assert_one_sentence(error: GraphError) -> None:
    text = str(error)
    assert text.endswith(".")
    assert len(text) < LONGEST_SENTENCE
    assert text.isprintable()


def cannot_run(content: onnx.ModelProto | bytes, folder: Path, message: str) -> None:
    path = folder / "impossible.onnx"
    path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString())
    began = time.monotonic()
    with pytest.raises(GraphError, match=message) as caught:
        trace(path, seconds=5)
    assert_one_sentence(caught.value)
    assert time.monotonic() - began < 10


Made = Callable[[], onnx.ModelProto]

STRANGE: dict[str, Made] = {
    "a cycle": lambda: model(
        [
            NODE("Add", ["x", "b"], ["a"]),
            NODE("Relu", ["a"], ["b"]),
            NODE("Relu", ["b"], ["y"]),
        ]
    ),
    "a node that feeds itself": lambda: model([NODE("Add", ["y", "x"], ["y"])]),
    "dangling names": lambda: model(
        [NODE("Add", ["nowhere", "x"], ["y"]), NODE("Relu", ["y"], ["z"])], outputs=[value("y"), value("never")]
    ),
    "attributes that are missing": lambda: model(
        [
            NODE("Conv", ["x"], ["y"]),
            NODE("Gemm", [], ["z"]),
            NODE("If", ["x"], ["q"]),
            NODE("Loop", [], []),
            NODE("", ["x"], ["r"]),
            NODE("Cast", ["x"], ["t"], to=999),
            onnx.NodeProto(),
        ]
    ),
    "strides and windows of no length": lambda: model(
        [NODE("MaxPool", ["x"], ["y"], kernel_shape=[0, 0], strides=[0, 0])], inputs=[value("x", [1, 1, 8, 8])]
    ),
    "an equation of 100 kB": lambda: model([NODE("Einsum", ["x"], ["y"], equation="i" * 100_000 + "->")]),
    "two unknown lengths": lambda: model([NODE("Reshape", ["x", "s"], ["y"])], [numbers("s", -1, -1, 0, 2**60)]),
    "a weight without its data": lambda: model(
        [NODE("Add", ["x", "w"], ["y"])],
        [TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**40, 2**40], raw_data=b"abc")],
    ),
    "an index beyond the end": lambda: model([NODE("Gather", ["x", "i"], ["y"])], [numbers("i", 2**40)]),
    "inputs too large": lambda: model([NODE("Relu", ["x"], ["y"])], inputs=[value("x", [2**62, 2**62, 7])]),
}


@pytest.mark.parametrize("name", sorted(STRANGE))
def test_strange_graphs_draw_and_do_not_run(name: str, tmp_path: Path) -> None:
    made = STRANGE[name]()
    graph = read_and_drawn(made.SerializeToString(), tmp_path)
    assert graph is not None
    assert len(graph.nodes) == len(made.graph.node)
    cannot_run(made, tmp_path, "cannot run: |can be generated")


def test_duplicate_names_keep_every_node(tmp_path: Path) -> None:
    made = model(
        [
            NODE("Relu", ["x"], ["y"], name="a"),
            NODE("Neg", ["x"], ["y"], name="a"),
            NODE("Neg", ["x"], ["x"], name="a"),
        ]
    )
    graph = read_and_drawn(made.SerializeToString(), tmp_path)
    assert graph is not None
    assert [node.id for node in graph.nodes] == ["n0", "n1", "n2"]


def test_a_negative_dimension_of_a_weight(tmp_path: Path) -> None:
    made = model([NODE("Add", ["x", "w"], ["y"])], [TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[-3])])
    path = tmp_path / "negative.onnx"
    onnx.save(made, path)
    with pytest.raises(GraphError, match=r"Weight 'w' has the impossible shape \(-3,\)\."):
        read_onnx(path)
    with pytest.raises(GraphError, match="impossible shape"):
        read_weight(path, TensorKey("", "w"))


TERABYTE: dict[str, Made] = {
    "ConstantOfShape": lambda: model([NODE("ConstantOfShape", ["s"], ["y"])], [numbers("s", 2**40)]),
    "Expand": lambda: model([NODE("Expand", ["x", "s"], ["y"])], [numbers("s", 2**20, 2**20, 3)]),
    "Tile": lambda: model([NODE("Tile", ["x", "s"], ["y"])], [numbers("s", 2**20, 2**20)]),
    "Pad": lambda: model([NODE("Pad", ["x", "s"], ["y"])], [numbers("s", 0, 2**40, 0, 2**20)]),
    "Range": lambda: model(
        [NODE("Range", ["a", "b", "c"], ["y"])],
        [numpy_helper.from_array(np.array(n, np.int64), name) for name, n in (("a", 0), ("b", 2**40), ("c", 1))],
    ),
    "Resize": lambda: model(
        [NODE("Resize", ["x", "", "s"], ["y"])],
        [numpy_helper.from_array(np.array([1, 1, 1e9, 1e9], np.float32), "s")],
        inputs=[value("x", [1, 1, 8, 8])],
    ),
    "in the middle": lambda: model(
        [NODE("ConstantOfShape", ["s"], ["m"]), NODE("ReduceSum", ["m"], ["y"])], [numbers("s", 2**20, 2**20)]
    ),
}


@pytest.mark.parametrize("name", sorted(TERABYTE))
def test_a_model_that_needs_a_terabyte(name: str, tmp_path: Path) -> None:
    made = TERABYTE[name]()
    assert read_and_drawn(made.SerializeToString(), tmp_path) is not None
    cannot_run(made, tmp_path, r"values of this graph need [\d.e+]+ GB, more than the 4 GB")


@pytest.mark.parametrize("location", ["/etc/hostname", "../secret", "missing.bin", "secret"])
def test_external_data_are_never_opened(location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_bytes(np.ones(3, np.float32).tobytes())
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    path = tmp_path / "external.onnx"
    onnx.save(model([NODE("Add", ["x", "w"], ["y"])], [tensor]), path)
    opened = _watch(monkeypatch)
    assert read_onnx(path).nodes[0].weights[0].shape == (3,)
    with pytest.raises(GraphError, match="lie outside the file"):
        read_weight(path, TensorKey("", "w"))
    with pytest.raises(GraphError, match="lie outside the file"):
        trace(path)
    assert opened == {path.name}


def _watch(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the files that are opened from now on, through Python."""
    opened: set[str] = set()
    plain, path_open, low = builtins.open, Path.open, os.open

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def open_(file: Any, *rest: Any, **more: Any) -> Any:
            opened.add(Path(file).name)
            return function(file, *rest, **more)

        return open_

    monkeypatch.setattr(builtins, "open", watched(plain))
    monkeypatch.setattr(Path, "open", watched(path_open))
    monkeypatch.setattr(os, "open", watched(low))
    return opened


NAMES = [
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "\x00\x01\x1b[31m\x7f",
    "n" * 100_000,
    "\u202egnp.exe",
    "a\nb\tc",
    "]]>&quot;&#60;",
    "\\N\\G\\l",
    "/" * 5000,
    ".." * 5000,
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_of_any_kind(name: str, tmp_path: Path) -> None:
    made = model(
        [NODE("Relu", ["x"], [name], name=name), NODE(name, [name], ["y"], name=name, domain=name)],
        [TensorProto(name=name + "w", data_type=TensorProto.FLOAT, dims=[1], float_data=[1])],
    )
    made.graph.name = made.graph.doc_string = name
    graph = read_and_drawn(made.SerializeToString(), tmp_path)
    assert graph is not None
    assert graph.nodes[0].outputs == (name,)
    dot = to_dot(visible(graph))
    assert "<script" not in dot
    assert "<img" not in dot.lower()
    assert len(dot) < 20_000
    cannot_run(made, tmp_path, "cannot run: ")


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    content = model([NODE("Relu", ["x"], ["y"])]).SerializeToString().replace(b"Relu", b"\xff\xfe\xfdu")
    assert read_and_drawn(content, tmp_path) is None
    cannot_run(content, tmp_path, "is not an ONNX file")


def test_a_million_weights(tmp_path: Path) -> None:
    tensor = _field(5, b"\x08\x01\x10\x01" + _field(8, b"w") + _field(9, bytes(4)))
    content = b"\x08\x0a" + _field(7, tensor * 10**6)
    began = time.monotonic()
    path = tmp_path / "million.onnx"
    path.write_bytes(content)
    with pytest.raises(GraphError, match=f"has more than {MOST_INITIALIZERS} weights"):
        read_onnx(path)
    assert time.monotonic() - began < 5


def test_too_many_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "MOST_NODES", 100)
    path = tmp_path / "many.onnx"
    path.write_bytes(b"\x08\x0a" + _field(7, _field(1, _field(4, b"Relu")) * 301))
    with pytest.raises(GraphError, match="has more than 100 operations"):
        read_onnx(path)


def test_bodies_a_thousand_deep(tmp_path: Path) -> None:
    graph = _field(1, _field(4, b"Relu"))
    for _ in range(1000):
        graph = _field(1, _field(4, b"If") + _field(5, _field(1, b"then_branch") + _field(6, graph)))
    path = tmp_path / "deep.onnx"
    path.write_bytes(b"\x08\x0a" + _field(7, graph))
    with pytest.raises(GraphError, match="nested more than 40 deep"):
        read_onnx(path)
    cannot_run(path.read_bytes(), tmp_path, "nested more than 40 deep")


def test_types_five_thousand_deep(tmp_path: Path) -> None:
    kind = _field(1, b"\x08\x01")
    for _ in range(5000):
        kind = _field(4, _field(1, kind))  # a sequence of sequences …
    content = b"\x08\x0a" + _field(7, _field(11, _field(1, b"x") + _field(2, kind)))
    assert read_and_drawn(content, tmp_path) is None


def test_a_loop_that_never_ends_is_stopped(tmp_path: Path) -> None:
    body = helper.make_graph(
        [NODE("Identity", ["go"], ["went"]), NODE("Sin", ["a"], ["b"])],
        "body",
        [value("i", [], TensorProto.INT64), value("go", [], TensorProto.BOOL), value("a", ["N", 3])],
        [value("went", [], TensorProto.BOOL), value("b", ["N", 3])],
    )
    made = model([NODE("Loop", ["", "true", "x"], ["y"], body=body)], [numpy_helper.from_array(np.array(True), "true")])
    path = tmp_path / "endless.onnx"
    onnx.save(made, path)
    with pytest.raises(GraphError, match=r"longer than 0\.3 s"):
        trace(path, seconds=0.3)


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field in protobuf's wire format."""
    length, parts = len(content), bytearray([number << 3 | 2])
    while length > 127:
        parts.append(length & 127 | 128)
        length >>= 7
    return bytes([*parts, length]) + content
