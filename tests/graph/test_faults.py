"""Invalid graphs that can be drawn: what is wrong is said, marked in the drawing, and no valid graph is blamed."""

import json
from collections.abc import Sequence
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from explorer.cli.main import main
from explorer.drawing.dot import to_dot
from explorer.drawing.visible import visible
from explorer.graph.faults import fault_sentence
from explorer.graph.graph import Fault, Graph
from explorer.graph.onnx_io.read import graph_of

NODE = helper.make_node
COND = helper.make_tensor("c", TensorProto.BOOL, [], [True])


def value(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [2])


def model(
    nodes: Sequence[onnx.NodeProto], outputs: Sequence[str] = ("y",), functions: Sequence[onnx.FunctionProto] = ()
) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "g", [value("x")], [value(name) for name in outputs], [COND])
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=opsets, functions=functions, ir_version=10)


def read(*nodes: onnx.NodeProto, outputs: Sequence[str] = ("y",)) -> Graph:
    return graph_of(model(nodes, outputs), "g")


def test_a_cycle() -> None:
    graph = read(NODE("Add", ["x", "b"], ["a"]), NODE("Relu", ["a"], ["b"]), NODE("Relu", ["b"], ["y"]))
    assert {(fault.kind, fault.node, fault.name) for fault in graph.faults} == {
        ("cycle", "n0", "a"),
        ("cycle", "n1", "b"),
    }


def test_a_node_that_feeds_itself() -> None:
    assert read(NODE("Add", ["y", "x"], ["y"])).faults == (Fault("cycle", "n0", "y"),)


def test_what_nothing_defines() -> None:
    graph = read(NODE("Add", ["x", "q"], ["y"]), outputs=("y", "never"))
    assert graph.faults == (Fault("missing", "n0", "q"), Fault("output", "", "never"))


@pytest.mark.parametrize("name", ["y", "x", "c"])
def test_what_is_written_twice(name: str) -> None:
    """By two nodes, or by a node and an input or a weight."""
    graph = read(NODE("Neg", ["x"], ["y"]), NODE("Where", ["c", "x", "x"], [name]))
    assert {fault.node for fault in graph.faults if fault.kind == "twice"} == ({"n0", "n1"} if name == "y" else {"n1"})


def test_a_body_sees_what_is_around_it_and_a_function_does_not() -> None:
    branch = helper.make_graph([NODE("Add", ["h", "z"], ["t"])], "branch", [], [value("t")])
    choice = NODE("If", ["c"], ["i"], then_branch=branch, else_branch=branch)
    function = helper.make_function(
        "own", "F", ["a"], ["b"], [NODE("Add", ["a", "h"], ["b"])], [helper.make_opsetid("", 20)]
    )
    call = NODE("F", ["i"], ["y"], domain="own")
    graph = graph_of(model([NODE("Neg", ["x"], ["h"]), choice, call], functions=[function]), "g")
    assert graph.faults == (
        Fault("missing", "n1.b0.n0", "z"),
        Fault("missing", "n1.b1.n0", "z"),
        Fault("missing", "n2.b0.n0", "h"),
    )


def test_an_order_that_onnx_does_not_ask_for_is_no_cycle() -> None:
    assert read(NODE("Relu", ["a"], ["y"]), NODE("Neg", ["x"], ["a"])).faults == ()


def test_the_place_is_marked_and_the_command_says_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.onnx"
    onnx.save(model([NODE("Add", ["x", "<gone>"], ["y"])]), path)
    for ending in ("svg", "json", "html"):
        assert main(["graph", str(path), "--to", str(tmp_path / f"a.{ending}")]) == 0
        lines = capsys.readouterr().err.splitlines()
        assert lines[0] == "toushi: bad.onnx: The graph is invalid: Add reads '<gone>', which nothing defines."
        assert len(lines) == (2 if ending == "html" else 1)  # the page has no values, which is said, too
    assert b"which nothing defines" in (tmp_path / "a.svg").read_bytes()
    content = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert content["faults"] == [{"kind": "missing", "node": "n0", "name": "<gone>"}]


def test_a_folded_module_says_how_many_faults_it_holds() -> None:
    nodes = [NODE("Add", ["x", f"q{i}"], [f"t{i}"], name=f"part/n{i}") for i in range(3)]
    nodes.append(NODE("Sum", ["t0", "t1", "t2"], ["y"]))
    graph = graph_of(model(nodes), "g")
    assert "3 faults" in to_dot(visible(graph, "none"))
    assert to_dot(visible(graph, "all")).count("which nothing defines") == 3


def test_many_faults_are_one_sentence() -> None:
    graph = read(*(NODE("Add", ["x", f"{'q' * 500}{i}"], [f"t{i}"]) for i in range(500)), outputs=("t0",))
    assert len(graph.faults) == 100
    assert fault_sentence(graph).endswith("; 97 more.")
    assert len(fault_sentence(graph)) < 600
