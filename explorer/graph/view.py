"""What of a graph is visible: modules as nested frames, a folded module as one box, edges between what is shown.

A ``View`` is plain data without positions or colours; ``explorer/graph/dot.py`` draws it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from explorer.graph.graph import Graph, Node, TensorType, Weight

Expand = Literal["none", "all"] | Collection[str]
"""Which modules are open: none, all, or those named as torch names them (``features.0``), with all around them."""


@dataclass(frozen=True)
class Box:
    """One thing to see: an operation, a folded module, or a graph's input, output or shared constant.

    id: the node's own id for an operation; else made from the first node inside (``m…``) or from the place in the
    graph (``in0``, ``out0``, ``const0``). caption: where it belongs below the frame around it. members: ids of the
    nodes that it stands for.
    """

    id: str
    kind: Literal["operation", "module", "input", "output", "constant"]
    title: str
    caption: str
    category: str
    members: tuple[str, ...] = ()
    weights: tuple[Weight, ...] = ()
    params: int = 0
    scope: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frame:
    """An opened module around what it holds. Its id is the one that its box has when it is folded."""

    id: str
    title: str
    scope: tuple[str, ...]
    items: "tuple[Frame | Box, ...]"


@dataclass(frozen=True)
class Edge:
    """A tensor on its way from one box to another. source, target: ids of boxes."""

    source: str
    target: str
    tensor: TensorType


@dataclass(frozen=True)
class View:
    """Everything that is drawn."""

    name: str
    items: tuple[Frame | Box, ...]
    edges: tuple[Edge, ...]

    def boxes(self) -> Iterator[Box]:
        """Every box, in the graph's order within its frame."""
        waiting: list[Frame | Box] = list(reversed(self.items))
        while waiting:
            item = waiting.pop()
            if isinstance(item, Box):
                yield item
            else:
                waiting.extend(reversed(item.items))

    def box_of(self, node_id: str) -> str | None:
        """The box that stands for a node, None for one that is not drawn."""
        return next((box.id for box in self.boxes() if node_id in box.members), None)


def scope_name(scope: tuple[str, ...]) -> str:
    """A module path as torch writes it: ``("features", "0")`` → ``features.0``."""
    return ".".join(scope)


def visible(graph: Graph, expand: Expand = "all") -> View:
    """The view of ``graph`` with the modules in ``expand`` opened; a module of one node is never folded or framed."""
    nodes = [node for node in graph.nodes if not node.folded]
    inside = _items(nodes, 0, _opened(expand))
    inputs = [Box(f"in{i}", "input", name, "", "input") for i, name in enumerate(graph.inputs)]
    outputs = [Box(f"out{i}", "output", name, "", "output") for i, name in enumerate(graph.outputs)]
    holder = {member: box.id for box in View("", inside, ()).boxes() for member in box.members}
    constants = _shared(graph, nodes, holder)
    for box, readers in constants:
        inside = _placed(inside, box, readers)
    sources = {box.title: box.id for box, _ in constants}
    sources.update((box.title, box.id) for box in inputs)
    edges = _edges(graph, nodes, holder, sources, outputs)
    return View(graph.name, (*inputs, *inside, *outputs), edges)


def _shared(graph: Graph, nodes: list[Node], holder: Mapping[str, str]) -> list[tuple[Box, frozenset[str]]]:
    """Constants that several boxes read, with those boxes; one that only a folded module reads stays inside it."""
    readers: dict[str, set[str]] = {weight.name: set() for weight in graph.constants}
    for node in nodes:
        for name in _reads(node):
            if name in readers:
                readers[name].add(holder[node.id])
    operations = {node.id for node in nodes}
    return [
        (Box(f"const{place}", "constant", weight.name, "", "constant", weights=(weight,)), frozenset(boxes))
        for place, weight in enumerate(graph.constants)
        if (boxes := readers[weight.name]) & operations or len(boxes) > 1 or weight.name in graph.outputs
    ]


def _placed(items: tuple[Frame | Box, ...], box: Box, readers: frozenset[str]) -> tuple[Frame | Box, ...]:
    """``items`` with ``box`` put into the innermost frame that holds all of ``readers``, before what is there."""
    for place, item in enumerate(items):
        if isinstance(item, Frame) and readers and readers <= {inner.id for inner in View("", (item,), ()).boxes()}:
            inner = replace(item, items=_placed(item.items, box, readers))
            return (*items[:place], inner, *items[place + 1 :])
    return (box, *items)


