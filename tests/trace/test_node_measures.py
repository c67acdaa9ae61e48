"""Numbers of each node: by hand for a graph of two operations."""

import numpy as np
import pytest

from explorer.graph.graph import Graph, Node
from explorer.trace.gradients import Gradients
from explorer.trace.node_measures import gradient_norms, output_statistic
from explorer.trace.tensor_statistics import statistics_of


def node(id: str, operation: str, source: str, result: str) -> Node:
    return Node(id, operation, "", id, (), "Arithmetic", (source,), (result,), {})


GRAPH = Graph("two", ("x",), ("z",), (node("n0", "Neg", "x", "y"), node("n1", "Relu", "y", "z")), {})


def test_a_statistic_is_that_of_the_first_output() -> None:
    statistics = statistics_of({"y": np.array([[-3.0, 1.0]]), "z": np.array([[0.0, 1.0]])})
    assert output_statistic(GRAPH, statistics, "magnitude") == {"n0": 2.0, "n1": 0.5}
    assert output_statistic(GRAPH, statistics, "dead") == {"n0": 0.0, "n1": 0.5}
    assert output_statistic(GRAPH, {}, "dead") == {}


def test_a_gradient_norm_is_euclidean_and_missing_where_there_is_no_gradient() -> None:
    gradients = Gradients(0.5, {"y": np.array([[3.0, -4.0]])}, {})
    assert gradient_norms(GRAPH, gradients) == {"n0": pytest.approx(5.0)}
    assert gradient_norms(GRAPH, None) == {}
