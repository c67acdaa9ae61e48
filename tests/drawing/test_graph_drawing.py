"""DOT and drawings: the grammar, names of strangers, themes, and a worker that dies, hangs and comes back."""

import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from explorer.drawing.diagram import Box, Diagram, Edge
from explorer.drawing.dot import MOST_LABELS, edge_text, label_text, to_dot
from explorer.drawing.layout import draw
from explorer.drawing.save import save_graph
from explorer.drawing.visible import visible
from explorer.graph.categories import CATEGORIES, category
from explorer.graph.graph import Graph, Node, TensorType
from explorer.graph.onnx_io.read import read_onnx
from models.errors import GraphError

TAGS = {"svg", "g", "title", "path", "text", "polygon"}
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    "a\x01\x02b",
    "x" * 100_000,
    "]]>--><b>",
    "\\N\\G{|}",
    "&amp;&lt;",
    "卷积",
    "\u202eabc",
    "]] > </TABLE>>",
    "\"quote'",
    " ",
    "<![CDATA[<!ENTITY x>",
]


def parsed(svg: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own drawing


def groups(svg: bytes, kind: str) -> dict[str, ElementTree.Element]:
    result = parsed(svg).iter(f"{SVG}g")
    return {group.get("id", ""): group for group in result if (group.get("class") or "").split(" ")[0] == kind}


def words(group: ElementTree.Element) -> str:
    return " ".join(" ".join("".join(text.itertext()) for text in group.iter(f"{SVG}text")).split())


def test_nodes_and_edges_of_the_digit_network(cnn_file: Path) -> None:
    graph = read_onnx(cnn_file)
    svg = draw(to_dot(visible(graph)))
    nodes = groups(svg, "node")
    assert set(nodes) == {"node-in0", "node-out0"} | {f"node-{node.id}" for node in graph.nodes}
    assert words(nodes["node-n0"]) == "Conv conv1 W ⟨4×1×5×5⟩ b ⟨4⟩"
    assert nodes["node-n0"].get("aria-label") == "Conv conv1 W ⟨4×1×5×5⟩ b ⟨4⟩"
    edges = {(edge.get("data-source"), edge.get("data-target")): words(edge) for edge in groups(svg, "edge").values()}
    assert edges["n0", "n1"] == "batch×4×28×28"
    assert len(edges) == len(graph.nodes) + 1
    colours = {path.get("fill") for path in nodes["node-n0"].iter(f"{SVG}path")}
    assert colours == {CATEGORIES["layer"].light, "#ffffff", "none"}


def tips(node: ElementTree.Element) -> dict[str, str | None]:
    """By the text of a card's row, what is said where the pointer rests on it."""
    return {words(row): row.findtext(f"{SVG}title") for row in node.findall(f"{SVG}g")}


def test_a_weight_tells_onnx_name_of_its_input_and_its_own_where_the_pointer_rests(cnn_file: Path) -> None:
    svg = draw(to_dot(visible(read_onnx(cnn_file))))
    assert b"xlink" not in svg
    read: set[str] = set()
    for node in onnx.load(cnn_file).graph.node:
        if node.op_type not in ("Conv", "Gemm"):
            continue
        weight, bias = {"Conv": ("W", "B"), "Gemm": ("B", "C")}[node.op_type]
        drawn = next(
            group for group in groups(svg, "node").values() if f"{weight} · {node.input[1]}" in tips(group).values()
        )
        assert {row[0]: tip for row, tip in tips(drawn).items()} == {
            "W": f"{weight} · {node.input[1]}",
            "b": f"{bias} · {node.input[2]}",
        }
        read.add(node.op_type)
    assert read == {"Conv", "Gemm"}


def test_the_frames_of_open_modules(nested_file: Path) -> None:
    result = groups(draw(to_dot(visible(read_onnx(nested_file)))), "cluster")
    assert [words(frame) for frame in result.values()] == ["▾ features Sequential", "▾ 0 Sequential", "▾ 1 Sequential"]


def test_dark_and_book_order(cnn_file: Path) -> None:
    view = visible(read_onnx(cnn_file))
    light, dark = to_dot(view), to_dot(view, dark=True)
    assert light != dark
    assert "bgcolor=transparent" in light
    assert "bgcolor=transparent" in dark
    assert "dir=back" in to_dot(view, book_order=True)
    assert "dir=back" not in light


def test_stubs_point_the_way_the_edges_do() -> None:
    nodes = [Node(f"n{i}", "Op", "", f"op_{i}", (), "other", (f"t{i}",), (f"t{i + 1}",), {}) for i in range(20)]
    nodes[19] = replace(nodes[19], inputs=("t19", "t1"))
    view = visible(Graph("g", ("t0",), ("t20",), tuple(nodes), {}))
    for book_order, leaving, arriving in ((False, "→", "←"), (True, "←", "→")):
        drawn = groups(draw(to_dot(view, book_order=book_order)), "node")
        assert words(drawn["node-s>n0"]) == f"{leaving} op_19"
        assert words(drawn["node-s<n19"]) == f"{arriving} op_0"


def test_a_shape_is_told_once_however_many_read_a_tensor() -> None:
    for readers in (1, 2, 5):
        boxes = tuple(Box(f"n{i}", "operation", "Op", "", "other") for i in range(readers + 1))
        edges = tuple(Edge("n0", f"n{i + 1}", TensorType("t", "float32", (4, 7))) for i in range(readers))
        assert to_dot(Diagram("v", boxes, edges)).count("4×7") == 1


def test_words_are_translated(nested_file: Path) -> None:
    chinese = {"{count} operations": "{count} 个运算", "{count} parameters": "{count} 个参数"}
    dot = to_dot(visible(read_onnx(nested_file), "none"), translate=lambda text: chinese[text])
    assert "6 个运算 · 204 个参数" in dot


def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    nodes, last = [], "x"
    for name in HOSTILE:
        nodes.append(helper.make_node("Relu", [last], [f"{name}/out"], name=f"{name}/sub/{name}"))
        odd = helper.make_node(name[:200], [f"{name}/out"], [f"{name}/2"], name=f"{name}/sub/2", domain=name[:99])
        nodes.append(odd)
        last = f"{name}/2"
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["<b>", None, 3])
    out = helper.make_tensor_value_info(last, TensorProto.FLOAT, None)
    path = tmp_path / "hostile.onnx"
    onnx.save(helper.make_model(helper.make_graph(nodes, "<g>", [value], [out])), path)
    graph = read_onnx(path)
    for expand in ("all", "none"):
        svg = draw(to_dot(visible(graph, expand)))
        root = parsed(svg)
        assert {element.tag for element in root.iter()} <= {SVG + tag for tag in TAGS}
        assert not any(name.startswith("on") or "href" in name for element in root.iter() for name in element.attrib)
        assert len(svg) < 100_000
    assert sum(len(box.members) for box in visible(graph, "none").boxes()) == len(nodes)


