"""Builds the levels of a module tree: groups nodes by module, equal modules in a row, and parts of a long level."""

from collections.abc import Mapping, Sequence
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from explorer.graph.graph import Node
from explorer.graph.tree_item import TreeItem, group_item, scope_name

if TYPE_CHECKING:
    from explorer.graph.module_tree import ModuleTree

LONGEST_LEVEL = 60  # items of one level that are shown without being bundled: as many as a first view may hold
LARGEST_BUNDLE = 40  # items in one bundle, and bundles in one level
DEEPEST_SCOPE = 24  # modules within modules; a file's names may hold thousands of separators


class TreeBuilder:
    """Builds the tree of one graph. bodies: by node id, the title and tree of each nested body."""

    def __init__(self, bodies: "Mapping[str, tuple[tuple[str, ModuleTree], ...]]") -> None:
        self._bodies = bodies
        self._module_nodes: dict[str, list[Node]] = {}  # by item id
        self._description_numbers: dict[object, int] = {}  # small numbers are compared faster than descriptions
        self._node_numbers: dict[str, int] = {}  # the number of its description, by node id
        self._structures: dict[str, list[object]] = {}  # by item id of a module

    def level(self, nodes: Sequence[Node], depth: int) -> tuple[TreeItem, ...]:
        """The items of a level whose modules have a scope of ``depth`` names around them."""
        if depth == DEEPEST_SCOPE or all(len(node.scope) <= depth for node in nodes):
            return _bundled([self._operation(node, depth) for node in nodes], depth)
        items = [
            self._operation(group[0], depth) if len(group) == 1 else self._module(group, depth + 1)
            for group in grouped_by_module(nodes, depth)
        ]
        return _bundled(self._with_repeats(items, depth + 1), depth)

    def _operation(self, node: Node, depth: int) -> TreeItem:
        operations, params = 1, node.params
        if node.bodies:
            for _, body in self._bodies[node.id]:
                operations += sum(item.operations for item in body.children)
                params += sum(item.params for item in body.children)
        caption = scope_name(node.scope[depth:]) if len(node.scope) > depth else ""
        return TreeItem(node.id, "operation", node.op_type, caption, node.scope, node, (), operations, params)

    def _module(self, nodes: list[Node], depth: int) -> TreeItem:
        first = nodes[0]
        scope = first.scope[:depth]
        caption = first.classes[depth - 1] if len(first.classes) >= depth else ""
        item = group_item(f"m{depth}-{first.id}", "module", scope[-1], scope, self.level(nodes, depth), caption)
        self._module_nodes[item.id] = nodes
        return item

    def _with_repeats(self, items: list[TreeItem], depth: int) -> list[TreeItem]:
        """``items`` with equal modules that feed each other in a row grouped into one item."""
        result: list[TreeItem] = []
        start = 0
        while start < len(items):
            end = start + 1
            while end < len(items) and self._repeats(items[end - 1], items[end], depth):
                end += 1
            run = items[start:end]
            result += run if len(run) == 1 else [_repeat(run, depth)]
            start = end
        return result

    def _repeats(self, first: TreeItem, second: TreeItem, depth: int) -> bool:
        """Whether ``second`` is a module like ``first`` and reads something of it. Weight values do not count."""
        if first.kind != "module" or second.kind != "module":
            return False
        sizes = [(item.operations, item.params, len(item.children)) for item in (first, second)]
        if sizes[0] != sizes[1]:
            return False
        outputs = {name for node in self._module_nodes[first.id] for name in node.outputs if name}
        if not any(name in outputs for node in self._module_nodes[second.id] for name in node.inputs):
            return False
        return self._structure(first.id, depth) == self._structure(second.id, depth)

    def _structure(self, module_id: str, depth: int) -> list[object]:
        """A module's operations in order, each with its scope inside the module and the places of its inputs' nodes."""
        if module_id not in self._structures:
            nodes = self._module_nodes[module_id]
            producers = {name: index for index, node in enumerate(nodes) for name in node.outputs if name}
            self._structures[module_id] = [
                (self._number(node), node.scope[depth:], tuple(producers.get(name, -1) for name in node.inputs))
                for node in nodes
            ]
        return self._structures[module_id]

    def _number(self, node: Node) -> int:
        """A number that is equal for operations that differ at most in the values of their weights."""
        number = self._node_numbers.get(node.id)
        if number is None:
            numbers = self._description_numbers
            number = self._node_numbers[node.id] = numbers.setdefault(self._description(node), len(numbers))
        return number

    def _description(self, node: Node) -> object:
        if not (node.attributes or node.weights or node.bodies):
            return (node.op_type, node.domain)
        attributes = tuple(sorted((key, _without_values(value)) for key, value in node.attributes.items()))
        weights = tuple((weight.role, weight.dtype, weight.shape) for weight in node.weights)
        bodies = tuple(
            (title, tuple(inner.op_type for inner in body.nodes)) for title, body in self._bodies.get(node.id, ())
        )
        return (node.op_type, node.domain, attributes, weights, bodies)


