"""What is visible: folded and open, modules called twice, shared constants, values that bodies take from outside."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from explorer.drawing.diagram import Box, Diagram, GroupFrame, box_by_node
from explorer.drawing.expansion import opened_to_depth, opened_to_reveal
from explorer.drawing.visible import first_view, visible
from explorer.graph.graph import Graph, Node
from explorer.graph.onnx_io.read import read_onnx
from tests.onnx_models import Save, branches


def frames(items: tuple[GroupFrame | Box, ...]) -> list[GroupFrame]:
    result: list[GroupFrame] = []
    for item in items:
        if isinstance(item, GroupFrame):
            result += [item, *frames(item.items)]
    return result


def ends(view: Diagram) -> set[tuple[str, str]]:
    title = {box.id: box.title for box in view.boxes()}
    return {(title[edge.source], title[edge.target]) for edge in view.edges}


def test_everything_open(nested_file: Path) -> None:
    graph = read_onnx(nested_file)
    view = visible(graph, "all")
    assert [frame.scope for frame in frames(view.items)] == [("features",), ("features", "0"), ("features", "1")]
    drawn = [member for box in view.boxes() for member in box.members]
    assert sorted(drawn) == sorted(node.id for node in graph.nodes if not node.folded)
    assert len(drawn) == len(set(drawn))


def test_everything_folded(nested_file: Path) -> None:
    graph = read_onnx(nested_file)
    view = visible(graph, "none")
    module = next(box for box in view.boxes() if box.kind == "module")
    assert (module.title, len(module.members), module.params) == ("features", 6, 4 * 10 + 8 + 4 * 37 + 8)
    assert {("input", "features"), ("features", "Add"), ("input", "Add")} <= ends(view)
    assert all(edge.source != edge.target for edge in view.edges)
    # A module of one operation is that operation.
    head = next(box for box in view.boxes() if box.title == "Gemm")
    assert (head.kind, head.caption) == ("operation", "head")


def test_one_scope_opens_with_those_around_it_and_keeps_its_id(nested_file: Path) -> None:
    graph = read_onnx(nested_file)
    view = visible(graph, ["features.1"])
    assert [frame.scope for frame in frames(view.items)] == [("features",), ("features", "1")]
    folded = next(box for box in view.boxes() if box.kind == "module")
    assert folded.scope == ("features", "0")
    assert folded.id in {frame.id for frame in frames(visible(graph, "all").items)}
    assert view.box_of(folded.members[0]) == folded.id


def test_a_module_that_is_called_twice_is_two_boxes(cnn_file: Path) -> None:
    view = visible(read_onnx(cnn_file), "none")
    assert [box.title for box in view.boxes() if box.caption == "pool"] == ["MaxPool", "MaxPool"]
    assert not frames(visible(read_onnx(cnn_file), "all").items)


def test_calls_of_one_module_with_others_in_between_are_apart(save: Save) -> None:
    view = visible(
        read_onnx(
            save(
                [
                    helper.make_node("Relu", ["x"], ["a"], name="/m/r1"),
                    helper.make_node("Neg", ["a"], ["b"], name="/m/n1"),
                    helper.make_node("Abs", ["b"], ["d"]),
                    helper.make_node("Relu", ["d"], ["e"], name="/m/r2"),
                    helper.make_node("Neg", ["e"], ["y"], name="/m/n2"),
                ]
            )
        ),
        "none",
    )
    assert [len(box.members) for box in view.boxes() if box.kind == "module"] == [2, 2]


@pytest.mark.parametrize(("expand", "shown"), [("none", False), ("all", True)])
def test_a_shared_constant_stands_where_it_is_read(save: Save, expand: str, shown: bool) -> None:
    weight = numpy_helper.from_array(np.eye(3, dtype=np.float32), "w")
    graph = read_onnx(
        save(
            [
                helper.make_node("MatMul", ["x", "w"], ["a"], name="/m/one"),
                helper.make_node("MatMul", ["a", "w"], ["y"], name="/m/two"),
            ],
            [weight],
        )
    )
    view = visible(graph, expand)
    assert any(box.kind == "constant" for box in view.boxes()) == shown
    if shown:
        assert "constant" in [item.kind for item in frames(view.items)[0].items if isinstance(item, Box)]
        assert sum(edge.tensor.name == "w" for edge in view.edges) == 2


def test_a_folded_body_is_linked_to_what_it_takes_from_outside(save: Save) -> None:
    view = visible(read_onnx(save([helper.make_node("Relu", ["x"], ["h"]), branches()])), "none")
    assert {("Relu", "If"), ("c", "If"), ("If", "y")} <= ends(view)
    assert [box.title for box in view.boxes() if box.opens] == ["If"]


def test_open_bodies_are_linked_to_what_is_outside(save: Save) -> None:
    view = visible(read_onnx(save([helper.make_node("Relu", ["x"], ["h"]), branches()])))
    whole = next(frame for frame in view.frames() if frame.kind == "operation")
    assert (whole.id, whole.title, whole.folds) == ("n1", "If", True)
    bodies = [item for item in whole.items if isinstance(item, GroupFrame)]
    assert [(body.title, body.kind, body.folds) for body in bodies] == [
        ("else_branch", "body", False),
        ("then_branch", "body", False),
    ]
    assert {("Relu", "Mul"), ("Relu", "Neg"), ("c", "cond"), ("Mul", "t"), ("Neg", "t"), ("t", "y")} == ends(view) - {
        ("x", "Relu")
    }
    assert sum(edge.target == "out0" for edge in view.edges) == 2
    assert view.box_of("n1") == "n1"


def test_the_inputs_and_outputs_of_a_loop_lead_to_those_of_its_body(save: Save) -> None:
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Add", ["carried", "x"], ["sum"]), helper.make_node("Identity", ["go"], ["on"])],
        "body",
        [
            value("turn", TensorProto.INT64, []),
            value("go", TensorProto.BOOL, []),
            value("carried", TensorProto.FLOAT, None),
        ],
        [value("on", TensorProto.BOOL, []), value("sum", TensorProto.FLOAT, None)],
    )
    five = helper.make_tensor("five", TensorProto.INT64, [], [5])
    loop = helper.make_node("Loop", ["five", "c", "start"], ["y"], body=body)
    view = visible(read_onnx(save([helper.make_node("Neg", ["x"], ["start"]), loop], [five])))
    assert {("c", "go"), ("Neg", "carried"), ("carried", "Add"), ("x", "Add")} <= ends(view)
    assert {("Add", "sum"), ("sum", "y")} <= ends(view)
    assert ("on", "y") not in ends(view)
    anchor = next(box for box in view.boxes() if box.kind == "anchor")
    assert [weight.value for weight in anchor.weights] == [5]


def test_a_constant_with_one_visible_reader_is_listed_in_it(save: Save) -> None:
    weight = numpy_helper.from_array(np.eye(3, dtype=np.float32), "w")
    graph = read_onnx(
        save(
            [
                helper.make_node("MatMul", ["x", "w"], ["a"]),
                helper.make_node("MatMul", ["a", "w"], ["b"], name="/m/one"),
                helper.make_node("Relu", ["b"], ["y"], name="/m/two"),
            ],
            [weight],
        )
    )
    view = visible(graph, "none")
    assert [box.kind for box in view.boxes()] == ["input", "input", "operation", "module", "output"]
    assert [weight.name for weight in next(box for box in view.boxes() if box.title == "MatMul").weights] == ["w"]


def test_a_book_model_is_open_all_through_and_depth_counts_clicks(nested_file: Path) -> None:
    graph = read_onnx(nested_file)
    assert visible(graph, "auto") == visible(graph, "all")
    assert opened_to_depth(graph, 0) == frozenset()
    assert [frame.title for frame in visible(graph, opened_to_depth(graph, 1)).frames()] == ["features"]
    assert opened_to_depth(graph, 2) == visible(graph, "all").foldable()


# ---- any graph, opened in any way


@st.composite
def graphs(draw: st.DrawFn, depth: int = 0, prefix: str = "", outside: tuple[str, ...] = ()) -> Graph:
    """Operations that read earlier tensors, in modules, some with bodies that read what is outside."""
    nodes: list[Node] = []
    names = [f"{prefix}x"]
    for place in range(draw(st.integers(1, 12 if depth == 0 else 3))):
        id = f"{prefix}n{place}"
        scope = tuple(draw(st.lists(st.sampled_from("ab"), max_size=3)))
        reads = draw(st.lists(st.sampled_from([*names, *outside]), min_size=1, max_size=3))
        bodies = {}
        if depth < 2 and draw(st.integers(0, 4)) == 0:
            inner = (*outside, *names)
            bodies = {f"body{i}": draw(graphs(depth + 1, f"{id}.b{i}.", inner)) for i in range(draw(st.integers(1, 2)))}
        output = f"{prefix}t{place}"
        nodes.append(Node(id, "Op", "", "", scope, "other", tuple(reads), (output,), {}, bodies=bodies))
        names.append(output)
    outputs = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=2)))
    return Graph("g", (f"{prefix}x",), outputs, tuple(nodes), {})


@pytest.mark.slow
@given(graphs(), st.data())
def test_every_node_is_seen_once_however_the_graph_is_opened(graph: Graph, data: st.DataObject) -> None:
    full = visible(graph)
    ids = sorted(full.foldable() | visible(graph, "none").openable() | opened_to_depth(graph, 9))
    opened = frozenset(data.draw(st.lists(st.sampled_from(ids)))) if ids else frozenset()
    for view in (full, visible(graph, opened), visible(graph, "auto"), visible(graph, first_view(graph, 5))):
        boxes = [box.id for box in view.boxes()]
        assert len(boxes) == len(set(boxes))
        seen = [member for box in view.boxes() for member in box.members]
        seen += [frame.id for frame in view.frames() if frame.kind == "operation"]
        assert sorted(seen) == sorted(node.id for node in graph.all_nodes())
        assert {end for edge in view.edges for end in (edge.source, edge.target)} <= set(boxes)
        assert box_by_node(view) == {node.id: view.box_of(node.id) for node in graph.all_nodes()}
    view = visible(graph, opened)
    for id in view.openable():
        assert visible(graph, (opened | {id}) - {id}) == view
        assert id in visible(graph, opened | {id}).foldable()
    for id in view.foldable():
        assert id in visible(graph, opened - {id}).openable()
        assert visible(graph, (opened - {id}) | {id}) == view


@pytest.mark.slow
@given(graphs())
def test_all_shows_every_node_and_opening_finds_each(graph: Graph) -> None:
    full = visible(graph)
    assert not full.openable()
    for node in graph.all_nodes():
        assert full.box_of(node.id) == node.id
        assert visible(graph, opened_to_reveal(graph, node.id)).box_of(node.id) in {node.id}


@pytest.mark.slow
@given(graphs())
def test_edges_are_the_tensors_that_pass_between_boxes(graph: Graph) -> None:
    """Of a graph without bodies, against a plain count of readers."""
    plain = Graph("g", graph.inputs, graph.outputs, tuple(replace(node, bodies={}) for node in graph.nodes), {})
    maker = {name: node.id for node in plain.nodes for name in node.outputs} | {"x": "in0"}
    expected = {(maker[name], node.id) for node in plain.nodes for name in node.inputs}
    expected |= {(maker[name], f"out{place}") for place, name in enumerate(plain.outputs)}
    view = visible(plain)
    drawn = {(edge.source, edge.target) for edge in view.edges if not {edge.source, edge.target} & set(view.jumps)}
    leaving = {stub: targets for stub, targets in view.jumps.items() if stub.startswith("s>")}
    cut = {(stub.removeprefix("s>"), target) for stub, targets in leaving.items() for target in targets}
    assert drawn | cut == expected
