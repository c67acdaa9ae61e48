"""What to open down to a depth, or to make one node visible, and what that costs. All of it as ids of boxes.

What is then seen, and what to open for a first look, is told by ``explorer/drawing/visible.py``.
"""

from explorer.graph.graph import Graph
from explorer.graph.module_tree import LONGEST_LEVEL, ModuleTree, TreeItem, module_tree, scope_name

Place = tuple[ModuleTree, TreeItem]
TANGLED = 2.0  # links for each part of a module, above which a first look leaves it folded


def body_prefix(node_id: str, place: int) -> str:
    """What the ids begin with in the body number ``place`` of a node."""
    return f"{node_id}.b{place}."


def holds(inside: ModuleTree, part: TreeItem, scopes: frozenset[str]) -> bool:
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


def opened_to_depth(graph: Graph, max_depth: int) -> frozenset[str]:
    """Ids of everything that ``max_depth`` clicks, one inside the other, can open; runs of a long level stay folded."""
    whole = module_tree(graph)
    opened: set[str] = set()
    level = openable(whole, whole.parts)
    for _ in range(max_depth):
        if not level:
            break
        level = [place for place in level if place[1].kind != "bundle"]
        opened.update(part.id for _, part in level)
        level = [place for inside, part in level for place in within(inside, part)]
    return frozenset(opened)


def max_depth(graph: Graph) -> int:
    """How many clicks, one inside the other, open everything but the runs of a long level."""
    whole = module_tree(graph)
    found, level = 0, [place for place in openable(whole, whole.parts) if place[1].kind != "bundle"]
    while level:
        inner = [place for inside, part in level for place in within(inside, part)]
        found, level = found + 1, [place for place in inner if place[1].kind != "bundle"]
    return found


def opened_to_reveal(graph: Graph, node_id: str) -> frozenset[str]:
    """Ids to open so that a node is visible; empty for an unknown node, and for one that always is."""
    path: list[str] = []
    inside: ModuleTree | None = module_tree(graph)
    while inside is not None:
        next_inside: ModuleTree | None = None
        waiting: list[tuple[TreeItem, tuple[str, ...]]] = [(part, ()) for part in inside.parts]
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


def pills(inside: ModuleTree) -> int:
    """Boxes of a graph or body for its own inputs and outputs; too many of them share one."""
    return sum(len(names) if len(names) <= LONGEST_LEVEL else 1 for names in (inside.inputs, inside.outputs))


def openable(inside: ModuleTree, parts: tuple[TreeItem, ...]) -> list[Place]:
    """Those of ``parts`` that can be opened."""
    return [(inside, part) for part in parts if part.node is None or part.id in inside.bodies]


def within(inside: ModuleTree, part: TreeItem) -> list[Place]:
    """What can be opened once ``part`` is open."""
    if part.node is None:
        return openable(inside, part.parts)
    return [place for _, body in inside.bodies[part.id] for place in openable(body, body.parts)]


def gain(inside: ModuleTree, part: TreeItem) -> int:
    """Boxes that opening ``part`` adds, shared constants left out; an operation may keep one as an anchor."""
    if part.node is None:
        return len(part.parts) - 1
    return sum(pills(body) + len(body.parts) for _, body in inside.bodies[part.id])


def tangled(inside: ModuleTree, part: TreeItem) -> bool:
    """Whether what is in ``part`` is linked so closely (a dense block) that opening it is no help to a first look."""
    maker: dict[str, int] = {}
    links: set[tuple[int, int]] = set()
    for place, child in enumerate(part.parts):
        waiting = [child]
        while waiting:
            each = waiting.pop()
            waiting.extend(reversed(each.parts))
            if each.node is not None:
                links.update((maker[name], place) for name in inside.reads[each.id] if name in maker)
                maker.update(dict.fromkeys(each.node.outputs, place))
    return sum(one != other for one, other in links) > TANGLED * len(part.parts)