def _without_values(value: object) -> str:
    """An attribute as text; of a tensor only its type and shape."""
    if isinstance(value, Mapping):
        value = {key: entry for key, entry in value.items() if key != "values"}
    return repr(value)


def _repeat(run: list[TreeItem], depth: int) -> TreeItem:
    captions = {item.caption for item in run}
    caption = captions.pop() if len(captions) == 1 else ""
    id = f"r{depth}-{run[0].first_node_id}"
    return group_item(id, "repeat", repeat_title([item.title for item in run]), run[0].scope[:-1], run, caption)


def repeat_title(titles: Sequence[str]) -> str:
    """The title of modules in a row; what the first and last name have in common is written once.

    >>> repeat_title(["encoder_layer_0", "encoder_layer_1", "encoder_layer_2"])
    'encoder_layer_0–2 ×3'
    """
    first, last = titles[0], titles[-1]
    common = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    rest = last[len(common.rstrip("0123456789")) :]
    title = first if first == last else f"{first}–{rest if rest.isdigit() else last}"
    return f"{title} ×{len(titles)}"


def _bundled(items: list[TreeItem], depth: int) -> tuple[TreeItem, ...]:
    """A level; of more than ``LONGEST_LEVEL`` items, bundles of neighbours, bundled again where necessary."""
    return tuple(items) if len(items) <= LONGEST_LEVEL else _bundles(items, depth, 0, 0)


def _bundles(items: list[TreeItem], depth: int, nesting: int, offset: int) -> tuple[TreeItem, ...]:
    """``items``, which come after ``offset`` others of their level, in bundles of about the same length."""
    if len(items) <= LARGEST_BUNDLE:
        return tuple(items)
    count = min(LARGEST_BUNDLE, -(-len(items) // LARGEST_BUNDLE))
    bounds = [len(items) * i // count for i in range(count + 1)]
    scope = items[0].scope[:depth]
    return tuple(
        group_item(
            f"b{depth}-{nesting}-{items[start].first_node_id}",
            "bundle",
            f"{offset + start + 1:,}–{offset + end:,}",
            scope,
            _bundles(items[start:end], depth, nesting + 1, offset + start),
        )
        for start, end in pairwise(bounds)
    )


def grouped_by_module(nodes: Sequence[Node], depth: int) -> list[list[Node]]:
    """Nodes of the same call of a module together, in the order of their first nodes; others each by itself.

    A module that is called twice (one pooling layer used in two places) gives two groups: nodes belong together where
    they follow each other or feed each other. Groups are merged in a forest (union-find) whose roots are their first
    nodes. depth: index into the nodes' scopes.
    """
    parent = list(range(len(nodes)))
    producer: dict[str, int] = {}  # tensor → index of its node

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = index = parent[parent[index]]
        return index

    for index, node in enumerate(nodes):
        if len(node.scope) > depth:
            name = node.scope[depth]
            own = index
            neighbours = {producer[tensor] for tensor in node.inputs if tensor in producer}
            if index:
                neighbours.add(index - 1)
            for neighbour in neighbours:
                scope = nodes[neighbour].scope
                if len(scope) > depth and scope[depth] == name and (first := root(neighbour)) != own:
                    first, second = (first, own) if first < own else (own, first)
                    parent[second] = own = first
        for tensor in node.outputs:
            if tensor:
                producer[tensor] = index
    groups: dict[int, list[Node]] = {}
    for index, node in enumerate(nodes):
        groups.setdefault(root(index), []).append(node)
    return list(groups.values())
