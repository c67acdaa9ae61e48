"""Two graphs side by side: what was added, removed and changed, and how far each weight moved.

Corresponding nodes come from ``explorer/graph/comparison/matching.py``. Weights are read pair by pair with the
functions that the caller passes. Nothing is drawn here. "before" and "after" (a and b) are the two graphs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress

import numpy as np

from explorer.graph.comparison.matching import match_nodes
from explorer.graph.comparison.weight_changes import ReadWeight, WeightChange, WeightReader
from explorer.graph.graph import Graph, Node, Weight
from models.errors import N_

OPERATION = N_("operation")
ATTRIBUTES = N_("attributes")
SHAPE = N_("shape of an output")
INPUTS = N_("inputs")
WEIGHTS = N_("number or shape of weights")
SOURCE = N_("source line")
KINDS = (OPERATION, ATTRIBUTES, SHAPE, INPUTS, WEIGHTS, SOURCE)
"""Everything that can differ between two matched nodes, as catalogue entries."""


@dataclass(frozen=True)
class Comparison:
    """The difference of two graphs, nested bodies included.

    matched: id before → id after. removed: ids that only the first graph has; added: ids that only the second has.
    changed: id before → what differs, of ``KINDS``. weights: id before → its weights that could be compared, changed or
    not. sizes: id before → how far all its weights together moved, as ``WeightChange.size``. unread: names of weights
    that could not be read.
    """

    matched: Mapping[str, str]
    removed: tuple[str, ...]
    added: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, tuple[WeightChange, ...]]
    sizes: Mapping[str, float]
    unread: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing was added, removed or changed, and no weight that could be read moved."""
        moved = any(change.moved for some in self.weights.values() for change in some)
        return not (self.removed or self.added or self.changed or moved)


def compare(before: Graph, after: Graph, read_before: ReadWeight, read_after: ReadWeight) -> Comparison:
    """What changed from ``before`` to ``after``. read_before, read_after: read the weights of either graph."""
    weights = WeightReader(read_before, read_after)
    builder = _ComparisonBuilder(weights)
    builder.compare_levels(_ComparedLevel(before, "", None), _ComparedLevel(after, "", None))
    return Comparison(
        matched=builder.matched,
        removed=tuple(builder.removed),
        added=tuple(builder.added),
        changed=builder.changed,
        weights=builder.weights,
        sizes=builder.sizes,
        unread=tuple(dict.fromkeys(weights.unread)),
    )


Producer = tuple[str, int]
"""Id of a node, and the index of its output."""


@dataclass(frozen=True, eq=False)
class _ComparedLevel:
    """A graph or body. owner: id of the node that holds it; outer: the level around it."""

    graph: Graph
    owner: str
    outer: "_ComparedLevel | None"
    producers: dict[str, Producer] = field(default_factory=dict)
    constants: dict[str, Weight] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.constants.update((weight.name, weight) for weight in self.graph.constants)
        self.producers.update((name, (self.inputs_id, i)) for i, name in enumerate(self.graph.inputs))
        for node in self.graph.nodes:
            self.producers.update((name, (node.id, i)) for i, name in enumerate(node.outputs) if name)

    @property
    def inputs_id(self) -> str:
        """An id that stands for the inputs of this level, as if a node produced them."""
        return f"{self.owner} in"

    def outwards(self) -> "Iterator[_ComparedLevel]":
        """This level and those around it, from the inside out."""
        level: _ComparedLevel | None = self
        while level is not None:
            yield level
            level = level.outer

    def producer(self, name: str) -> Producer | None:
        """Where the tensor ``name`` comes from; None for a constant or an unknown name."""
        for level in self.outwards():
            if name in level.producers:
                return level.producers[name]
            if name in level.constants:
                return None
        return None

    def constant(self, name: str) -> Weight | None:
        """A weight that is not folded into a node, of this level or of those around it."""
        for level in self.outwards():
            if name in level.constants or name in level.producers:
                return level.constants.get(name)
        return None


