"""What to open: for a first look, down to a depth, or to make one node visible. All of it as ids of boxes.

Whether an id is open, and what is then seen, is told by ``explorer/graph/view.py``.
"""

from collections.abc import Iterator

from explorer.graph.graph import Graph
from explorer.graph.tree import Part, Tree, scope_name, tree

Place = tuple[Tree, Part]


def body_prefix(node_id: str, place: int) -> str:
    """What the ids begin with in the body number ``place`` of a node."""
    return f"{node_id}.b{place}."


def holds(inside: Tree, part: Part, scopes: frozenset[str]) -> bool:
    """Whether ``part`` holds a module with one of these names, the bodies in it included."""
    waiting = list(part.parts)
    while waiting:
        each = waiting.pop()
        if each.kind == "module" and scope_name(each.scope) in scopes:
            return True
        if each.node is None:
            waiting.extend(each.parts)
        elif any(scopes & body.scopes for _, body in inside.bodies.get(each.id, ())):
            return True
    return False


def first_view(graph: Graph, most: int = 60) -> frozenset[str]:
    """Ids to open for a first look: level by level, the smallest first, while at most ``most`` boxes are visible.

    A graph of at most ``most`` nodes is open all through. Where even nothing opened shows more than ``most`` boxes,
    for instance as many inputs, nothing is opened.
    """
    whole = tree(graph)
    count = _pills(whole) + len(whole.parts)
    small = sum(part.operations for part in whole.parts) <= most
    opened: set[str] = set()
    level = _openable(whole, whole.parts)
    while level:
        inner: list[Place] = []
        for more, (inside, part) in sorted(((_gain(*place), place) for place in level), key=lambda entry: entry[0]):
            if small or count + more <= most:
                count += more
                opened.add(part.id)
                inner += _within(inside, part)
        level = inner
    return frozenset(opened)


def to_depth(graph: Graph, depth: int) -> frozenset[str]:
    """Ids of everything that ``depth`` clicks, one inside the other, can open; runs of a long level stay folded."""
    whole = tree(graph)
    opened: set[str] = set()
    level = _openable(whole, whole.parts)
    for _ in range(depth):
        if not level:
            break
        level = [place for place in level if place[1].kind != "bundle"]
        opened.update(part.id for _, part in level)
        level = [place for inside, part in level for place in _within(inside, part)]
    return frozenset(opened)


def opening(graph: Graph, node_id: str) -> frozenset[str]:
    """Ids to open so that a node is visible; empty for an unknown node, and for one that always is."""
    path: list[str] = []
    inside: Tree | None = tree(graph)
    while inside is not None:
        next_inside: Tree | None = None
        waiting: list[tuple[Part, tuple[str, ...]]] = [(part, ()) for part in inside.parts]
        while waiting:
            part, around = waiting.pop()
            if part.id == node_id:
                return frozenset((*path, *around))
            if part.node is None:
                waiting.extend((each, (*around, part.id)) for each in part.parts)
                continue
            for place, (_, body) in enumerate(inside.bodies.get(part.id, ())):
                if node_id.startswith(body_prefix(part.id, place)):
                    path += [*around, part.id]
                    next_inside = body
                    waiting = []
                    break
        inside = next_inside
    return frozenset()


def _pills(inside: Tree) -> int:
    """Boxes of a graph beside its nodes: inputs, outputs, and at most all its shared constants."""
    taken = {name for names in inside.reads.values() for name in names} if inside.constants else set()
    constants = sum(weight.name in taken for weight in inside.constants)
    return len(inside.inputs) + len(inside.outputs) + constants


def _openable(inside: Tree, parts: tuple[Part, ...]) -> list[Place]:
    return [(inside, part) for part in parts if part.node is None or part.id in inside.bodies]


def _within(inside: Tree, part: Part) -> list[Place]:
    """What can be opened once ``part`` is open."""
    if part.node is None:
        return _openable(inside, part.parts)
    return [place for body in _bodies(inside, part) for place in _openable(body, body.parts)]


def _bodies(inside: Tree, part: Part) -> Iterator[Tree]:
    return (body for _, body in inside.bodies[part.id])


def _gain(inside: Tree, part: Part) -> int:
    """Boxes that opening ``part`` adds; an operation may keep one as an anchor."""
    if part.node is None:
        return len(part.parts) - 1
    return sum(_pills(body) + len(body.parts) for body in _bodies(inside, part))
