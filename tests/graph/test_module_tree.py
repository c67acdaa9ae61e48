"""A graph as a tree: repeats, bundles, calls of one module; and 100,000 nodes."""

import gc
import weakref

import pytest

from explorer.drawing.diagram import GroupFrame
from explorer.drawing.expansion import opened_to_reveal
from explorer.drawing.visible import first_view, visible
from explorer.graph.graph import Graph, Node, Weight
from explorer.graph.module_tree import ModuleTree, TreeItem, module_tree
from explorer.graph.tree_builder import LARGEST_BUNDLE, LONGEST_LEVEL


def node(place: int, op_type: str, scope: str, inputs: list[str], size: int = 3) -> Node:
    weights = (Weight(f"w{place}", "W", "float32", (size,)),) if op_type == "Conv" else ()
    return Node(
        f"n{place}",
        op_type,
        "",
        f"node_{op_type}_{place}",
        tuple(scope.split(".")) if scope else (),
        "layer",
        tuple(inputs),
        (f"t{place}",),
        {},
        weights,
        params=size if weights else 0,
    )


def blocks(sizes: list[int], scope: str = "layer") -> Graph:
    """A residual network: each block is a Conv, a Relu and an Add around both."""
    nodes: list[Node] = []
    last = "x"
    for block, size in enumerate(sizes):
        where = f"{scope}.{block}"
        start = len(nodes)
        nodes += [
            node(start, "Conv", where, [last], size),
            node(start + 1, "Relu", where, [f"t{start}"]),
            node(start + 2, "Add", where, [f"t{start + 1}", last]),
        ]
        last = f"t{start + 2}"
    return Graph("blocks", ("x",), (last,), tuple(nodes), {})


def chain(length: int) -> Graph:
    nodes = [node(i, "Relu", "", [f"t{i - 1}" if i else "x"]) for i in range(length)]
    return Graph("chain", ("x",), (f"t{length - 1}",), tuple(nodes), {})


def kinds(items: tuple[TreeItem, ...]) -> list[tuple[str, str]]:
    return [(part.kind, part.title) for part in items]


def leaves(whole: ModuleTree) -> list[str]:
    return [id for part in whole.children for id in whole.node_ids(part)]


def test_equal_blocks_in_a_row_are_one_part_and_others_are_not() -> None:
    layer = module_tree(blocks([3, 5, 5, 5, 7])).children[0]
    assert kinds(layer.children) == [("module", "0"), ("repeat", "1–3 ×3"), ("module", "4")]
    repeat = layer.children[1]
    assert (repeat.operations, repeat.params, repeat.id) == (9, 15, "r2-n3")
    assert kinds(repeat.children) == [("module", "1"), ("module", "2"), ("module", "3")]


def test_blocks_of_another_wiring_are_apart() -> None:
    graph = blocks([5, 5, 5])
    other = node(5, "Add", "layer.1", ["t4", "t4"])  # the second block does not go around itself
    changed = Graph("g", graph.inputs, graph.outputs, (*graph.nodes[:5], other, *graph.nodes[6:]), {})
    assert all(part.kind == "module" for part in module_tree(changed).children[0].children)


def test_equal_blocks_side_by_side_are_apart() -> None:
    nodes = [
        node(i, op, f"head.{i // 2}", [source])
        for i, (op, source) in enumerate([("Conv", "x"), ("Relu", "t0"), ("Conv", "x"), ("Relu", "t2")])
    ]
    assert kinds(module_tree(Graph("g", ("x",), (), tuple(nodes), {})).children[0].children) == [
        ("module", "0"),
        ("module", "1"),
    ]


def test_a_repeat_opens_as_a_frame_and_makes_way_for_a_named_member() -> None:
    graph = blocks([3, 5, 5, 5])
    opened = visible(graph, {"m1-n0", "r2-n3"})
    repeat = next(frame for frame in opened.frames() if frame.kind == "repeat")
    assert [item.title for item in repeat.items] == ["1", "2", "3"]
    named = visible(graph, ["layer.2"])
    assert [frame.title for frame in named.frames()] == ["layer", "2"]
    assert [box.title for box in named.boxes() if box.kind == "module"] == ["0", "1", "3"]
    assert {frame.kind for frame in visible(graph, "all").frames()} == {"module"}


