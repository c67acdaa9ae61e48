"""Comparing graphs: nothing against itself, exactly what was taken out or put in, and weights against numpy."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch import nn

from explorer.graph.comparison.compare import ATTRIBUTES, INPUTS, KINDS, OPERATION, SHAPE, WEIGHTS, Comparison, compare
from explorer.graph.graph import Graph, Node, TensorKey, TensorType, Weight
from explorer.graph.onnx_io.export import export_onnx
from explorer.graph.onnx_io.read import graph_of, read_onnx
from explorer.graph.onnx_io.weights import read_weight
from models.errors import GraphError
from tests.onnx_models import Cnn, Nested, Save, branches

Array = NDArray[np.generic]


def nothing(key: TensorKey) -> None:
    """A reader that knows no weight."""


def files(before: Path, after: Path) -> Comparison:
    def read(path: Path) -> Callable[[TensorKey], Array]:
        return lambda key: read_weight(path, key)

    return compare(read_onnx(before), read_onnx(after), read(before), read(after))


def node(place: int, op: str, inputs: tuple[str, ...], name: str = "", scope: tuple[str, ...] = ()) -> Node:
    return Node(f"n{place}", op, "", name, scope, "other", inputs, (f"t{place}",), {})


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Random acyclic graphs; some nodes named, some in modules, tensors always with names of their own."""
    count = draw(st.integers(1, 30))
    nodes = []
    for place in range(count):
        sources = ["x", *(f"t{earlier}" for earlier in range(place))]
        inputs = tuple(draw(st.lists(st.sampled_from(sources), min_size=1, max_size=2)))
        name = draw(st.sampled_from(["", f"node_{place}"]))
        scope = draw(st.sampled_from([(), ("a",), ("a", "b"), ("c",)]))
        nodes.append(node(place, draw(st.sampled_from(["Relu", "Add", "Conv"])), inputs, name, scope))
    return Graph("g", ("x",), (f"t{count - 1}",), tuple(nodes), {})


@pytest.mark.slow
@given(graphs())
def test_a_graph_is_like_itself(graph: Graph) -> None:
    result = compare(graph, graph, nothing, nothing)
    assert result.same
    assert result.matched == {each.id: each.id for each in graph.nodes}


@pytest.mark.slow
@given(graphs(), st.data())
def test_exactly_what_is_taken_out_is_missing(graph: Graph, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(graph.nodes))
    smaller = replace(graph, nodes=tuple(each for each in graph.nodes if each is not gone))
    result = compare(graph, smaller, nothing, nothing)
    assert (result.removed, result.added) == ((gone.id,), ())
    assert result.matched == {each.id: each.id for each in smaller.nodes}
    readers = {each.id for each in smaller.nodes if gone.outputs[0] in each.inputs}
    assert result.changed == dict.fromkeys(readers, (INPUTS,))
    back = compare(smaller, graph, nothing, nothing)
    assert (back.removed, back.added, set(back.changed)) == ((), (gone.id,), readers)


@pytest.mark.slow
@given(graphs())
def test_other_names_do_not_matter(graph: Graph) -> None:
    def renamed(each: Node) -> Node:
        inputs = tuple(f"other/{name}" for name in each.inputs)
        return replace(each, name="", id=f"o{each.id}", inputs=inputs, outputs=(f"other/{each.outputs[0]}",))

    other = replace(graph, inputs=("other/x",), nodes=tuple(renamed(each) for each in graph.nodes))
    bare = replace(graph, nodes=tuple(replace(each, name="") for each in graph.nodes))
    result = compare(bare, other, nothing, nothing)
    assert (result.removed, result.added) == ((), ())
    operations = {each.id: each.op_type for each in other.nodes}
    assert all(operations[result.matched[each.id]] == each.op_type for each in graph.nodes)


@pytest.mark.parametrize("count", [10_000])
def test_ten_thousand_nodes_take_seconds(count: int) -> None:
    """Without names or modules, with one new node in the middle and every tensor renamed."""
    generator = random.Random(0)
    kinds = ["Relu", "Add", "Conv", "Mul", "Sub"]
    nodes = [
        node(place, generator.choice(kinds), tuple(f"t{max(0, place - generator.randint(1, 9))}" for _ in range(2)))
        for place in range(1, count)
    ]
    before = Graph("g", ("t0",), (f"t{count - 1}",), tuple(nodes), {})

    def moved(name: str) -> str:
        return f"u{name[1:]}" if name != "t0" else name

    after_nodes = [
        replace(each, id=f"o{each.id}", inputs=tuple(map(moved, each.inputs)), outputs=(moved(each.outputs[0]),))
        for each in nodes
    ]
    after_nodes.insert(count // 2, Node("new", "Tanh", "", "", (), "other", ("t0",), ("tanh",), {}))
    after = replace(before, nodes=tuple(after_nodes), outputs=(moved(before.outputs[0]),))
    result = compare(before, after, nothing, nothing)
    assert (result.removed, result.added) == ((), ("new",))
    assert all(after == f"o{before}" for before, after in result.matched.items())


shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)
numbers = st.floats(-1e3, 1e3) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0])


