"""Numbers of a graph as an attachment for Netron, which shows them beside its own drawing of the same file.

Netron looks a node, a tensor between nodes ("value") or a weight ("tensor") up by the first line of its name. The
numbers of a node without a name of its own are attached to its first output instead. Nothing is calculated here.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from explorer.drawing.save import write_file
from explorer.graph.graph import Graph, Node, TensorKey
from explorer.trace.tensor_statistics import TensorStatistics

SIGNATURE = "netron:attachment"

Entry = dict[str, Any]
Number = tuple[str, float | int | None]


def attachment(
    graph: Graph,
    statistics: Mapping[str, TensorStatistics],
    weights: Mapping[TensorKey, TensorStatistics] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """``{"signature", "metadata", "metrics"}`` as Netron reads it.

    statistics: of the main graph's traced tensors, by name; weights: of initializers and constants; seconds: measured
    time by node id. Metrics are numbers (shares from 0 to 1, time in µs); metadata are a node's module and source line.
    Netron knows tensors by name alone: of several weights called alike none is given, unless one is the main graph's.
    """
    nodes = [node for node in graph.all_nodes() if not node.folded]
    named = _by_name(graph, weights or {})
    names = Counter(_first_line(node.name) for node in nodes)
    metrics: list[Entry] = []
    metadata: list[Entry] = []
    for node in nodes:
        kind, target = _target(node, names)
        if target:
            metrics += _entries(kind, target, _costs(node, (seconds or {}).get(node.id)))
            metadata += _metadata(kind, target, node)
            output = statistics.get(node.outputs[0]) if node.outputs and not node.body else None
            if kind == "node" and output is not None:
                metrics += _entries(kind, target, _activation(output))
    for name, numbers in statistics.items():
        if numbers is not None and name not in named:
            metrics += _entries("value", _first_line(name), _activation(numbers))
    for name, numbers in named.items():
        metrics += _entries("tensor", _first_line(name), _weight(numbers))
    return {"signature": SIGNATURE, "metadata": metadata, "metrics": [*_model_metrics(nodes, seconds or {}), *metrics]}


def _by_name(graph: Graph, weights: Mapping[TensorKey, TensorStatistics]) -> dict[str, TensorStatistics]:
    """The statistics of the weights whose name stands for one tensor alone."""
    counts = Counter(key.name for key in weights)
    return {
        key.name: numbers
        for key, numbers in weights.items()
        if not key.body or (counts[key.name] == 1 and key.name not in graph.tensors)
    }


def save_attachment(content: Mapping[str, Any], path: Path) -> None:
    """Write it as JSON; Netron asks for a name that ends in ``.json``. Raises GraphError."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    write_file(path, text.encode("utf-8", "replace"))


def _first_line(name: str) -> str:
    return name.split("\n", 1)[0]


def _target(node: Node, names: Counter[str]) -> tuple[Literal["node", "value"], str]:
    """What to attach the numbers of ``node`` to: kind and name, '' where Netron could not look it up."""
    name = _first_line(node.name)
    if name and names[name] == 1:
        return "node", name
    return "value", next((_first_line(output) for output in node.outputs if output), "")


def _entries(kind: str, target: str, numbers: Iterator[Number]) -> list[Entry]:
    return [
        {"kind": kind, "target": target, "name": name, "value": _short(value)}
        for name, value in numbers
        if target and value is not None
    ]


def _short(value: float) -> float | int:
    """A number with six significant digits; whole numbers as they are."""
    return value if isinstance(value, int) else float(f"{value:.6g}")


def _costs(node: Node, seconds: float | None) -> Iterator[Number]:
    yield "parameters", node.params or None
    yield "FLOPs", node.flops
    yield "time in µs", None if seconds is None else seconds * 1e6


def _activation(statistics: TensorStatistics) -> Iterator[Number]:
    yield from _weight(statistics)
    yield "dead share", statistics.dead


def _weight(statistics: TensorStatistics) -> Iterator[Number]:
    """Numbers under the names that Netron has for its own, so that none is listed twice."""
    yield "min", statistics.minimum
    yield "max", statistics.maximum
    yield "mean", statistics.mean
    yield "zero share", statistics.zeros
    yield "NaN", statistics.nans or None
    yield "infinite", statistics.infinities or None


def _metadata(kind: str, target: str, node: Node) -> Iterator[Entry]:
    if node.scope:
        yield {"kind": kind, "target": target, "name": "module", "value": ".".join(node.scope)}
    if node.source is not None:
        location = f"{node.source.path}:{node.source.line}"
        yield {"kind": kind, "target": target, "name": "source", "value": f"{location}  {node.source.code}"}


def _model_metrics(nodes: list[Node], seconds: Mapping[str, float]) -> list[Entry]:
    """Metrics of the whole model, which has no name in Netron."""
    sums = (
        ("parameters", sum(node.params for node in nodes)),
        ("FLOPs", sum(node.flops or 0 for node in nodes)),
        ("time in µs", sum(seconds.values()) * 1e6 if seconds else None),
    )
    kept = [(name, value) for name, value in sums if value is not None]
    return [{"kind": "model", "target": "", "name": name, "value": _short(value)} for name, value in kept]
