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
CROWD = 120  # ranks that all edges together may run past before that is looked at: a small graph keeps its edges


def with_stubs(view: Diagram, longest: int = LONGEST_EDGE, most: int = MOST_PASSING) -> Diagram:
    """``view`` with the edges that ``too_long`` finds drawn as two stubs, of which a box has one each at most.

    Constants with such edges go into their readers. The stub after a box is called ``s>…`` after it, the one
    before a box ``s<…``; ``jumps`` tells where they lead.
    """
    place = ranks(view)
    boxes = {box.id: box for box in view.boxes()}
    cut = too_long(view, place, longest, most)
    constants = {id: boxes[id] for id in _cut_or_read_once(view, cut, boxes) if boxes[id].kind == "constant"}
    leaving: dict[str, list[Edge]] = {}
    arriving: dict[str, list[Edge]] = {}
    edges: list[Edge] = []
    for number, edge in enumerate(view.edges):
        if edge.source in constants:
            continue
        if number in cut:
            leaving.setdefault(edge.source, []).append(edge)
            arriving.setdefault(edge.target, []).append(edge)
        else:
            edges.append(edge)
    if constants:
        view = replace(view, items=_without_constants(view, constants), edges=tuple(edges))
    if not leaving:
        return view
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


def too_long(view: Diagram, place: Mapping[str, int], longest: int, most: int) -> frozenset[int]:
    """Places, among the view's edges, of those that are not drawn through. place: the rank of each box.

    Those of more than ``longest`` ranks. Where the others run past more than ``CROWD`` ranks in all, they are taken
    from the shortest to the longest, and one that runs past a rank which ``most`` edges run past already (as many as
    boxes stand there, where these are more) goes too: what is left runs past at most ``most`` ranks for each rank and
    one for each box.
    """
    long: list[tuple[int, int]] = []  # ranks, place
    found: set[int] = set()
    for number, edge in enumerate(view.edges):
        ranks_on = place[edge.target] - place[edge.source]
        if ranks_on > longest:
            found.add(number)
        elif ranks_on > 1:
            long.append((ranks_on, number))
    if sum(ranks_on - 1 for ranks_on, _ in long) <= CROWD:
        return frozenset(found)
    room = {rank: max(most, count) for rank, count in Counter(place.values()).items()}
    for _, number in sorted(long):
        edge = view.edges[number]
        past = range(place[edge.source] + 1, place[edge.target])
        if all(room.get(rank, most) > 0 for rank in past):
            for rank in past:
                room[rank] = room.get(rank, most) - 1
        else:
            found.add(number)
    return frozenset(found)


def ranks(view: Diagram) -> dict[str, int]:
    """The length of the longest way to each box from one that takes nothing; a cycle is cut at its first box.

    What depends on no input of the graph (a constant, and what is worked out of constants) stands right before what
    takes it, where Graphviz puts it too.
    """
    boxes = list(view.boxes())
    missing = dict.fromkeys((box.id for box in boxes), 0)
    targets: dict[str, list[str]] = {box.id: [] for box in boxes}
    for edge in view.edges:
        targets[edge.source].append(edge.target)
        missing[edge.target] += 1
    found = dict.fromkeys(missing, 0)
    fed = {box.id for box in boxes if box.kind == "input"}
    order: dict[str, None] = {}
    starts = [box.id for box in boxes if not missing[box.id]]
    for start in (*starts, *missing):  # the latter for what is left of cycles
        waiting = [] if start in order else [start]
        order[start] = None
        while waiting:
            id = waiting.pop()
            for target in targets[id]:
                if target in order:
                    continue  # an edge back, in a cycle
                missing[target] -= 1
                found[target] = max(found[target], found[id] + 1)
                if id in fed:
                    fed.add(target)
                if not missing[target]:
                    order[target] = None
                    waiting.append(target)
    for id in reversed(order):
        if id not in fed and targets[id]:
            found[id] = min(found[target] for target in targets[id]) - 1
    return found


def _cut_or_read_once(view: Diagram, cut: frozenset[int], boxes: Mapping[str, Box]) -> set[str]:
    """Boxes with an edge that is cut, and those that go to one operation only."""
    readers: dict[str, list[str]] = {}
    for edge in view.edges:
        readers.setdefault(edge.source, []).append(edge.target)
    found = {id for id, targets in readers.items() if len(targets) == 1 and boxes[targets[0]].kind == "operation"}
    return found | {view.edges[number].source for number in cut}


def _without_constants(view: Diagram, constants: Mapping[str, Box]) -> tuple[GroupFrame | Box, ...]:
    """The view's items with these in the lists of those that read them; a folded box does not list its weights."""
    read: dict[str, list[Weight]] = {}
    for edge in view.edges:
        if edge.source in constants:
            weight = constants[edge.source].weights[0]
            read.setdefault(edge.target, []).append(replace(weight, role=weight.role or weight.name.split(".")[-1]))

    def kept(items: tuple[GroupFrame | Box, ...]) -> Iterator[GroupFrame | Box]:
        for item in items:
            if isinstance(item, GroupFrame):
                yield replace(item, items=tuple(kept(item.items)))
            elif item.kind == "operation" and item.id in read:
                yield replace(item, weights=(*item.weights, *read[item.id]))
            elif item.id not in constants:
                yield item

    return tuple(kept(view.items))


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
    items: tuple[GroupFrame | Box, ...], before: Mapping[str, Box], after: Mapping[str, Box]
) -> tuple[GroupFrame | Box, ...]:
    """``items`` with the stubs next to their boxes."""
    found: list[GroupFrame | Box] = []
    for item in items:
        if isinstance(item, GroupFrame):
            found.append(replace(item, items=_around(item.items, before, after)))
            continue
        found += [box for box in (before.get(item.id), item, after.get(item.id)) if box is not None]
    return tuple(found)