@pytest.mark.parametrize("length", [LONGEST_LEVEL, LONGEST_LEVEL + 1, 2500, 20_000])
def test_a_long_level_is_divided_and_nothing_is_lost(length: int) -> None:
    whole = module_tree(chain(length))
    assert leaves(whole) == [f"n{i}" for i in range(length)]
    levels = [whole.children]
    while levels:
        level = levels.pop()
        assert len(level) <= (LONGEST_LEVEL if length == LONGEST_LEVEL else LARGEST_BUNDLE)
        levels += [part.children for part in level if part.children]
    assert (whole.children[0].kind == "bundle") == (length > LONGEST_LEVEL)


def test_the_runs_of_a_long_level_are_numbered() -> None:
    whole = module_tree(chain(50_000))
    assert [part.title for part in whole.children[:2]] == ["1–1,250", "1,251–2,500"]
    assert whole.children[1].children[0].title.startswith("1,251–")
    assert len({part.id for part in whole.children} | {part.id for part in whole.children[0].children}) == 40 + 32


@pytest.mark.slow
def test_a_hundred_thousand_nodes() -> None:
    graph = blocks([3, 5, 7] * 11_112)
    whole = module_tree(graph)
    assert len(leaves(whole)) == 100_008
    assert module_tree(graph) is whole
    assert 2 < len(list(visible(graph, first_view(graph)).boxes())) <= 60
    assert len(opened_to_reveal(graph, "n100007")) > 2
    assert visible(graph, opened_to_reveal(graph, "n100007")).box_of("n100007") == "n100007"


def test_too_many_inputs_and_parallel_edges_are_few_when_folded() -> None:
    inputs = tuple(f"x{i}" for i in range(500))
    nodes = tuple(
        Node(
            f"n{i}",
            "Relu",
            "",
            "",
            ("one",) if i < 500 else ("two",),
            "other",
            (inputs[i] if i < 500 else f"t{i - 500}", "t499"),
            (f"t{i}",),
            {},
        )
        for i in range(1000)
    )
    graph = Graph("wide", inputs, tuple(f"t{i}" for i in range(500, 1000)), nodes, {})
    view = visible(graph, "none")
    assert [box.title for box in view.boxes()] == ["x0 … ×500", "one", "two", "t500 … ×500"]
    assert {(edge.source, edge.target) for edge in view.edges} == {
        ("ins", "m1-n0"),
        ("m1-n0", "m1-n500"),
        ("m1-n500", "outs"),
    }
    assert len(view.edges) == 9
    assert len(visible(graph, "all").edges) >= 2000


def test_a_tree_goes_with_its_graph() -> None:
    graph = blocks([3])
    module_tree(graph)
    kept = weakref.ref(graph)
    del graph
    gc.collect()
    assert kept() is None


def test_scopes_of_strangers_may_be_deep() -> None:
    scope = ".".join("a" * 3000)
    nodes = (node(0, "Relu", scope, ["x"]), node(1, "Relu", scope, ["t0"]))
    view = visible(Graph("deep", ("x",), ("t1",), nodes, {}), "all")
    assert view.box_of("n1") == "n1"
    assert 10 < sum(isinstance(frame, GroupFrame) for frame in view.frames()) < 60


def test_operations_of_one_kind_in_one_module_are_numbered() -> None:
    kinds = [("Sin", ()), ("Sin", ("a",)), ("Cos", ()), ("Sin", ()), ("Sin", ())]
    nodes = tuple(Node(f"n{i}", kind, "", "", scope, "other", (), (), {}) for i, (kind, scope) in enumerate(kinds))
    graph = Graph("g", (), (), nodes, {})
    assert [graph.place_among_equals(node) for node in nodes] == [(1, 3), (1, 1), (1, 1), (2, 3), (3, 3)]
