"""What of a graph is visible: modules and bodies as nested frames, a folded one as one box, edges between them.

How a graph is divided is told by ``explorer/graph/module_tree.py``; the view is made in
``explorer/drawing/diagram_builder.py`` and its long edges are cut in ``explorer/drawing/stubs.py``;
``explorer/drawing/dot.py`` draws it.
"""

from explorer.drawing.diagram import Box as Box
from explorer.drawing.diagram import Diagram as Diagram
from explorer.drawing.diagram import Edge as Edge
from explorer.drawing.diagram import Expand as Expand
from explorer.drawing.diagram import GroupFrame as GroupFrame
from explorer.drawing.diagram import box_by_node as box_by_node
from explorer.drawing.diagram_builder import DiagramBuilder
from explorer.drawing.expansion import Place, gain, openable, pills, tangled, within
from explorer.drawing.expansion import opened_to_depth as opened_to_depth
from explorer.drawing.expansion import opened_to_reveal as opened_to_reveal
from explorer.drawing.stubs import with_stubs
from explorer.graph.graph import Graph
from explorer.graph.module_tree import module_tree, scope_name


def visible(graph: Graph, expand: Expand = "all") -> Diagram:
    """The view of ``graph`` with what ``expand`` names opened; a module of one node is never folded or framed.

    "all" shows every node and neither repeats nor bundles. A name that nothing bears opens nothing.
    """
    whole = module_tree(graph)
    if expand == "auto":
        expand = first_view(graph)
    opened = frozenset([expand] if isinstance(expand, str) else expand)
    scopes = frozenset(
        scope_name(tuple(parts[:max_depth]))
        for parts in (name.split(".") for name in opened if name in whole.scopes)
        for max_depth in range(1, len(parts) + 1)
    )
    making = DiagramBuilder(expand == "all", opened, scopes)
    making.frame(whole, "", "", making.items(whole, whole.parts, "", 0))
    making.link(whole, "", ())
    making.place_constants()
    return with_stubs(Diagram(graph.name, making.frozen(""), tuple(making.edges.values())))


def first_view(graph: Graph, most: int = 60) -> frozenset[str]:
    """Ids to open for a first look: level by level, the smallest first, while at most ``most`` boxes are visible.

    Equal modules in a row stay folded into one, and so does a module whose parts are all linked with each other. A
    graph of at most ``most`` nodes is open all through. Stubs do not count. Where even nothing
    opened shows more than ``most`` boxes, nothing is opened.
    """
    whole = module_tree(graph)
    small = sum(part.operations for part in whole.parts) <= most
    count = pills(whole) + len(whole.parts)
    opened: list[str] = []
    level = openable(whole, whole.parts)
    while level:
        inner: list[Place] = []
        for more, (inside, part) in sorted(((gain(*place), place) for place in level), key=lambda entry: entry[0]):
            if small or (part.kind != "repeat" and count + more <= most and not tangled(inside, part)):
                count += more
                opened.append(part.id)
                inner += within(inside, part)
        level = inner
    if small or not whole.constants:
        return frozenset(opened)
    return frozenset(opened[: _fitting(graph, opened, most)])


def _fitting(graph: Graph, opened: list[str], most: int) -> int:
    """How many of ``opened`` can be open with at most ``most`` boxes, shared constants counted as they are drawn."""

    def fits(count: int) -> bool:
        return sum(box.kind != "stub" for box in visible(graph, opened[:count]).boxes()) <= most

    low, high = 0, len(opened)
    if fits(high):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
