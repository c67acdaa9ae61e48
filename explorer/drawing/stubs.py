"""Edges that would run past many ranks or many other edges, cut into pairs of named stubs that lead to each other.

What a drawing costs Graphviz is above all the places where an edge passes a rank (densenet201 with open dense blocks of
folded layers has 5,900 of them, and takes a minute), and nobody can follow such an edge in a crowd.
A constant with a cut edge, or with one visible reader, has no box of its own: the operations that read it list it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from explorer.drawing.diagram import Box, Diagram, Edge, GroupFrame
from explorer.graph.graph import Weight

LONGEST_EDGE = 12  # ranks
MOST_PASSING = 3  # edges that run past one rank; in a dense block, those over at most three layers
CROWDED = 120  # ranks that all edges together run past, up to which a small graph keeps its edges

Items = tuple[GroupFrame | Box, ...]


def with_stubs(diagram: Diagram, longest: int = LONGEST_EDGE, most: int = MOST_PASSING) -> Diagram:
    """``diagram`` with each edge of ``edges_to_cut`` drawn as two stubs; a box has one stub for each direction at most.

    Constants with such edges move into their readers. The stub after a box is called ``s>…`` after it, the one before a
    box ``s<…``; ``jumps`` says where they lead.
    """
    boxes = {box.id: box for box in diagram.boxes()}
    cut = edges_to_cut(diagram, ranks(diagram), longest, most)
    moved = {id: boxes[id] for id in _sources_cut_or_read_once(diagram, cut, boxes) if boxes[id].kind == "constant"}
    leaving: dict[str, list[Edge]] = {}
    arriving: dict[str, list[Edge]] = {}
    edges: list[Edge] = []
    for index, edge in enumerate(diagram.edges):
        if edge.source in moved:
            continue
        if index in cut:
            leaving.setdefault(edge.source, []).append(edge)
            arriving.setdefault(edge.target, []).append(edge)
        else:
            edges.append(edge)
    if moved:
        diagram = replace(diagram, items=_with_constants_in_readers(diagram, moved), edges=tuple(edges))
    if not leaving:
        return diagram
    jumps: dict[str, tuple[str, ...]] = {}
    before: dict[str, Box] = {}
    after: dict[str, Box] = {}
    for source, cut_edges in leaving.items():
        targets = tuple(dict.fromkeys(edge.target for edge in cut_edges))
        stub = after[source] = _stub(f"s>{source}", "→", boxes[source], [boxes[target] for target in targets])
        jumps[stub.id] = targets
        edges.append(Edge(source, stub.id, cut_edges[0].tensor))
    for target, cut_edges in arriving.items():
        sources = tuple(dict.fromkeys(edge.source for edge in cut_edges))
        stub = before[target] = _stub(f"s<{target}", "←", boxes[target], [boxes[source] for source in sources])
        jumps[stub.id] = sources
        edges.append(Edge(stub.id, target, cut_edges[0].tensor))
    return replace(diagram, items=_with_neighbours(diagram.items, before, after), edges=tuple(edges), jumps=jumps)


def edges_to_cut(diagram: Diagram, rank: Mapping[str, int], longest: int, most: int) -> frozenset[int]:
    """Indices of the edges that are not drawn through. rank: of each box, as ``ranks`` gives it.

    All of more than ``longest`` ranks. If the others run past more than ``CROWDED`` ranks in total, they are accepted
    from the shortest to the longest, and an edge is cut if it runs past a rank that ``most`` accepted edges run past
    already (or as many as boxes stand there, if these are more). So what is left runs past at most ``most`` ranks for
    each rank and one for each box.
    """
    cut: set[int] = set()
    candidates: list[tuple[int, int]] = []  # length in ranks, index
    for index, edge in enumerate(diagram.edges):
        length = rank[edge.target] - rank[edge.source]
        if length > longest:
            cut.add(index)
        elif length > 1:
            candidates.append((length, index))
    if sum(length - 1 for length, _ in candidates) <= CROWDED:
        return frozenset(cut)
    free = {level: max(most, boxes) for level, boxes in Counter(rank.values()).items()}
    for _, index in sorted(candidates):
        edge = diagram.edges[index]
        passed = range(rank[edge.source] + 1, rank[edge.target])
        if all(free.get(level, most) > 0 for level in passed):
            for level in passed:
                free[level] = free.get(level, most) - 1
        else:
            cut.add(index)
    return frozenset(cut)


def ranks(diagram: Diagram) -> dict[str, int]:
    """The length of the longest path to each box from one without inputs; a cycle is cut at its first box.

    What depends on no input of the graph (a constant, and what is calculated from constants) stands right before what
    reads it, where Graphviz puts it, too.
    """
    # Not graphlib's TopologicalSorter, which stops at a cycle: a file may hold thousands, each cut in no time here.
    boxes = list(diagram.boxes())
    missing_inputs = dict.fromkeys((box.id for box in boxes), 0)
    targets: dict[str, list[str]] = {box.id: [] for box in boxes}
    for edge in diagram.edges:
        targets[edge.source].append(edge.target)
        missing_inputs[edge.target] += 1
    rank = dict.fromkeys(missing_inputs, 0)
    depends_on_input = {box.id for box in boxes if box.kind == "input"}
    order: dict[str, None] = {}
    sources = [box.id for box in boxes if not missing_inputs[box.id]]
    for start in (*sources, *missing_inputs):  # the latter for what is left of cycles
        ready = [] if start in order else [start]
        order[start] = None
        while ready:
            id = ready.pop()
            for target in targets[id]:
                if target in order:
                    continue  # an edge back, in a cycle
                missing_inputs[target] -= 1
                rank[target] = max(rank[target], rank[id] + 1)
                if id in depends_on_input:
                    depends_on_input.add(target)
                if not missing_inputs[target]:
                    order[target] = None
                    ready.append(target)
    for id in reversed(order):
        if id not in depends_on_input and targets[id]:
            rank[id] = min(rank[target] for target in targets[id]) - 1
    return rank


def _sources_cut_or_read_once(diagram: Diagram, cut: frozenset[int], boxes: Mapping[str, Box]) -> set[str]:
    """Boxes with an edge that is cut, and those with a single reader that is an operation."""
    readers: dict[str, list[str]] = {}
    for edge in diagram.edges:
        readers.setdefault(edge.source, []).append(edge.target)
    read_once = {id for id, targets in readers.items() if len(targets) == 1 and boxes[targets[0]].kind == "operation"}
    return read_once | {diagram.edges[index].source for index in cut}


def _with_constants_in_readers(diagram: Diagram, constants: Mapping[str, Box]) -> Items:
    """The diagram's items with ``constants`` among the weights of their readers; a folded box does not list its own."""
    read: dict[str, list[Weight]] = {}
    for edge in diagram.edges:
        if edge.source in constants:
            weight = constants[edge.source].weights[0]
            read.setdefault(edge.target, []).append(replace(weight, role=weight.role or weight.name.split(".")[-1]))

    def remaining(items: Items) -> Iterator[GroupFrame | Box]:
        for item in items:
            if isinstance(item, GroupFrame):
                yield replace(item, items=tuple(remaining(item.items)))
            elif item.kind == "operation" and item.id in read:
                yield replace(item, weights=(*item.weights, *read[item.id]))
            elif item.id not in constants:
                yield item

    return tuple(remaining(diagram.items))


def _stub(id: str, arrow: str, box: Box, others: list[Box]) -> Box:
    more = f", +{len(others) - 1}" if len(others) > 1 else ""
    return Box(id, "stub", f"{arrow} {_short_name(others[0])}{more}", "", "stub", scope=box.scope)


def _short_name(box: Box) -> str:
    """Of an operation the last part of its own name, of a module the last two of its path."""
    if box.kind == "operation" and box.name:
        return box.name.rstrip("/").rpartition("/")[2].removeprefix("node_") or box.title
    if box.kind == "module":
        return ".".join(box.scope[-2:])
    return box.title


def _with_neighbours(items: Items, before: Mapping[str, Box], after: Mapping[str, Box]) -> Items:
    """``items`` with the stubs right before and after their boxes."""
    result: list[GroupFrame | Box] = []
    for item in items:
        if isinstance(item, GroupFrame):
            result.append(replace(item, items=_with_neighbours(item.items, before, after)))
        else:
            result += [box for box in (before.get(item.id), item, after.get(item.id)) if box is not None]
    return tuple(result)