def test_shown_shortens_and_escapes() -> None:
    assert label_text('<b>&"') == "&lt;b&gt;&amp;&quot;"
    assert len(label_text("x" * 100_000)) <= 28
    assert label_text("a\nb\0c") == "a b c"
    assert edge_text(TensorType("t", "float32", (1, None, "batch"))) == "1×?×batch"
    assert edge_text(TensorType("t", "float32", None)) == ""


def test_every_category_is_readable() -> None:
    """WCAG: at least 4.5 to 1 between a header and its words, in both themes."""

    def luminance(colour: str) -> float:
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ np.array([0.2126, 0.7152, 0.0722]))

    for entry in CATEGORIES.values():
        for colour in (entry.light, entry.dark):
            low, high = sorted([luminance(colour), luminance(entry.text)])
            assert (high + 0.05) / (low + 0.05) >= 4.5, entry.name


def test_categories_name_operations_that_exist() -> None:
    known = {schema.name for schema in onnx.defs.get_all_schemas()}
    assert {category(name) for name in known} >= set(CATEGORIES) - {"module"}
    assert [category(name) for name in ("MatMul", "Transpose", "Add", "Softmax")] == [
        "layer",
        "transform",
        "arithmetic",
        "activation",
    ]
    standard = {schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain}
    other = {name for name in standard if category(name) == "other"}
    assert len(other) < 40, other


