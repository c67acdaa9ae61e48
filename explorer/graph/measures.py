"""Numbers that a graph can be coloured by, for each node, and put together for what stands for several nodes.

What can be told from the graph alone (parameters, FLOPs, bytes) is worked out here; what needs a run comes from
``explorer/trace``. No colours here.
"""

from collections.abc import Mapping
from math import prod, sqrt
from typing import Literal

import numpy as np

from explorer.graph.cost import numeric_shape
from explorer.graph.graph import Graph, TensorType

Combined = Literal["sum", "mean", "norm"]


def parameters_by_node(graph: Graph) -> dict[str, float]:
    """Learned weight elements, for the nodes that have any."""
    return {node.id: float(node.params) for node in graph.all_nodes() if node.params}


def flops_by_node(graph: Graph) -> dict[str, float]:
    """Floating-point operations for one sample, for the nodes whose cost is known and not zero."""
    return {node.id: float(node.flops) for node in graph.all_nodes() if node.flops}


def output_bytes_by_node(graph: Graph) -> dict[str, float]:
    """Bytes of each node's outputs for one sample, by the declared or inferred shapes; nodes without are left out."""
    found: dict[str, float] = {}
    for part in _graphs(graph):
        for node in part.nodes:
            known = [tensor_bytes(part.tensors.get(name)) for name in node.outputs if name]
            if known and None not in known and not node.folded:
                found[node.id] = float(sum(size for size in known if size is not None))
    return found


def tensor_bytes(tensor: TensorType | None) -> int | None:
    """Bytes of one sample of a tensor (symbolic dimensions count as 1); None where type or shape is not known."""
    shape = numeric_shape(tensor)
    if tensor is None or shape is None:
        return None
    try:
        return prod(shape) * np.dtype(tensor.dtype).itemsize
    except TypeError:
        return None


def combined_by_box(values: Mapping[str, float], holder: Mapping[str, str], how: Combined) -> dict[str, float]:
    """``values`` by node, put together for the boxes that stand for the nodes.

    holder: the box of each node, as ``explorer.drawing.diagram.box_by_node`` gives it. sum for amounts, mean for
    shares and magnitudes, norm (root of the sum of squares) for norms.
    """
    groups: dict[str, list[float]] = {}
    for node, value in values.items():
        if node in holder:
            groups.setdefault(holder[node], []).append(value)
    if how == "sum":
        return {box: sum(group) for box, group in groups.items()}
    if how == "mean":
        return {box: sum(group) / len(group) for box, group in groups.items()}
    return {box: sqrt(sum(value * value for value in group)) for box, group in groups.items()}


def _graphs(graph: Graph) -> list[Graph]:
    found, waiting = [], [graph]
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting.extend(body for node in part.nodes for body in node.bodies.values())
    return found
