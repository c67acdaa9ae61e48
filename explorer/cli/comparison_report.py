"""A comparison of two graphs as lines for a terminal, and as data for ``compare --json``."""

import math
from collections.abc import Mapping
from typing import Any

from explorer.graph.comparison.compare import Comparison
from explorer.graph.graph import Graph, Node
from models.text import printable

MAX_WEIGHTS = 20  # lines; the JSON object has all


def record(before: Graph, after: Graph, comparison: Comparison) -> dict[str, Any]:
    """The JSON object ``{"before", "after", "same", "matched", "added", "removed", "changed", "weights", "unread"}``.

    matched: a node's id before → its id after. weights: largest change first; numbers that are not finite are None.
    """
    before_nodes, after_nodes = _by_id(before), _by_id(after)
    return {
        "before": before.name,
        "after": after.name,
        "same": comparison.same,
        "matched": dict(comparison.matched),
        "added": [_node(after_nodes[id]) for id in comparison.added],
        "removed": [_node(before_nodes[id]) for id in comparison.removed],
        "changed": [{**_node(before_nodes[id]), "differs": list(kinds)} for id, kinds in comparison.changed.items()],
        "weights": _weights(comparison),
        "unread": list(comparison.unread),
    }


def table(before: Graph, after: Graph, comparison: Comparison) -> str:
    """A line for the counts, one for each difference, and the weights with the largest changes at the end."""
    before_nodes, after_nodes = _by_id(before), _by_id(after)
    lines = [
        f"{len(comparison.matched)} matched, {len(comparison.added)} added, {len(comparison.removed)} removed, "
        f"{len(comparison.changed)} changed"
    ]
    lines += [f"added    {_place(after_nodes[id])}" for id in comparison.added]
    lines += [f"removed  {_place(before_nodes[id])}" for id in comparison.removed]
    lines += [f"changed  {_place(before_nodes[id])}: {', '.join(kinds)}" for id, kinds in comparison.changed.items()]
    moved = [entry for entry in _weights(comparison) if entry["difference"] or entry["broken"]]
    for entry in moved[:MAX_WEIGHTS]:
        relative = "   from 0" if entry["relative"] is None else f"{entry['relative']:>8.2%}"
        broken = f", {entry['broken']} not finite" if entry["broken"] else ""
        lines.append(f"weight   {_line(entry['name']):<40} {relative}, at most {entry['largest']:.4g}{broken}")
    if len(moved) > MAX_WEIGHTS:
        lines.append(f"… and {len(moved) - MAX_WEIGHTS} weights that moved less")
    if comparison.unread:
        lines.append(f"{len(comparison.unread)} weights could not be read")
    return "\n".join(lines)


def _by_id(graph: Graph) -> Mapping[str, Node]:
    return {node.id: node for node in graph.all_nodes()}


def _node(node: Node) -> dict[str, str]:
    return {"id": node.id, "op_type": node.op_type, "name": node.name, "scope": ".".join(node.scope)}


def _weights(comparison: Comparison) -> list[dict[str, Any]]:
    entries = []
    for id, changes in comparison.weights.items():
        for change in sorted(changes, key=lambda change: -change.size):
            numbers = {"relative": change.relative, "difference": change.difference, "largest": change.largest}
            finite = {name: value if value is None or math.isfinite(value) else None for name, value in numbers.items()}
            entries.append((change.size, {"node": id, "name": change.name, **finite, "broken": change.broken}))
    return [entry for _, entry in sorted(entries, key=lambda entry: -entry[0])]


def _place(node: Node) -> str:
    return " ".join(part for part in (_line(node.op_type), _line(".".join(node.scope)), _line(node.name)) if part)


def _line(text: str) -> str:
    """A name from a file, printable and shortened to a part of one line."""
    return printable(text[:80])
