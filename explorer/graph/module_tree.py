"""A graph as a tree: operations within modules, equal modules in a row, and parts of a level that is too long.

A tree is built once for each graph, in nearly linear time (``explorer/graph/tree_builder.py``), and cached as long as
the graph lives. Which of its items are open is decided in ``explorer/drawing/visible.py``; nothing is drawn here.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from explorer.graph.graph import Graph, Node, TensorType, Weight
from explorer.graph.tree_builder import TreeBuilder
from explorer.graph.tree_item import TreeItem as TreeItem
from explorer.graph.tree_item import scope_name as scope_name

MOST_SCOPE_PREFIXES = 99  # prefixes of one scope that have a name; a file's names may hold thousands of separators


@dataclass(frozen=True, eq=False)
class ModuleTree:
    """A graph as a tree. It does not refer to the graph itself, which could then never be garbage collected.

    name, inputs, outputs, constants, tensors: the graph's own. nodes: those that are drawn. children: the items of the
    outermost level. reads: by node id, the tensors that it reads, without the weights inside it and with those that its
    bodies read from around them. outer_tensors: what this body reads from the graphs around it. bodies: by node id, the
    title and tree of each body. scopes: the names of all modules, bodies included.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constants: tuple[Weight, ...]
    tensors: Mapping[str, TensorType]
    nodes: tuple[Node, ...]
    children: tuple[TreeItem, ...]
    reads: Mapping[str, tuple[str, ...]]
    outer_tensors: tuple[str, ...]
    bodies: "Mapping[str, tuple[tuple[str, ModuleTree], ...]]"
    scopes: frozenset[str]

    def node_ids(self, item: TreeItem) -> Iterator[str]:
        """Ids of all nodes inside ``item``, those of nested bodies after the node that holds them."""
        stack = [item]
        while stack:
            current = stack.pop()
            if current.node is None:
                stack.extend(reversed(current.children))
                continue
            yield current.node.id
            if current.node.bodies:
                for _, body in self.bodies[current.node.id]:
                    for child in body.children:
                        yield from body.node_ids(child)


_cache: "WeakKeyDictionary[Graph, ModuleTree]" = WeakKeyDictionary()


def module_tree(graph: Graph) -> ModuleTree:
    """The tree of ``graph``; the same object for the same graph."""
    tree = _cache.get(graph)
    if tree is None:
        with _without_garbage_collection():
            tree = _cache[graph] = _build(graph)
    return tree


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """No garbage arises while a tree is built, and searching 100,000 nodes for some takes as long as building it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _build(graph: Graph) -> ModuleTree:
    nodes = tuple(node for node in graph.nodes if not node.folded)
    bodies = {
        node.id: tuple((title, module_tree(body)) for title, body in node.bodies.items())
        for node in nodes
        if node.bodies
    }
    reads = {node.id: _reads(node, bodies.get(node.id, ())) for node in nodes}
    own_tensors = {name for node in graph.nodes for name in node.outputs}
    own_tensors.update(graph.inputs, (weight.name for weight in graph.constants))
    read_tensors = dict.fromkeys(name for names in reads.values() for name in names)
    read_tensors.update(dict.fromkeys(graph.outputs))
    return ModuleTree(
        name=graph.name,
        inputs=graph.inputs,
        outputs=graph.outputs,
        constants=graph.constants,
        tensors=graph.tensors,
        nodes=nodes,
        children=TreeBuilder(bodies).level(nodes, 0),
        reads=reads,
        outer_tensors=tuple(name for name in read_tensors if name not in own_tensors),
        bodies=bodies,
        scopes=_scope_names(nodes).union(*(body.scopes for pairs in bodies.values() for _, body in pairs)),
    )


def _scope_names(nodes: tuple[Node, ...]) -> frozenset[str]:
    """The names of all modules around ``nodes``."""
    return frozenset(
        scope_name(scope[: depth + 1])
        for scope in {node.scope for node in nodes}
        for depth in range(min(len(scope), MOST_SCOPE_PREFIXES))
    )


def _reads(node: Node, bodies: tuple[tuple[str, ModuleTree], ...]) -> tuple[str, ...]:
    if len(node.inputs) == 1 and not node.weights and not bodies:
        return node.inputs if node.inputs[0] else ()
    weights = {weight.name for weight in node.weights}
    names = [name for name in node.inputs if name and name not in weights]
    for _, body in bodies:
        names.extend(name for name in body.outer_tensors if name not in weights)
    return tuple(dict.fromkeys(names))
