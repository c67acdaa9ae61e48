"""What is open after an act: else a click folds a wrong module, or a drawing ahead of the page is not the page's."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.drawing.actions import DrawingAction, Opened, apply_action
from explorer.drawing.visible import first_view, visible
from explorer.graph.graph import Graph
from explorer.graph.onnx_io.read import read_onnx


@pytest.fixture(scope="module")
def graph(nested_file: Path) -> Graph:
    return read_onnx(nested_file)


def boxes(graph: Graph, opened: Opened) -> set[str]:
    return {box.id for box in visible(graph, opened).boxes()}


def act(kind: str, value: str) -> DrawingAction:
    return msgspec.convert([1, kind, value], DrawingAction)


def test_toggling_opens_what_is_folded_and_folds_what_is_open(graph: Graph) -> None:
    folded = apply_action(graph, "all", act("depth", "0"))
    view = visible(graph, folded)
    for box in view.openable():
        once = apply_action(graph, folded, act("toggle", box))
        assert box not in boxes(graph, once)
        assert apply_action(graph, once, act("toggle", box)) == folded


def test_folding_one_module_leaves_the_others_open(graph: Graph) -> None:
    frame = min(visible(graph, "all").foldable())
    seen = boxes(graph, apply_action(graph, "all", act("toggle", frame)))
    assert frame in seen
    assert len(seen) < len(boxes(graph, "all"))


def test_level_by_level_from_nothing_to_everything_and_back(graph: Graph) -> None:
    opened: Opened = apply_action(graph, "all", act("depth", "0"))
    counts = [len(boxes(graph, opened))]
    for _ in range(10):
        opened = apply_action(graph, opened, act("level", "1"))
        counts.append(len(boxes(graph, opened)))
    assert counts == sorted(counts)
    assert counts[-1] == len(boxes(graph, "all")) > counts[0]
    for _ in range(10):
        opened = apply_action(graph, opened, act("level", "-1"))
    assert opened == frozenset()


def test_overview_is_the_first_view(graph: Graph) -> None:
    assert apply_action(graph, "all", act("depth", "first")) == first_view(graph)


@given(st.sampled_from(["level", "depth", "choose"]), st.text(max_size=12))
def test_an_act_that_makes_no_sense_changes_nothing(kind: str, value: str) -> None:
    sense = {"level": value in ("1", "-1"), "depth": value in ("all", "first") or value.isdecimal()}
    if sense.get(kind):
        return
    empty = Graph(name="", nodes=(), inputs=(), outputs=(), tensors={})
    assert apply_action(empty, frozenset({"a"}), act(kind, value)) == frozenset({"a"})
