"""Whether a graph of ten times the nodes takes ten times as long, and not a hundred: search, module tree, comparison.

And what eight feature maps cost against Plotly's own subplots. All in this process, without a page.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from plotly.subplots import make_subplots

from explorer.figures.maps import feature_maps
from explorer.graph.comparison.compare import compare
from explorer.graph.graph import Graph, Node, TensorKey, TensorType
from explorer.graph.module_tree import module_tree
from explorer.graph.search import search_nodes
from tests.bench.ratios import Pairs, Row, interleaved

MANY = 100_000
MOST_GROWTH = 20.0  # ten, and some more for sorting and for memory outside the processor's caches


def graph_of(count: int) -> Graph:
    """``count`` operations one after the other, each with a tensor of a known shape."""
    nodes = tuple(
        Node(
            f"n{i}",
            ("Relu", "Conv")[i % 2],
            "",
            f"op{i}",
            ("layer", str(i // 50)),
            "layer",
            (f"t{i}",),
            (f"t{i + 1}",),
            {},
        )
        for i in range(count)
    )
    tensors = {f"t{i}": TensorType(f"t{i}", "float32", (1, i % 9)) for i in range(count + 1)}
    return Graph("chain", ("t0",), (f"t{count}",), nodes, tensors)


def searched(graph: Graph) -> object:
    """A query of several words."""
    return search_nodes(graph, "op:conv shape:1x3 | op99", most=10)


def divided(graph: Graph) -> object:
    """The tree of a graph that has none yet."""
    return module_tree(replace(graph))


def compared(graph: Graph) -> object:
    """The graph against itself with one node fewer."""
    return compare(graph, replace(graph, nodes=graph.nodes[:-1]), _no_weights, _no_weights)


def seconds_of(act: Callable[[Graph], object], graph: Graph) -> float:
    """Seconds of processor time of one call."""
    begin = time.process_time()
    act(graph)
    return time.process_time() - begin


def picture_seconds(ours: bool) -> float:
    """Seconds of processor time of eight feature maps as a figure: ours, or Plotly's subplots."""
    values = np.random.default_rng(0).random((8, 14, 14))
    begin = time.process_time()
    if ours:
        feature_maps(values, title="").to_json()
    else:
        figure = make_subplots(2, 4)
        for place, value in enumerate(values):
            figure.add_heatmap(z=value, row=place // 4 + 1, col=place % 4 + 1)
        figure.to_json()
    return time.process_time() - begin


def scale(pairs: int, accuracy: bool) -> list[Row]:
    """Each work on 100,000 nodes against a tenth of them, and the figure."""
    large, small = graph_of(MANY), graph_of(MANY // 10)
    rows = []
    for what, act in (("search", searched), ("module tree", divided), ("comparison", compared)):
        measured = interleaved(partial(seconds_of, act, large), partial(seconds_of, act, small), pairs)
        rows.append(Row(f"{what}: {MANY:,} nodes against a tenth of them", "s", measured, MOST_GROWTH, "≤"))
    figures: Pairs = interleaved(partial(picture_seconds, True), partial(picture_seconds, False), pairs)
    rows.append(Row("eight feature maps against Plotly's subplots", "s", figures, 0.5, "≤"))
    return rows


def _no_weights(key: TensorKey) -> None:
    return None
