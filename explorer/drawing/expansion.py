"""Which boxes to open down to a depth, or to make a node visible, and how many boxes that adds. All as ids of boxes.

What is then visible, and what a first view opens, is decided in ``explorer/drawing/visible.py``.
"""

from explorer.graph.graph import Graph
from explorer.graph.module_tree import ModuleTree, TreeItem, module_tree, scope_name
from explorer.graph.tree_builder import LONGEST_LEVEL

ItemInTree = tuple[ModuleTree, TreeItem]
DENSE = 2.0  # links for each child of a module, above which a first view leaves it folded


def body_prefix(node_id: str, index: int) -> str:
    """How the ids begin in the body number ``index`` of a node.

    >>> body_prefix("n3", 0)
    'n3.b0.'
    """
    return f"{node_id}.b{index}."


def contains_scope(tree: ModuleTree, item: TreeItem, scopes: frozenset[str]) -> bool:
    """Whether a module with one of these names lies inside ``item``, bodies of its nodes included."""
    stack = list(item.children)
    while stack:
        current = stack.pop()
        if current.kind == "module" and scope_name(current.scope) in scopes:
            return True
        if current.node is None:
            stack.extend(current.children)
        elif any(scopes & body.scopes for _, body in tree.bodies.get(current.id, ())):
            return True
    return False


def opened_to_depth(graph: Graph, depth: int) -> frozenset[str]:
    """Ids of everything that ``depth`` clicks, one inside the other, can open; bundles of a long level stay folded."""
    opened: set[str] = set()
    level = _first_level(graph)
    for _ in range(depth):
        if not level:
            break
        opened.update(item.id for _, item in level)
        level = _next_level(level)
    return frozenset(opened)


def max_depth(graph: Graph) -> int:
    """How many clicks, one inside the other, open everything but the bundles of a long level."""
    depth, level = 0, _first_level(graph)
    while level:
        depth, level = depth + 1, _next_level(level)
    return depth


def _first_level(graph: Graph) -> list[ItemInTree]:
    tree = module_tree(graph)
    return _without_bundles(openable_items(tree, tree.children))


def _next_level(level: list[ItemInTree]) -> list[ItemInTree]:
    return _without_bundles([inner for tree, item in level for inner in openable_inside(tree, item)])


def _without_bundles(level: list[ItemInTree]) -> list[ItemInTree]:
    return [(tree, item) for tree, item in level if item.kind != "bundle"]


def opened_to_reveal(graph: Graph, node_id: str) -> frozenset[str]:
    """Ids to open so that a node is visible; empty for an unknown node and for one that always is."""
    opened: list[str] = []
    tree: ModuleTree | None = module_tree(graph)
    while tree is not None:
        next_tree: ModuleTree | None = None
        stack: list[tuple[TreeItem, tuple[str, ...]]] = [(item, ()) for item in tree.children]
        while stack:
            item, ancestors = stack.pop()
            if item.id == node_id:
                return frozenset((*opened, *ancestors))
            if item.node is None:
                stack.extend((child, (*ancestors, item.id)) for child in item.children)
                continue
            for index, (_, body) in enumerate(tree.bodies.get(item.id, ())):
                if node_id.startswith(body_prefix(item.id, index)):
                    opened += [*ancestors, item.id]
                    next_tree = body
                    stack = []
                    break
        tree = next_tree
    return frozenset()


def pill_count(tree: ModuleTree) -> int:
    """Boxes of a graph or body for its own inputs and outputs; too many of either share one."""
    return sum(len(names) if len(names) <= LONGEST_LEVEL else 1 for names in (tree.inputs, tree.outputs))


def openable_items(tree: ModuleTree, items: tuple[TreeItem, ...]) -> list[ItemInTree]:
    """Those of ``items`` that can be opened."""
    return [(tree, item) for item in items if item.node is None or item.id in tree.bodies]


def openable_inside(tree: ModuleTree, item: TreeItem) -> list[ItemInTree]:
    """What can be opened once ``item`` is open."""
    if item.node is None:
        return openable_items(tree, item.children)
    return [inner for _, body in tree.bodies[item.id] for inner in openable_items(body, body.children)]


def boxes_added(tree: ModuleTree, item: TreeItem) -> int:
    """How many boxes opening ``item`` adds, without shared constants; an operation's anchor replaces its own box."""
    if item.node is None:
        return len(item.children) - 1
    return sum(pill_count(body) + len(body.children) for _, body in tree.bodies[item.id])


def is_dense(tree: ModuleTree, item: TreeItem) -> bool:
    """Whether the children are linked so closely (a dense block) that opening ``item`` is no help to a first view."""
    producer: dict[str, int] = {}  # tensor → index of the child that makes it
    links: set[tuple[int, int]] = set()
    for index, child in enumerate(item.children):
        stack = [child]
        while stack:
            current = stack.pop()
            stack.extend(reversed(current.children))
            if current.node is not None:
                links.update((producer[name], index) for name in tree.reads[current.id] if name in producer)
                producer.update(dict.fromkeys(current.node.outputs, index))
    return sum(source != target for source, target in links) > DENSE * len(item.children)