class _ComparisonBuilder:
    """Collects the fields of a ``Comparison``, level by level."""

    def __init__(self, weights: WeightReader) -> None:
        self._reader = weights
        self.matched: dict[str, str] = {}
        self.removed: list[str] = []
        self.added: list[str] = []
        self.changed: dict[str, tuple[str, ...]] = {}
        self.weights: dict[str, tuple[WeightChange, ...]] = {}
        self.sizes: dict[str, float] = {}

    def compare_levels(self, before: _ComparedLevel, after: _ComparedLevel) -> None:
        """Compare two corresponding graphs or bodies and everything inside them."""
        pairs = match_nodes(before.graph, after.graph)
        self.matched.update((node.id, partner.id) for node, partner in pairs)
        self.matched[before.inputs_id] = after.inputs_id  # until all nodes' inputs are compared
        partners = {partner.id for _, partner in pairs}
        for node in before.graph.nodes:
            if not node.folded and node.id not in self.matched:
                self.removed += _drawn_ids(node)
        for node in after.graph.nodes:
            if not node.folded and node.id not in partners:
                self.added += _drawn_ids(node)
        for node, partner in pairs:
            self._compare_nodes(node, partner, before, after)
        del self.matched[before.inputs_id]

    def _compare_nodes(self, a: Node, b: Node, before: _ComparedLevel, after: _ComparedLevel) -> None:
        weights_a, weights_b = _weights_read(a, before), _weights_read(b, after)
        differs = {
            OPERATION: (a.op_type, a.domain) != (b.op_type, b.domain),
            ATTRIBUTES: repr(sorted(a.attributes.items())) != repr(sorted(b.attributes.items())),
            SHAPE: _output_types(a, before.graph) != _output_types(b, after.graph),
            INPUTS: self._producers_in_after(a, before) != _input_producers(b, after),
            WEIGHTS: _weight_types(weights_a) != _weight_types(weights_b),
            SOURCE: a.source != b.source,
        }
        if any(differs.values()):
            self.changed[a.id] = tuple(compress(differs, differs.values()))
        self._compare_weights(a.id, weights_a, weights_b)
        for title, body in a.bodies.items():
            if title in b.bodies:
                self.compare_levels(_inner(body, a, title, before), _inner(b.bodies[title], b, title, after))
            else:
                self.removed += [id for node in body.nodes for id in _drawn_ids(node)]
        for title, body in b.bodies.items():
            if title not in a.bodies:
                self.added += [id for node in body.nodes for id in _drawn_ids(node)]

    def _producers_in_after(self, node: Node, level: _ComparedLevel) -> list[Producer | None]:
        """Where a node's inputs come from, as ids of the other graph; '' for a node that is not there."""
        return [
            producer and (self.matched.get(producer[0], ""), producer[1]) for producer in _input_producers(node, level)
        ]

    def _compare_weights(self, id: str, weights_a: list[Weight], weights_b: list[Weight]) -> None:
        changes: list[WeightChange] = []
        norms: list[float] = []  # of the weights before
        for a, b in zip(weights_a, weights_b, strict=False):
            if (a.role, a.shape) == (b.role, b.shape):
                measured = self._reader.change(a, b)
                if measured is not None:
                    change, norm = measured
                    changes.append(change)
                    norms.append(norm)
        if changes:
            self.weights[id] = tuple(changes)
            difference = float(np.hypot.reduce([change.difference for change in changes]))
            size = float(np.hypot.reduce(norms))
            self.sizes[id] = difference / size if size else difference


def _inner(body: Graph, node: Node, title: str, around: _ComparedLevel) -> _ComparedLevel:
    """A body of ``node`` as a level; a local function sees nothing of the graph around its call."""
    return _ComparedLevel(body, f"{node.id}.{title}", None if body.is_function else around)


def _weights_read(node: Node, level: _ComparedLevel) -> list[Weight]:
    """Weights in the order of the inputs: those folded into the node, and those that it shares with others."""
    own = {weight.name: weight for weight in node.weights}
    weights = (own.get(name) or level.constant(name) for name in node.inputs if name)
    return [weight for weight in weights if weight is not None]


def _weight_types(weights: list[Weight]) -> list[tuple[str, tuple[int, ...]]]:
    return [(weight.dtype, weight.shape) for weight in weights]


def _input_producers(node: Node, level: _ComparedLevel) -> list[Producer | None]:
    own = {weight.name for weight in node.weights}
    return [level.producer(name) for name in node.inputs if name not in own]


def _output_types(node: Node, graph: Graph) -> list[object]:
    tensors = (graph.tensors.get(name) for name in node.outputs)
    return [tensor and (tensor.dtype, tensor.shape) for tensor in tensors]


def _drawn_ids(node: Node) -> Iterator[str]:
    """The ids of the node and of everything in its bodies, without folded constants."""
    if not node.folded:
        yield node.id
        for body in node.bodies.values():
            for inner in body.nodes:
                yield from _drawn_ids(inner)
