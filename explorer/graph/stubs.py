"""Edges that would run past many ranks, cut into pairs of named stubs that lead to each other.

A long edge costs Graphviz more than all else (densenet201 fully open has 2,000 of them), and nobody can follow it.
"""

from collections.abc import Mapping
from dataclasses import replace

from explorer.graph.boxes import Box, Edge, Frame, View

LONGEST_EDGE = 12  # ranks


def with_stubs(view: View, longest: int = LONGEST_EDGE) -> View:
    """``view`` with each edge of more than ``longest`` ranks drawn as two stubs, of which a box has one each at most.

    The stub after a box is called ``s>…`` after it, the one before a box ``s<…``; ``jumps`` tells where they lead.
    """
    place = ranks(view)
    leaving: dict[str, list[Edge]] = {}
    arriving: dict[str, list[Edge]] = {}
    edges: list[Edge] = []
    for edge in view.edges:
        if place[edge.target] - place[edge.source] <= longest:
            edges.append(edge)
        else:
            leaving.setdefault(edge.source, []).append(edge)
            arriving.setdefault(edge.target, []).append(edge)
    if not leaving:
        return view
    boxes = {box.id: box for box in view.boxes()}
    jumps: dict[str, tuple[str, ...]] = {}
    before: dict[str, Box] = {}
    after: dict[str, Box] = {}
    for source, found in leaving.items():
        targets = tuple(dict.fromkeys(edge.target for edge in found))
        after[source] = _stub(f"s>{source}", "→", boxes[source], [boxes[target] for target in targets])
        jumps[after[source].id] = targets
        edges.append(Edge(source, after[source].id, found[0].tensor))
    for target, found in arriving.items():
        sources = tuple(dict.fromkeys(edge.source for edge in found))
        before[target] = _stub(f"s<{target}", "←", boxes[target], [boxes[source] for source in sources])
        jumps[before[target].id] = sources
        edges.append(Edge(before[target].id, target, found[0].tensor))
    return replace(view, items=_around(view.items, before, after), edges=tuple(edges), jumps=jumps)


def ranks(view: View) -> dict[str, int]:
    """The length of the longest way to each box from one that takes nothing; a cycle is cut at its first box."""
    boxes = [box.id for box in view.boxes()]
    found = dict.fromkeys(boxes, 0)
    missing = dict.fromkeys(boxes, 0)
    targets: dict[str, list[str]] = {box: [] for box in boxes}
    for edge in view.edges:
        targets[edge.source].append(edge.target)
        missing[edge.target] += 1
    done: set[str] = set()
    for start in [box for box in boxes if not missing[box]]:
        _descend(start, targets, missing, found, done)
    for start in boxes:
        if start not in done:
            _descend(start, targets, missing, found, done)
    return found


def _descend(
    start: str, targets: Mapping[str, list[str]], missing: dict[str, int], found: dict[str, int], done: set[str]
) -> None:
    """Rank ``start`` and all that takes nothing else any more."""
    waiting = [start]
    done.add(start)
    while waiting:
        box = waiting.pop()
        for target in targets[box]:
            missing[target] -= 1
            if target not in done:
                found[target] = max(found[target], found[box] + 1)
                if not missing[target]:
                    done.add(target)
                    waiting.append(target)


def _stub(id: str, arrow: str, box: Box, others: list[Box]) -> Box:
    more = f", +{len(others) - 1}" if len(others) > 1 else ""
    return Box(id, "stub", f"{arrow} {_called(others[0])}{more}", "", "stub", scope=box.scope)


def _called(box: Box) -> str:
    """A short name: of an operation the last part of its own, of a module the last two of its path."""
    if box.kind == "operation" and box.name:
        return box.name.rstrip("/").rpartition("/")[2].removeprefix("node_") or box.title
    if box.kind == "module":
        return ".".join(box.scope[-2:])
    return box.title


def _around(
    items: tuple[Frame | Box, ...], before: Mapping[str, Box], after: Mapping[str, Box]
) -> tuple[Frame | Box, ...]:
    """``items`` with the stubs next to their boxes."""
    found: list[Frame | Box] = []
    for item in items:
        if isinstance(item, Frame):
            found.append(replace(item, items=_around(item.items, before, after)))
            continue
        found += [box for box in (before.get(item.id), item, after.get(item.id)) if box is not None]
    return tuple(found)
