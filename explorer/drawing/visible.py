"""What of a graph is visible: modules and bodies as nested frames, a folded one as a single box, edges between them.

The graph's tree comes from ``explorer/graph/module_tree.py``. The boxes are built in
``explorer/drawing/diagram_builder.py``, long edges are cut in ``explorer/drawing/stubs.py``, and
``explorer/drawing/dot.py`` draws the result.
"""

from bisect import bisect_left

from explorer.drawing.diagram import Diagram, Expand
from explorer.drawing.diagram_builder import DiagramBuilder
from explorer.drawing.expansion import ItemInTree, boxes_added, is_dense, openable_inside, openable_items, pill_count
from explorer.drawing.stubs import with_stubs
from explorer.graph.graph import Graph, Node
from explorer.graph.module_tree import module_tree, scope_name


def visible(graph: Graph, expand: Expand = "all") -> Diagram:
    """The diagram of ``graph`` with what ``expand`` names opened; a module of one node is never folded or framed.

    "all" shows every node and neither repeats nor bundles. A name that no box bears opens nothing.
    """
    tree = module_tree(graph)
    if expand == "auto":
        expand = first_view(graph)
    opened = frozenset([expand] if isinstance(expand, str) else expand)
    paths = [name.split(".") for name in opened if name in tree.scopes]
    scopes = frozenset(scope_name(tuple(path[:depth])) for path in paths for depth in range(1, len(path) + 1))
    builder = DiagramBuilder(expand == "all", opened, scopes, graph.faults)
    return with_stubs(builder.build(tree))


def first_view(graph: Graph, most: int = 60) -> frozenset[str]:
    """Ids to open for a first view: level by level, the smallest first, while at most ``most`` boxes are visible.

    Equal modules in a row stay folded into one box, and so does a module whose children are closely linked with each
    other. A graph of at most ``most`` nodes is opened entirely. Stubs do not count. Where even the folded graph shows
    more than ``most`` boxes, nothing is opened.
    """
    tree = module_tree(graph)
    small = sum(item.operations for item in tree.children) <= most
    count = pill_count(tree) + len(tree.children)
    opened: list[str] = []
    level = openable_items(tree, tree.children)
    while level:
        next_level: list[ItemInTree] = []
        with_gain = ((boxes_added(owner, item), owner, item) for owner, item in level)
        for added, owner, item in sorted(with_gain, key=lambda entry: entry[0]):
            if small or (item.kind != "repeat" and count + added <= most and not is_dense(owner, item)):
                count += added
                opened.append(item.id)
                next_level += openable_inside(owner, item)
        level = next_level
    if small or not tree.constants:
        return frozenset(opened)
    return frozenset(opened[: _most_that_fit(graph, opened, most)])


def first_node(graph: Graph) -> Node | None:
    """The operation to look at first: the first layer with weights, else the first one; None for an empty graph."""
    operations = [node for node in graph.nodes if not node.folded]
    layers = (node for node in operations if node.category == "layer" and node.weights)
    return next(layers, operations[0] if operations else None)


def _most_that_fit(graph: Graph, opened: list[str], most: int) -> int:
    """How many of ``opened`` can be open with at most ``most`` boxes, shared constants counted as they are drawn."""

    def is_too_many(count: int) -> bool:
        return sum(box.kind != "stub" for box in visible(graph, opened[:count]).boxes()) > most

    if not is_too_many(len(opened)):
        return len(opened)
    counts = range(1, len(opened))
    return bisect_left(counts, True, key=is_too_many)
