"""Widths of edges: by hand for three tensors."""

from itertools import pairwise

import pytest

from explorer.drawing.edge_widths import THINNEST, WIDEST, edge_widths
from explorer.drawing.visible import visible
from explorer.graph.graph import Graph, Node, TensorType


def chain(*shapes: tuple[int, ...] | None) -> Graph:
    """Relus in a row, of the given tensors."""
    names = [f"t{place}" for place in range(len(shapes))]
    nodes = tuple(
        Node(f"n{place}", "Relu", "", f"n{place}", (), "Activation", (before,), (after,), {})
        for place, (before, after) in enumerate(pairwise(names))
    )
    tensors = {name: TensorType(name, "float32", shape) for name, shape in zip(names, shapes, strict=True)}
    return Graph("chain", (names[0],), (names[-1],), nodes, tensors)


def test_a_tensor_of_four_times_the_elements_is_twice_as_wide_above_the_thinnest() -> None:
    diagram = visible(chain((1, 100), (1, 25), (1, 25)), "all")
    widths = edge_widths(diagram)
    by_elements = {edge.tensor.shape: widths[place] for place, edge in enumerate(diagram.edges) if edge.tensor}
    assert by_elements[(1, 100)] == WIDEST
    assert by_elements[(1, 25)] == pytest.approx(THINNEST + (WIDEST - THINNEST) / 2)


def test_an_edge_of_unknown_shape_has_no_width() -> None:
    diagram = visible(chain((1, 4), None, (1, 4)), "all")
    widths = edge_widths(diagram)
    unknown = [place for place, edge in enumerate(diagram.edges) if edge.tensor is None or edge.tensor.shape is None]
    assert unknown
    assert not set(unknown) & set(widths)
