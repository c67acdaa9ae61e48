"""How a graph is divided: operations within modules, equal modules in a row, and runs of a level that is too long.

Built once for each graph, in nearly linear time, and kept as long as the graph lives. What of it is open is decided in
``explorer/drawing/visible.py``; nothing is drawn here.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Literal
from weakref import WeakKeyDictionary

from explorer.graph.graph import Graph, Node, TensorType, Weight

LONGEST_LEVEL = 60  # parts of one level that are shown without being bundled: as many as a first view may hold
LARGEST_RUN = 40  # parts in one bundle, and bundles in one level
DEEPEST_SCOPE = 24  # modules within modules; names of strangers may hold thousands of separators

Kind = Literal["operation", "module", "repeat", "bundle"]


@dataclass(frozen=True, slots=True, eq=False)
class TreeItem:
    """An operation, or something that holds others.

    id: of an operation its node's; else made from the first node inside. caption: of an operation the modules below its
    level; of a module its class. scope: of a module its own path, of a repeat or bundle that of the level around it.
    operations, params: sums over all inside, nested bodies included."""

    id: str
    kind: Kind
    title: str
    caption: str
    scope: tuple[str, ...]
    node: Node | None
    parts: "tuple[TreeItem, ...]"
    operations: int
    params: int


@dataclass(frozen=True, eq=False)
class ModuleTree:
    """A graph, divided. It does not hold the graph itself, which could then never be forgotten.

    name, inputs, outputs, constants, tensors: the graph's own. nodes: those that are drawn. reads: by node id, the
    tensors that it takes, weights inside it left out and those that its bodies take from outside included. outside:
    what this body takes from the graphs around it. bodies: by node id, the title and tree of each body. scopes: the
    names of all modules, bodies included.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constants: tuple[Weight, ...]
    tensors: Mapping[str, TensorType]
    nodes: tuple[Node, ...]
    parts: tuple[TreeItem, ...]
    reads: Mapping[str, tuple[str, ...]]
    outside: tuple[str, ...]
    bodies: "Mapping[str, tuple[tuple[str, ModuleTree], ...]]"
    scopes: frozenset[str]

    def members(self, part: TreeItem) -> Iterator[str]:
        """Ids of all nodes inside ``part``, those of nested bodies after the node that holds them."""
        waiting = [part]
        while waiting:
            each = waiting.pop()
            if each.node is None:
                waiting.extend(reversed(each.parts))
                continue
            yield each.node.id
            if each.node.bodies:
                for _, body in self.bodies[each.node.id]:
                    for inner in body.parts:
                        yield from body.members(inner)


_kept: "WeakKeyDictionary[Graph, ModuleTree]" = WeakKeyDictionary()


def module_tree(graph: Graph) -> ModuleTree:
    """``graph``, divided; the same object for the same graph."""
    found = _kept.get(graph)
    if found is None:
        with _without_collection():
            found = _kept[graph] = _build(graph)
    return found


