"""What is visible: folded and open, modules called twice, shared constants, values that bodies take from outside."""

from pathlib import Path

import numpy as np
import pytest
from onnx import helper, numpy_helper

from explorer.graph.read import read_onnx
from explorer.graph.view import Box, Frame, View, visible
from tests.graph.conftest import Save, branches


def frames(items: tuple[Frame | Box, ...]) -> list[Frame]:
    found: list[Frame] = []
    for item in items:
        if isinstance(item, Frame):
            found += [item, *frames(item.items)]
    return found


def ends(view: View) -> set[tuple[str, str]]:
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
    view = visible(read_onnx(save([
        helper.make_node("Relu", ["x"], ["a"], name="/m/r1"), helper.make_node("Neg", ["a"], ["b"], name="/m/n1"),
        helper.make_node("Abs", ["b"], ["d"]),
        helper.make_node("Relu", ["d"], ["e"], name="/m/r2"), helper.make_node("Neg", ["e"], ["y"], name="/m/n2"),
    ])), "none")
    assert [len(box.members) for box in view.boxes() if box.kind == "module"] == [2, 2]


@pytest.mark.parametrize(("expand", "shown"), [("none", False), ("all", True)])
def test_a_shared_constant_stands_where_it_is_read(save: Save, expand: str, shown: bool) -> None:
    weight = numpy_helper.from_array(np.eye(3, dtype=np.float32), "w")
    graph = read_onnx(save([
        helper.make_node("MatMul", ["x", "w"], ["a"], name="/m/one"),
        helper.make_node("MatMul", ["a", "w"], ["y"], name="/m/two"),
    ], [weight]))
    view = visible(graph, expand)
    assert any(box.kind == "constant" for box in view.boxes()) == shown
    if shown:
        assert "constant" in [item.kind for item in frames(view.items)[0].items if isinstance(item, Box)]
        assert sum(edge.tensor.name == "w" for edge in view.edges) == 2


def test_a_body_is_linked_to_what_it_takes_from_outside(save: Save) -> None:
    view = visible(read_onnx(save([helper.make_node("Relu", ["x"], ["h"]), branches()])))
    assert {("Relu", "If"), ("c", "If"), ("If", "y")} <= ends(view)