STARTS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph", "json": b"{"}


@pytest.mark.parametrize(("ending", "start"), STARTS.items())
def test_every_format(cnn_file: Path, tmp_path: Path, ending: str, start: bytes) -> None:
    path = tmp_path / f"图.{ending}"
    save_graph(read_onnx(cnn_file), path)
    assert path.read_bytes().lstrip().startswith(start)


def test_an_unknown_ending_and_an_unwritable_place(cnn_file: Path, tmp_path: Path) -> None:
    graph = read_onnx(cnn_file)
    with pytest.raises(GraphError, match=r"'a\.gif'; its ending must be one of \.svg"):
        save_graph(graph, tmp_path / "a.gif")
    with pytest.raises(GraphError, match="cannot be written"):
        save_graph(graph, tmp_path / "none" / "a.svg")


def test_chinese_is_drawn() -> None:
    dot = 'digraph { a [label="卷积核"] }'
    assert "卷积核" in draw(dot, "svg").decode()
    assert draw(dot, "png") != draw('digraph { a [label="特征图"] }', "png")
    assert len(draw(dot, "pdf")) > 1000


def test_a_mistake_in_the_dot_is_told() -> None:
    with pytest.raises(GraphError, match="could not draw"):
        draw("digraph { a -> ")


def tangled(name: str) -> str:
    """A graph that Graphviz works on for a minute or more."""
    edges = "".join(f"a{i}->a{i * 7 % 997};a{i}->a{(i * 31 + 5) % 997};" for i in range(997))
    return f"digraph {name} {{ {edges} }}"


def test_a_layout_that_takes_too_long_is_stopped_and_the_next_one_works() -> None:
    start = time.monotonic()
    with pytest.raises(GraphError, match=r"within 0\.5 s"):
        draw(tangled("slow"), seconds=0.5)
    assert time.monotonic() - start < 5
    assert b"<svg" in draw("digraph { after -> it }")


def test_marks_tell_what_opens_and_what_folds(nested_file: Path) -> None:
    graph = read_onnx(nested_file)
    svg = draw(to_dot(visible(graph, ["features"])))
    boxes = groups(svg, "node")
    view = visible(graph, ["features"])
    assert {id.removeprefix("node-") for id, box in boxes.items() if words(box).startswith("▸")} == view.openable()
    frames = groups(svg, "cluster")
    assert {id.removeprefix("frame-") for id in frames} == view.foldable()
    assert all(words(frame).startswith("▾") for frame in frames.values())
    assert {frame.get("class") for frame in frames.values()} == {"cluster frame folds"}


def test_from_left_to_right(cnn_file: Path) -> None:
    view = visible(read_onnx(cnn_file))
    wide, high = (
        [float(size) for size in (parsed(draw(to_dot(view, direction=way))).get("viewBox") or "").split()[2:]]
        for way in ("LR", "TB")
    )
    assert wide[0] > 2 * wide[1]
    assert high[1] > 2 * high[0]


def test_three_words_may_come_alone_in_a_list(nested_file: Path, tmp_path: Path) -> None:
    graph = read_onnx(nested_file)
    for word in ("none", "all", "auto"):
        save_graph(graph, tmp_path / "list.dot", [word], direction="LR")
        assert (tmp_path / "list.dot").read_text("utf-8") == to_dot(visible(graph, word), direction="LR")


def test_drawings_are_cached_and_many_threads_may_ask() -> None:
    first = draw("digraph { cached }")
    assert draw("digraph { cached }") is first
    result: dict[int, bytes] = {}
    threads = [
        threading.Thread(target=lambda i=i: result.__setitem__(i, draw(f"digraph {{ thread{i} }}"))) for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"thread{i}".encode() in result[i] for i in range(8))


def test_in_a_large_view_shapes_stand_beside_their_edges() -> None:
    """Each word lies within a few points of the middle of its own edge, and no edge has lost its own."""
    nodes = tuple(_chained(place) for place in range(MOST_LABELS + 20))
    names = ("x", *(f"t{place}" for place in range(len(nodes))))
    tensors = {name: TensorType(name, "float32", (1, 2, 3)) for name in names}
    graph = Graph("chain", ("x",), (names[-1],), nodes, tensors)
    root = parsed(draw(to_dot(visible(graph, "all"))))
    edges = [group for group in root.iter(f"{SVG}g") if group.get("class") == "edge"]
    assert len(edges) == len(names)
    for edge in edges:
        path, text = edge.find(f"{SVG}path"), edge.find(f"{SVG}text")
        assert path is not None
        assert text is not None
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d", ""))]
        assert text.text == "1×2×3"
        assert abs(float(text.get("x", "0")) - (min(numbers[::2]) + max(numbers[::2])) / 2) < 8
        assert abs(float(text.get("y", "0")) - (min(numbers[1::2]) + max(numbers[1::2])) / 2) < 8


def _chained(place: int) -> Node:
    before = "x" if place == 0 else f"t{place - 1}"
    return Node(f"n{place}", "Relu", "", "", (), "activation", (before,), (f"t{place}",), {})
