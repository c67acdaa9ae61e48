"""Numbers by which a graph can be coloured: of each node, and combined for boxes that stand for several nodes.

What follows from the graph alone (parameters, FLOPs, bytes) is calculated here; what needs a run comes from
``explorer/trace``. No colours here.
"""

from collections.abc import Iterator, Mapping
from math import hypot, prod
from typing import Literal

import numpy as np

from explorer.graph.cost import numeric_shape
from explorer.graph.graph import Graph, TensorType

Combination = Literal["sum", "mean", "norm"]


def parameters_by_node(graph: Graph) -> dict[str, float]:
    """Number of learned weight elements, for the nodes that have any."""
    return {node.id: float(node.params) for node in graph.all_nodes() if node.params}


def flops_by_node(graph: Graph) -> dict[str, float]:
    """Floating-point operations for one sample, for the nodes whose cost is known and not zero."""
    return {node.id: float(node.flops) for node in graph.all_nodes() if node.flops}


def output_bytes_by_node(graph: Graph) -> dict[str, float]:
    """Bytes of each node's outputs for one sample, from declared or inferred shapes; nodes without are left out."""
    result: dict[str, float] = {}
    for body in _graph_and_bodies(graph):
        for node in body.nodes:
            sizes = [tensor_bytes(body.tensors.get(name)) for name in node.outputs if name]
            if sizes and None not in sizes and not node.folded:
                result[node.id] = float(sum(size for size in sizes if size is not None))
    return result


def tensor_bytes(tensor: TensorType | None) -> int | None:
    """Bytes of one sample of a tensor (symbolic dimensions count as 1); None where type or shape is not known.

    >>> tensor_bytes(TensorType("x", "float32", ("batch", 3, 8)))
    96
    """
    shape = numeric_shape(tensor)
    if tensor is None or shape is None:
        return None
    try:
        return prod(shape) * np.dtype(tensor.dtype).itemsize
    except TypeError:
        return None


def combined_by_box(values: Mapping[str, float], boxes: Mapping[str, str], how: Combination) -> dict[str, float]:
    """``values`` by node, combined for the boxes that stand for the nodes.

    boxes: the box of each node, as ``explorer.drawing.diagram.box_by_node`` gives it. how: sum for amounts, mean for
    shares and magnitudes, norm (root of the sum of squares) for norms.

    >>> combined_by_box({"n0": 3.0, "n1": 4.0}, {"n0": "m1-n0", "n1": "m1-n0"}, "norm")
    {'m1-n0': 5.0}
    """
    groups: dict[str, list[float]] = {}
    for node, value in values.items():
        if node in boxes:
            groups.setdefault(boxes[node], []).append(value)
    if how == "sum":
        return {box: sum(group) for box, group in groups.items()}
    if how == "mean":
        return {box: sum(group) / len(group) for box, group in groups.items()}
    return {box: hypot(*group) for box, group in groups.items()}


def _graph_and_bodies(graph: Graph) -> Iterator[Graph]:
    stack = [graph]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(body for node in current.nodes for body in node.bodies.values())
