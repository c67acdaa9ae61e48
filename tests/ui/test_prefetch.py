"""A prefetched drawing: the same as the page's own, and nothing for a request that means nothing."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from explorer.graph.graph import Graph
from explorer.graph.onnx_io.read import read_onnx
from explorer.project import PROJECT
from explorer.ui.frame.store import settings
from explorer.ui.graph_page.page_state import Folding, GraphPageState, graph_key
from explorer.ui.graph_page.prefetch import LARGEST_REQUEST, PrefetchRequest, prefetched_drawing, register_page
from explorer.ui.graph_page.rendering import DrawingOptions, render

OPTIONS = DrawingOptions(dark=False, language="en")


@dataclass(frozen=True)
class StoredGraph:
    """As much of a subject as rendering needs: id, file, graph."""

    path: Path
    graph: Graph
    id: str = "stored"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> GraphPageState:
    value = helper.make_tensor_value_info
    nodes = [helper.make_node("Relu", [f"t{n}"], [f"t{n + 1}"], f"/block{n // 2}/relu{n}") for n in range(8)]
    graph = helper.make_graph(nodes, "g", [value("t0", TensorProto.FLOAT, [2])], [value("t8", TensorProto.FLOAT, [2])])
    path = tmp_path_factory.mktemp("prefetch") / "blocks.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    state = GraphPageState(subject=StoredGraph(path, read_onnx(path)), options=OPTIONS)  # type: ignore[arg-type]
    register_page(state)
    return state


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TOUSHI_STORE", str(tmp_path))
    settings.clear()
    yield tmp_path
    settings.clear()


def prefetched(page: GraphPageState, *actions: list[object], hovering: bool = False) -> dict[str, object] | None:
    request = {"page": page.name, "actions": actions, "hovering": hovering}
    answer = prefetched_drawing(json.dumps(request).encode())
    return None if answer is None else json.loads(answer)


def test_it_is_the_drawing_that_the_page_is_going_to_show(page: GraphPageState) -> None:
    assert page.subject is not None
    folded = prefetched(page, [1, "depth", "0"])
    assert folded is not None
    assert folded["drawing"] == render(page.subject, OPTIONS, frozenset())[1].name
    box = folded["opens"][0]  # type: ignore[index]
    opened = prefetched(page, [1, "depth", "0"], [2, "toggle", box])  # the first is not confirmed yet
    assert opened is not None
    assert opened["drawing"] == render(page.subject, OPTIONS, frozenset({box}))[1].name
    assert opened["svg"] == render(page.subject, OPTIONS, frozenset({box}))[1].svg


def test_a_pointer_that_only_rests_has_no_large_graph_drawn(
    page: GraphPageState, monkeypatch: pytest.MonkeyPatch
) -> None:
    action: list[object] = [1, "depth", "0"]
    assert prefetched(page, action, hovering=True) == prefetched(page, action) is not None
    monkeypatch.setattr(
        "explorer.ui.graph_page.prefetch.MOST_NODES_ON_HOVER", 7
    )  # the page's graph has eight operations
    assert prefetched(page, action, hovering=True) is None
    assert prefetched(page, action) is not None


def test_an_action_that_the_page_has_applied_is_not_applied_twice(page: GraphPageState) -> None:
    assert page.subject is not None
    box = render(page.subject, OPTIONS, frozenset())[1].opens[0]
    page.folding = Folding(graph_key(page.subject), frozenset({box}))
    page.turn = 7
    try:
        repeated, following = (
            prefetched(page, [7, "toggle", box]),
            prefetched(page, [7, "toggle", box], [8, "toggle", box]),
        )
    finally:
        page.folding = None
        page.turn = 0
    assert repeated is not None
    assert repeated["drawing"] == render(page.subject, OPTIONS, frozenset({box}))[1].name
    assert following is not None
    assert following["drawing"] == render(page.subject, OPTIONS, frozenset())[1].name


def test_a_model_that_is_not_exported_is_left_to_the_page(page: GraphPageState, store: Path) -> None:
    assert prefetched(page, [1, "choose", "zoo-resnet18"]) is None
    assert prefetched(page, [1, "choose", "zoo-resnet18/../../etc"]) is None
    assert prefetched(page, [1, "choose", "file-0123"]) is None


def test_another_session_and_a_page_without_a_drawing_get_nothing(page: GraphPageState) -> None:
    assert prefetched(GraphPageState(), [1, "depth", "0"]) is None
    empty = GraphPageState()
    register_page(empty)
    assert prefetched(empty, [1, "depth", "0"]) is None
    name = empty.name
    del empty
    assert prefetched_drawing(json.dumps({"page": name, "actions": []}).encode()) is None  # its session is over


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["page", "actions", "x"]), inner, max_size=3)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_a_request_that_means_nothing_has_no_answer(request: bytes) -> None:
    assert prefetched_drawing(request) is None


def test_a_long_list_of_actions_is_refused(page: GraphPageState) -> None:
    assert prefetched(page, *([turn, "level", "1"] for turn in range(1, 102))) is None
    assert LARGEST_REQUEST < 2**20


def test_the_browser_names_a_request_s_parts_as_the_server_does() -> None:
    script = (PROJECT / "explorer" / "web" / "graph" / "drawing_requests.js").read_text("utf-8")
    bodies = re.findall(r"JSON\.stringify\(\{(.*?)\}\)", script)
    names = [[part.split(":")[0].strip() for part in body.split(",")] for body in bodies]
    assert names == [list(PrefetchRequest.__struct_fields__)]
