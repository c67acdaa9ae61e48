"""Numbers of each node that a run of the graph gives, to colour the graph by: of its first output, or its gradient."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from explorer.graph.graph import Graph
from explorer.trace.gradients import Gradients
from explorer.trace.tensor_statistics import TensorStatistics


def output_statistic(
    graph: Graph, statistics: Mapping[str, TensorStatistics], field: Literal["magnitude", "dead"]
) -> dict[str, float]:
    """One of the ``TensorStatistics`` of each node's first output, by node id, for the nodes of the main graph.

    statistics: of its tensors, by name; those inside bodies may be called the same.
    """
    numbers: dict[str, float] = {}
    for node in graph.nodes:
        output = statistics.get(node.outputs[0]) if node.outputs and not node.folded else None
        value: float | None = None if output is None else getattr(output, field)
        if value is not None:
            numbers[node.id] = value
    return numbers


def gradient_norms(graph: Graph, gradients: Gradients | None) -> dict[str, float]:
    """Euclidean norm of the gradient by each node's first output, by node id, where torch computed one."""
    if gradients is None:
        return {}
    return {
        node.id: float(np.linalg.norm(gradients.tensors[node.outputs[0]]))
        for node in graph.nodes
        if node.outputs and node.outputs[0] in gradients.tensors
    }