@contextmanager
def _without_collection() -> Iterator[None]:
    """Nothing made here is garbage, and looking for some among 100,000 nodes takes as long as all the rest."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def scope_name(scope: tuple[str, ...]) -> str:
    """A module path as torch writes it: ``("features", "0")`` → ``features.0``."""
    return ".".join(scope)


def _build(graph: Graph) -> ModuleTree:
    nodes = tuple(node for node in graph.nodes if not node.folded)
    bodies = {
        node.id: tuple((title, module_tree(body)) for title, body in node.bodies.items())
        for node in nodes
        if node.bodies
    }
    reads = {node.id: _reads(node, bodies.get(node.id, ())) for node in nodes}
    made = {name for node in graph.nodes for name in node.outputs}
    made.update(graph.inputs, (weight.name for weight in graph.constants))
    taken = dict.fromkeys(name for names in reads.values() for name in names)
    taken.update(dict.fromkeys(graph.outputs))
    inner = (scope for pairs in bodies.values() for _, body in pairs for scope in body.scopes)
    own = {node.scope for node in nodes}
    scopes = frozenset(inner) | {scope_name(scope[: i + 1]) for scope in own for i in range(min(len(scope), 99))}
    outside = tuple(name for name in taken if name not in made)
    return ModuleTree(
        graph.name,
        graph.inputs,
        graph.outputs,
        graph.constants,
        graph.tensors,
        nodes,
        _Division(bodies).level(nodes, 0),
        reads,
        outside,
        bodies,
        scopes,
    )


def _reads(node: Node, bodies: tuple[tuple[str, ModuleTree], ...]) -> tuple[str, ...]:
    if len(node.inputs) == 1 and not node.weights and not bodies:
        return node.inputs if node.inputs[0] else ()
    held = {weight.name for weight in node.weights}
    names = [name for name in node.inputs if name and name not in held]
    for _, body in bodies:
        names.extend(name for name in body.outside if name not in held)
    return tuple(dict.fromkeys(names))


class _Division:
    """The division of one graph, while it is made."""

    def __init__(self, bodies: Mapping[str, tuple[tuple[str, ModuleTree], ...]]) -> None:
        self.bodies = bodies
        self.inside: dict[str, list[Node]] = {}  # nodes of each module
        self.likeness: dict[object, int] = {}  # what an operation is like → a small number
        self.likes: dict[str, int] = {}  # that number by node id
        self.structures: dict[str, list[object]] = {}  # by module

    def level(self, nodes: "tuple[Node, ...] | list[Node]", depth: int) -> tuple[TreeItem, ...]:
        """``nodes`` of one level, ``depth`` parts of their scope being the level's own."""
        if depth == DEEPEST_SCOPE or all(len(node.scope) <= depth for node in nodes):
            return self.bundled([self.operation(node, depth) for node in nodes], depth)
        parts = [
            self.operation(group[0], depth) if len(group) == 1 else self.module(group, depth + 1)
            for group in _groups(nodes, depth)
        ]
        return self.bundled(self.repeated(parts, depth + 1), depth)

    def operation(self, node: Node, depth: int) -> TreeItem:
        operations, params = 1, node.params
        if node.bodies:
            for _, body in self.bodies[node.id]:
                operations += sum(part.operations for part in body.parts)
                params += sum(part.params for part in body.parts)
        caption = scope_name(node.scope[depth:]) if len(node.scope) > depth else ""
        return TreeItem(node.id, "operation", node.op_type, caption, node.scope, node, (), operations, params)

    def module(self, group: list[Node], depth: int) -> TreeItem:
        scope = group[0].scope[:depth]
        caption = group[0].classes[depth - 1] if len(group[0].classes) >= depth else ""
        id = f"m{depth}-{group[0].id}"
        found = _holder(id, "module", scope[-1], scope, self.level(group, depth), caption)
        self.inside[found.id] = group
        return found

    def repeated(self, parts: list[TreeItem], depth: int) -> list[TreeItem]:
        """Equal modules that feed each other in a row become one part."""
        found: list[TreeItem] = []
        start = 0
        while start < len(parts):
            end = start + 1
            while end < len(parts) and self.follows(parts[end - 1], parts[end], depth):
                end += 1
            run = parts[start:end]
            if len(run) > 1:
                first = _first(run[0])
                title, caption = _run_title(run), _common({part.caption for part in run})
                run = [_holder(f"r{depth}-{first}", "repeat", title, run[0].scope[:-1], tuple(run), caption)]
            found += run
            start = end
        return found

    def follows(self, one: TreeItem, other: TreeItem, depth: int) -> bool:
        """Whether ``other`` is like ``one`` and takes something from it. Weight values do not matter."""
        if one.kind != "module" or other.kind != "module":
            return False
        if (one.operations, one.params, len(one.parts)) != (other.operations, other.params, len(other.parts)):
            return False
        made = {name for node in self.inside[one.id] for name in node.outputs if name}
        if not any(name in made for node in self.inside[other.id] for name in node.inputs):
            return False
        return self.structure(one.id, depth) == self.structure(other.id, depth)

    def structure(self, module: str, depth: int) -> list[object]:
        """What a module is like: its operations, their places in it, and which feeds which."""
        if module not in self.structures:
            self.structures[module] = self.new_structure(self.inside[module], depth)
        return self.structures[module]

    def new_structure(self, nodes: list[Node], depth: int) -> list[object]:
        places = {name: place for place, node in enumerate(nodes) for name in node.outputs if name}
        return [
            (self.like(node), node.scope[depth:], tuple(places.get(name, -1) for name in node.inputs)) for node in nodes
        ]

    def like(self, node: Node) -> int:
        """Equal for operations that differ at most in the values of their weights."""
        found = self.likes.get(node.id)
        if found is None:
            found = self.likes[node.id] = self.likeness.setdefault(self.description(node), len(self.likeness))
        return found

    def description(self, node: Node) -> object:
        if not (node.attributes or node.weights or node.bodies):
            return (node.op_type, node.domain)
        attributes = tuple(sorted((key, _without_values(value)) for key, value in node.attributes.items()))
        weights = tuple((weight.role, weight.dtype, weight.shape) for weight in node.weights)
        bodies = tuple(
            (title, tuple(inner.op_type for inner in body.nodes)) for title, body in self.bodies.get(node.id, ())
        )
        return (node.op_type, node.domain, attributes, weights, bodies)

    def bundled(self, parts: list[TreeItem], depth: int) -> tuple[TreeItem, ...]:
        """A level of too many parts as a few runs of neighbours, those divided again where they need to be."""
        return tuple(parts) if len(parts) <= LONGEST_LEVEL else _runs(parts, depth, 0, 0)


