"""A comparison of two graphs as lines for a terminal, and as data for ``compare --json``."""

import math
from collections.abc import Mapping
from typing import Any

from explorer.graph.comparison.compare import Comparison
from explorer.graph.graph import Graph, Node
from models.text import printable

MOST_WEIGHTS = 20  # lines; JSON has them all


def record(before: Graph, after: Graph, found: Comparison) -> dict[str, Any]:
    """``{"before", "after", "same", "matched", "added", "removed", "changed", "weights", "unread"}``.

    matched: id before → id after; weights: the largest change first.
    """
    mine, theirs = _by_id(before), _by_id(after)
    return {
        "before": before.name,
        "after": after.name,
        "same": found.same,
        "matched": dict(found.matched),
        "added": [_node(theirs[id]) for id in found.added],
        "removed": [_node(mine[id]) for id in found.removed],
        "changed": [{**_node(mine[id]), "differs": list(kinds)} for id, kinds in found.changed.items()],
        "weights": _weights(found),
        "unread": list(found.unread),
    }


def table(before: Graph, after: Graph, found: Comparison) -> str:
    """One line for each difference; the counts first, weights that moved most at the end."""
    mine, theirs = _by_id(before), _by_id(after)
    lines = [
        f"{len(found.matched)} matched, {len(found.added)} added, {len(found.removed)} removed, "
        f"{len(found.changed)} changed"
    ]
    lines += [f"added    {_place(theirs[id])}" for id in found.added]
    lines += [f"removed  {_place(mine[id])}" for id in found.removed]
    lines += [f"changed  {_place(mine[id])}: {', '.join(kinds)}" for id, kinds in found.changed.items()]
    moved = [entry for entry in _weights(found) if entry["difference"] or entry["broken"]]
    for entry in moved[:MOST_WEIGHTS]:
        relative = "   from 0" if entry["relative"] is None else f"{entry['relative']:>8.2%}"
        broken = f", {entry['broken']} not finite" if entry["broken"] else ""
        lines.append(f"weight   {_line(entry['name']):<40} {relative}, at most {entry['largest']:.4g}{broken}")
    if len(moved) > MOST_WEIGHTS:
        lines.append(f"… and {len(moved) - MOST_WEIGHTS} weights that moved less")
    if found.unread:
        lines.append(f"{len(found.unread)} weights could not be read")
    return "\n".join(lines)


def _by_id(graph: Graph) -> Mapping[str, Node]:
    return {node.id: node for node in graph.all_nodes()}


def _node(node: Node) -> dict[str, str]:
    return {"id": node.id, "op_type": node.op_type, "name": node.name, "scope": ".".join(node.scope)}


def _weights(found: Comparison) -> list[dict[str, Any]]:
    entries = []
    for id, changes in found.weights.items():
        for change in sorted(changes, key=lambda change: -change.size):
            numbers = {"relative": change.relative, "difference": change.difference, "largest": change.largest}
            finite = {name: value if value is None or math.isfinite(value) else None for name, value in numbers.items()}
            entries.append((change.size, {"node": id, "name": change.name, **finite, "broken": change.broken}))
    return [entry for _, entry in sorted(entries, key=lambda entry: -entry[0])]


def _place(node: Node) -> str:
    return " ".join(part for part in (_line(node.op_type), _line(".".join(node.scope)), _line(node.name)) if part)


def _line(text: str) -> str:
    """A stranger's name in one line of a terminal."""
    return printable(text[:80])