def _opened(expand: Expand) -> Literal["all"] | frozenset[str]:
    if expand == "all":
        return "all"
    if expand == "none":
        return frozenset()
    names = [expand] if isinstance(expand, str) else expand
    parts = [name.split(".") for name in names]
    return frozenset(".".join(part[:depth]) for part in parts for depth in range(1, len(part) + 1))


def _items(nodes: list[Node], depth: int, opened: Literal["all"] | frozenset[str]) -> tuple[Frame | Box, ...]:
    """``nodes`` of one frame as boxes and inner frames, ``depth`` parts of their scope being the frame's own."""
    items: list[Frame | Box] = []
    for group in _groups(nodes, depth):
        first = group[0]
        scope = first.scope[: depth + 1]
        if len(group) == 1:
            items.append(_operation(first, scope_name(first.scope[depth:])))
        elif opened == "all" or scope_name(scope) in opened:
            items.append(Frame(_module_id(group, scope), scope[-1], scope, _items(group, depth + 1, opened)))
        else:
            items.append(_module(group, scope))
    return tuple(items)


def _groups(nodes: list[Node], depth: int) -> list[list[Node]]:
    """Nodes of the same module call together, in order of their first node.

    A module that is called twice (one pooling layer used in two places) gives two groups: nodes belong together where
    they follow each other or feed each other.
    """
    groups: dict[int, list[Node]] = {}
    producer: dict[str, int] = {}  # tensor → its group
    place: dict[str, int] = {}  # node id → order
    last: int | None = None
    for order, node in enumerate(nodes):
        place[node.id] = order
        own = order
        groups[own] = [node]
        if len(node.scope) > depth:
            near = {producer[name] for name in node.inputs if name in producer}
            near |= {last} if last is not None else set()
            same = [g for g in near if groups[g][0].scope[: depth + 1] == node.scope[: depth + 1]]
            if same:
                own = min(same)
                for other in (set(same) | {order}) - {own}:
                    joined = groups.pop(other)
                    groups[own].extend(joined)
                    producer.update((name, own) for member in joined for name in member.outputs)
        producer.update((name, own) for name in node.outputs if name)
        last = own
    return [sorted(group, key=lambda node: place[node.id]) for _, group in sorted(groups.items())]


def _operation(node: Node, caption: str) -> Box:
    return Box(
        node.id, "operation", node.op_type, caption, node.category, (node.id,), node.weights, node.params, node.scope
    )


def _module(group: list[Node], scope: tuple[str, ...]) -> Box:
    return Box(
        _module_id(group, scope), "module", scope[-1], "", "module",
        tuple(node.id for node in group), (), sum(node.params for node in group), scope,
    )


def _module_id(group: list[Node], scope: tuple[str, ...]) -> str:
    return f"m{len(scope)}-{group[0].id}"


def _reads(node: Node) -> Iterator[str]:
    """The tensors that a node takes, those that its bodies take from outside included; weights inside it are not."""
    held = {weight.name for weight in node.weights}
    yield from (name for name in node.inputs if name and name not in held)
    for body in node.bodies.values():
        own = set(body.inputs) | {weight.name for weight in body.constants}
        for inner in body.nodes:
            yield from (name for name in _reads(inner) if name not in own and name not in body.tensors)
            own.update(inner.outputs)
        made = {name for inner in body.nodes for name in inner.outputs}
        yield from (name for name in body.outputs if name not in own and name not in made)


def _edges(
    graph: Graph, nodes: list[Node], holder: Mapping[str, str], sources: Mapping[str, str], outputs: list[Box]
) -> tuple[Edge, ...]:
    """Each tensor once between the same two boxes; none within a folded module."""
    origin = dict(sources)
    origin.update((name, holder[node.id]) for node in nodes for name in node.outputs if name)
    edges: dict[tuple[str, str, str], Edge] = {}

    def connect(name: str, target: str) -> None:
        source = origin.get(name)
        if source is not None and source != target:
            tensor = graph.tensors.get(name) or TensorType(name, "?", None)
            edges.setdefault((source, target, name), Edge(source, target, tensor))

    for node in nodes:
        for name in dict.fromkeys(_reads(node)):
            connect(name, holder[node.id])
    for box in outputs:
        connect(box.title, box.id)
    return tuple(edges.values())