def _runs(parts: list[TreeItem], depth: int, nesting: int, offset: int) -> tuple[TreeItem, ...]:
    """``parts``, which come after ``offset`` others of their level, in runs of about the same length."""
    if len(parts) <= LARGEST_RUN:
        return tuple(parts)
    count = min(LARGEST_RUN, -(-len(parts) // LARGEST_RUN))
    bounds = [len(parts) * place // count for place in range(count + 1)]
    scope = parts[0].scope[:depth]
    return tuple(
        _holder(
            f"b{depth}-{nesting}-{_first(parts[start])}",
            "bundle",
            f"{offset + start + 1:,}–{offset + end:,}",
            scope,
            _runs(parts[start:end], depth, nesting + 1, offset + start),
        )
        for start, end in pairwise(bounds)
    )


def _holder(
    id: str, kind: Kind, title: str, scope: tuple[str, ...], parts: tuple[TreeItem, ...], caption: str = ""
) -> TreeItem:
    operations, params = sum(part.operations for part in parts), sum(part.params for part in parts)
    return TreeItem(id, kind, title, caption, scope, None, parts, operations, params)


def _common(captions: set[str]) -> str:
    return captions.pop() if len(captions) == 1 else ""


def _first(part: TreeItem) -> str:
    while part.node is None:
        part = part.parts[0]
    return part.node.id


def _run_title(run: list[TreeItem]) -> str:
    """``encoder_layer_0–11 ×12``: what the names have in common is said once."""
    first, last = run[0].title, run[-1].title
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    common = "".join(one for one, _ in shared).rstrip("0123456789")
    rest = last[len(common) :]
    shown = first if first == last else f"{first}–{rest if rest.isdigit() else last}"
    return f"{shown} ×{len(run)}"


def _without_values(value: object) -> str:
    """An attribute as text; of a tensor only its type and shape."""
    if isinstance(value, Mapping):
        value = {key: entry for key, entry in value.items() if key != "values"}
    return repr(value)


def _groups(nodes: "tuple[Node, ...] | list[Node]", depth: int) -> list[list[Node]]:
    """Nodes of the same module call together, in order of their first node.

    A module that is called twice (one pooling layer used in two places) gives two groups: nodes belong together where
    they follow each other or feed each other. Groups are joined as a forest whose roots are their first nodes.
    """
    root = list(range(len(nodes)))
    producer: dict[str, int] = {}  # tensor → place of its node

    def group(place: int) -> int:
        while root[place] != place:
            root[place] = place = root[root[place]]
        return place

    for place, node in enumerate(nodes):
        if len(node.scope) > depth:
            name = node.scope[depth]
            own = place
            near = {producer[tensor] for tensor in node.inputs if tensor in producer}
            if place:
                near.add(place - 1)
            for other in near:
                scope = nodes[other].scope
                if len(scope) > depth and scope[depth] == name and (first := group(other)) != own:
                    first, second = (first, own) if first < own else (own, first)
                    root[second] = own = first
        for tensor in node.outputs:
            if tensor:
                producer[tensor] = place
    groups: dict[int, list[Node]] = {}
    for place, node in enumerate(nodes):
        groups.setdefault(group(place), []).append(node)
    return list(groups.values())