@given(
    shapes.flatmap(
        lambda shape: st.tuples(
            st.just(shape), *[st.lists(numbers, min_size=int(np.prod(shape)), max_size=int(np.prod(shape)))] * 2
        )
    )
)
def test_weights_move_as_numpy_says(case: tuple[tuple[int, ...], list[float], list[float]]) -> None:
    shape, first, second = case
    a, b = (np.array(values, np.float32).reshape(shape) for values in (first, second))
    holder = replace(node(0, "Gemm", ("x", "w")), weights=(Weight("w", "B", "float32", shape),))
    graph = Graph("g", ("x",), ("t0",), (holder,), {})
    result = compare(graph, graph, lambda name: a, lambda name: b)
    (change,) = result.weights["n0"]
    kept = [(x, y) for x, y in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True) if np.isfinite([x, y]).all()]
    equal = sum(x == y or (np.isnan(x) and np.isnan(y)) for x, y in zip(a.ravel(), b.ravel(), strict=True))
    norm = sum(x * x for x, _ in kept) ** 0.5
    expected = sum((x - y) ** 2 for x, y in kept) ** 0.5
    assert change.difference == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert change.largest == pytest.approx(max((abs(x - y) for x, y in kept), default=0.0))
    assert change.relative == (pytest.approx(expected / norm, rel=1e-9, abs=1e-12) if norm else None)
    assert change.broken == a.size - equal - sum(x != y for x, y in kept)
    assert result.sizes["n0"] == pytest.approx(change.size)
    assert result.same == bool(equal == a.size)


def test_a_weight_that_cannot_be_read_or_fits_no_more_is_no_failure() -> None:
    def broken(key: TensorKey) -> Array:
        raise GraphError("lies outside")

    def holding(shape: tuple[int, ...]) -> Graph:
        held = replace(node(0, "Gemm", ("x", "w")), weights=(Weight("w", "B", "float32", shape),))
        return Graph("g", ("x",), ("t0",), (held,), {})

    result = compare(holding((2,)), holding((2,)), broken, lambda name: np.zeros(2))
    assert (result.unread, result.weights, result.changed) == (("w",), {}, {})
    assert compare(holding((2,)), holding((2,)), nothing, nothing).unread == ("w",)
    other = compare(holding((2,)), holding((3,)), lambda name: np.zeros(2), lambda name: np.zeros(3))
    assert other.changed == {"n0": (WEIGHTS,)}
    assert other.weights == {}


def test_each_kind_of_change_is_told() -> None:
    first = (node(0, "Relu", ("x",), "a", ("m",)), node(1, "Add", ("t0", "x"), "b"), node(2, "Neg", ("t1",), "c"))
    tensors = {"t2": TensorType("t2", "float32", (1, 3))}
    before = Graph("g", ("x",), ("t2",), first, tensors)
    second = (
        replace(first[0], op_type="Tanh"),
        replace(first[1], inputs=("x", "t0"), attributes={"axis": 1}),
        first[2],
    )
    after = replace(before, nodes=second, tensors={"t2": TensorType("t2", "float32", (1, 4))})
    result = compare(before, after, nothing, nothing)
    assert result.changed == {"n0": (OPERATION,), "n1": (ATTRIBUTES, INPUTS), "n2": (SHAPE,)}
    assert (result.removed, result.added) == ((), ())
    assert {kind for kinds in result.changed.values() for kind in kinds} <= set(KINDS)


