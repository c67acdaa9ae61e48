"""A graph as data for JSON: every node of the file, nested bodies inside their node."""

import math
from collections.abc import Mapping
from typing import Any

from explorer.graph.graph import Graph, Node, Weight


def graph_to_json(graph: Graph) -> dict[str, Any]:
    """``{"name", "inputs", "outputs", "nodes", "tensors", "constants"}``; infinite and undefined numbers as text.

    A file whose local functions are not all shown as bodies of nodes has the others under ``"functions"``; an invalid
    graph says why under ``"faults"``.
    """
    entry: dict[str, Any] = {
        "name": graph.name,
        "inputs": list(graph.inputs),
        "outputs": list(graph.outputs),
        "nodes": [_node(node) for node in graph.nodes],
        "tensors": {
            name: {"dtype": tensor.dtype, "shape": None if tensor.shape is None else list(tensor.shape)}
            for name, tensor in graph.tensors.items()
        },
        "constants": [_weight(weight) for weight in graph.constants],
    }
    if graph.faults:
        entry["faults"] = [{"kind": fault.kind, "node": fault.node, "name": fault.name} for fault in graph.faults]
    if graph.functions:
        entry["functions"] = [graph_to_json(function) for function in graph.functions]
    return entry


def _node(node: Node) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": node.id,
        "op_type": node.op_type,
        "domain": node.domain,
        "name": node.name,
        "scope": list(node.scope),
        "classes": list(node.classes),
        "category": node.category,
        "inputs": list(node.inputs),
        "outputs": list(node.outputs),
        "attributes": _plain(node.attributes),
        "weights": [_weight(weight) for weight in node.weights],
        "params": node.params,
        "flops": node.flops,
        "source": None,
        "folded": node.folded,
    }
    if node.source is not None:
        source = node.source
        entry["source"] = {"path": source.path, "line": source.line, "code": source.code, "function": source.function}
    if node.bodies:
        entry["bodies"] = {name: graph_to_json(body) for name, body in node.bodies.items()}
    return entry


def _weight(weight: Weight) -> dict[str, Any]:
    entry = {"name": weight.name, "role": weight.role, "dtype": weight.dtype, "shape": list(weight.shape)}
    return entry if weight.value is None else {**entry, "value": _plain(weight.value)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