@pytest.mark.slow
def test_one_more_layer_and_other_kernel_counts(tmp_path: Path) -> None:
    def network(width: int, more: bool) -> nn.Module:
        layers: list[nn.Module] = [nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 3)]
        return nn.Sequential(*layers, *([nn.Tanh(), nn.Linear(3, 3)] if more else []))

    for name, model in (("a", network(5, False)), ("b", network(6, True))):
        export_onnx(model, torch.zeros(2, 4), tmp_path / f"{name}.onnx")
    before, after = read_onnx(tmp_path / "a.onnx"), read_onnx(tmp_path / "b.onnx")
    result = files(tmp_path / "a.onnx", tmp_path / "b.onnx")
    operations = {each.id: each for each in after.nodes}
    assert [operations[result.matched[each.id]].scope for each in before.nodes] == [each.scope for each in before.nodes]
    assert sorted(operations[id].op_type for id in result.added) == ["Gemm", "Tanh"]
    assert result.removed == ()
    assert result.changed[before.nodes[0].id] == (SHAPE, WEIGHTS)


@pytest.mark.slow
def test_as_written_and_as_optimised(nested: Nested, nested_file: Path, tmp_path: Path) -> None:
    export_onnx(nested, torch.zeros(1, 1, 8, 8), tmp_path / "optimised.onnx")
    unoptimised, optimised = read_onnx(nested_file), read_onnx(tmp_path / "optimised.onnx")
    result = files(nested_file, tmp_path / "optimised.onnx")
    kinds = {each.id: each.op_type for each in unoptimised.nodes}
    assert result.added == ()
    gone = {kinds[id] for id in result.removed}
    assert "BatchNormalization" in gone
    assert not gone & {"Conv", "Relu", "Gemm"}
    assert set(result.matched.values()) == {each.id for each in optimised.nodes if not each.folded}


@pytest.mark.slow
def test_two_states_of_one_network(cnn: Cnn, cnn_file: Path, tmp_path: Path) -> None:
    moved = Cnn()
    moved.load_state_dict({name: value * 1.5 if "conv1" in name else value for name, value in cnn.state_dict().items()})
    export_onnx(moved, torch.zeros(1, 1, 28, 28), tmp_path / "moved.onnx")
    result = files(cnn_file, tmp_path / "moved.onnx")
    assert (result.removed, result.added, result.changed) == ((), (), {})
    first = next(each for each in read_onnx(cnn_file).nodes if each.op_type == "Conv")
    assert [change.relative for change in result.weights[first.id]] == [pytest.approx(0.5)] * 2
    assert {id for id, size in result.sizes.items() if size} == {first.id}


def test_unrelated_files_share_little(cnn_file: Path, save: Save) -> None:
    other = save([helper.make_node("Relu", ["x"], ["h"]), helper.make_node("Exp", ["h"], ["y"])])
    result = files(cnn_file, other)
    assert len(result.matched) <= 1
    assert len(result.added) >= 1


def test_bodies_and_shared_constants(save: Save) -> None:
    twice = helper.make_tensor("k", TensorProto.FLOAT, [3], [1.0, 2.0, 3.0])

    def nodes(more: bool) -> list[onnx.NodeProto]:
        made = branches()
        if more:
            body = made.attribute[0].g  # the second branch: attributes are sorted
            body.node.insert(0, helper.make_node("Abs", ["h"], ["h2"]))
            body.node[1].input[0] = "h2"
        return [helper.make_node("Add", ["x", "k"], ["g"]), helper.make_node("Mul", ["g", "k"], ["h"]), made]

    before, after = save(nodes(False), [twice], "before"), save(nodes(True), [twice], "after")
    result = files(before, after)
    graph = read_onnx(after)
    assert [graph.find(id).op_type for id in result.added] == ["Abs"]  # type: ignore[union-attr]
    assert result.removed == ()
    assert [read_onnx(before).find(id).op_type for id in result.changed] == ["Neg"]  # type: ignore[union-attr]
    assert len([1 for some in result.weights.values() for change in some if change.name == "k"]) == 2
    assert files(before, before).same


def test_a_function_that_is_missing_takes_its_nodes_along() -> None:
    read: Callable[[onnx.ModelProto], Graph] = lambda model: graph_of(model, "g")  # noqa: E731
    inner = helper.make_function(
        "local", "f", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])], [helper.make_opsetid("", 20)]
    )
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("local", 1)]
    call = helper.make_graph([helper.make_node("f", ["x"], ["y"], domain="local", name="call")], "g", [value], [out])
    plain = helper.make_graph([helper.make_node("Exp", ["x"], ["y"], name="other")], "g", [value], [out])
    with_call = read(helper.make_model(call, functions=[inner], opset_imports=opsets))
    without = read(helper.make_model(plain, opset_imports=opsets))
    result = compare(with_call, without, nothing, nothing)
    assert len(result.removed) == 2
    assert len(result.added) == 1
