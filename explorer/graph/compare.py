"""Two graphs side by side: what was added, removed and changed, and how far each weight moved.

Which node is which is found by ``explorer/graph/matching.py``. Weights are read one pair at a time by the functions
that the caller gives. Nothing is drawn here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.graph.graph import Graph, Node, Weight
from explorer.graph.matching import match_nodes
from models.errors import N_, UserError

Array = npt.NDArray[Any]
Read = Callable[[str], Array | None]

OPERATION = N_("operation")
ATTRIBUTES = N_("attributes")
SHAPE = N_("shape of an output")
INPUTS = N_("inputs")
WEIGHTS = N_("number or shape of weights")
SOURCE = N_("source line")
KINDS = (OPERATION, ATTRIBUTES, SHAPE, INPUTS, WEIGHTS, SOURCE)
"""Everything that can differ between two matched nodes, as catalogue entries."""


@dataclass(frozen=True)
class WeightChange:
    """One weight of a matched pair of nodes, a before and b after, of equal shape.

    name, role: before. difference: ‖a − b‖ (Euclidean); relative: ‖a − b‖ / ‖a‖, None where ‖a‖ is 0; largest: of
    the absolute differences. Numbers that are not finite on either side are left out of these, unless both are the
    same; broken counts those.
    """

    name: str
    role: str
    difference: float
    relative: float | None
    largest: float
    broken: int = 0

    @property
    def size(self) -> float:
        """The relative change, or the absolute one where there is nothing to relate it to."""
        return self.difference if self.relative is None else self.relative


@dataclass(frozen=True)
class Comparison:
    """The difference of two graphs, nested bodies included.

    matched: id before → id after. removed: ids that only the first graph has; added: ids that only the second has.
    changed: id before → what differs, of ``KINDS``. weights: id before → its weights that could be compared, moved or
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
        moved = any(change.difference or change.broken for some in self.weights.values() for change in some)
        return not (self.removed or self.added or self.changed or moved)


def compare(before: Graph, after: Graph, weight_before: Read, weight_after: Read) -> Comparison:
    """``after`` seen from ``before``.

    weight_before, weight_after: give a weight by name; None or a UserError for one that cannot be read.
    """
    found = _Comparing(_Weights(weight_before, weight_after))
    found.level(_Place(before, "", None), _Place(after, "", None))
    read = found.weights
    return Comparison(
        found.matched,
        tuple(found.removed),
        tuple(found.added),
        found.changed,
        found.moved,
        found.sizes,
        tuple(dict.fromkeys(read.unread)),
    )


@dataclass(frozen=True, eq=False)
class _Place:
    """One level of a graph. holder: id of the node that holds it; around: the level around it."""

    graph: Graph
    holder: str
    around: "_Place | None"
    made: dict[str, tuple[str, int]] = field(default_factory=dict)
    constants: dict[str, Weight] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.constants.update((weight.name, weight) for weight in self.graph.constants)
        self.made.update((name, (f"{self.holder} in", i)) for i, name in enumerate(self.graph.inputs))
        for node in self.graph.nodes:
            self.made.update((name, (node.id, i)) for i, name in enumerate(node.outputs) if name)

    def maker(self, name: str) -> tuple[str, int] | None:
        """The node, and the number of its output, that ``name`` comes from; None for a constant or an unknown name."""
        place: _Place | None = self
        while place is not None:
            if name in place.made:
                return place.made[name]
            if name in place.constants:
                return None
            place = place.around
        return None

    def constant(self, name: str) -> Weight | None:
        """A weight that stands on its own, here or around."""
        place: _Place | None = self
        while place is not None:
            if name in place.constants or name in place.made:
                return place.constants.get(name)
            place = place.around
        return None


class _Comparing:
    """A comparison, while it is made."""

    def __init__(self, weights: "_Weights") -> None:
        self.weights = weights
        self.matched: dict[str, str] = {}
        self.removed: list[str] = []
        self.added: list[str] = []
        self.changed: dict[str, tuple[str, ...]] = {}
        self.moved: dict[str, tuple[WeightChange, ...]] = {}
        self.sizes: dict[str, float] = {}

    def level(self, before: _Place, after: _Place) -> None:
        pairs = match_nodes(before.graph, after.graph)
        self.matched.update((one.id, other.id) for one, other in pairs)
        self.matched[f"{before.holder} in"] = f"{after.holder} in"  # while it is made: what feeds what
        taken = {other.id for _, other in pairs}
        for node in before.graph.nodes:
            if not node.folded and node.id not in self.matched:
                self.removed += _ids(node)
        for node in after.graph.nodes:
            if not node.folded and node.id not in taken:
                self.added += _ids(node)
        for one, other in pairs:
            self.pair(one, other, before, after)
        del self.matched[f"{before.holder} in"]

    def pair(self, one: Node, other: Node, before: _Place, after: _Place) -> None:
        mine, theirs = _held(one, before), _held(other, after)
        differs = {
            OPERATION: (one.op_type, one.domain) != (other.op_type, other.domain),
            ATTRIBUTES: repr(sorted(one.attributes.items())) != repr(sorted(other.attributes.items())),
            SHAPE: _shapes(one, before.graph) != _shapes(other, after.graph),
            INPUTS: self._wiring(one, before) != _makers(other, after),
            WEIGHTS: _forms(mine) != _forms(theirs),
            SOURCE: one.source != other.source,
        }
        if any(differs.values()):
            self.changed[one.id] = tuple(kind for kind, true in differs.items() if true)
        self._weights_of(one.id, mine, theirs)
        for title, body in one.bodies.items():
            if title in other.bodies:
                self.level(
                    _Place(body, f"{one.id}.{title}", before), _Place(other.bodies[title], f"{other.id}.{title}", after)
                )
            else:
                self.removed += [id for node in body.nodes for id in _ids(node)]
        for title, body in other.bodies.items():
            if title not in one.bodies:
                self.added += [id for node in body.nodes for id in _ids(node)]

    def _wiring(self, node: Node, place: _Place) -> list[tuple[str, int] | None]:
        """Where the inputs come from, in the other graph's words; '' for what that one does not have."""
        return [maker and (self.matched.get(maker[0], ""), maker[1]) for maker in _makers(node, place)]

    def _weights_of(self, id: str, mine: list[Weight], theirs: list[Weight]) -> None:
        found: list[WeightChange] = []
        norms: list[tuple[float, float]] = []
        for one, other in zip(mine, theirs, strict=False):
            if (one.role, one.shape) == (other.role, other.shape):
                measured = self.weights.change(one, other)
                if measured is not None:
                    change, norm = measured
                    found.append(change)
                    norms.append((change.difference, norm))
        if found:
            self.moved[id] = tuple(found)
            difference = float(np.hypot.reduce([moved for moved, _ in norms]))
            size = float(np.hypot.reduce([norm for _, norm in norms]))
            self.sizes[id] = difference / size if size else difference


class _Weights:
    """Reads pairs of weights and measures how far one is from the other; a pair that many nodes share is read once."""

    def __init__(self, before: Read, after: Read) -> None:
        self.before, self.after = before, after
        self.unread: list[str] = []
        self.known: dict[tuple[str, str], tuple[WeightChange, float] | None] = {}

    def change(self, one: Weight, other: Weight) -> tuple[WeightChange, float] | None:
        """The change and ‖a‖; None where one of the two cannot be read."""
        key = one.name, other.name
        if key not in self.known:
            self.known[key] = self._measured(one, other)
        return self.known[key]

    def _measured(self, one: Weight, other: Weight) -> tuple[WeightChange, float] | None:
        arrays = []
        for weight, read in ((one, self.before), (other, self.after)):
            values = _numbers(weight, read)
            if values is None:
                self.unread.append(weight.name)
                return None
            arrays.append(values)
        if arrays[0].shape != arrays[1].shape:
            self.unread.append(one.name)
            return None
        return _change(one.name, one.role, *arrays)


def _change(name: str, role: str, a: Array, b: Array) -> tuple[WeightChange, float]:
    """a, b: float64 or complex128, of one shape."""
    finite = np.isfinite(a) & np.isfinite(b)
    broken = 0
    if not finite.all():
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        broken = int((~finite & ~same).sum())
        a, b = a[finite], b[finite]
    apart = np.abs(a - b)
    norm, difference = float(np.linalg.norm(a.ravel())), float(np.linalg.norm(apart.ravel()))
    relative = difference / norm if norm else None
    return WeightChange(name, role, difference, relative, float(apart.max(initial=0.0)), broken), norm


def _numbers(weight: Weight, read: Read) -> Array | None:
    """The weight as float64 or complex128; None where it cannot be read or is text."""
    if "string" in weight.dtype:
        return None
    try:
        values = read(weight.name)
    except UserError:
        return None
    if values is None:
        if weight.value is None or isinstance(weight.value, str):
            return None
        values = np.full(weight.shape, weight.value)
    try:
        return np.asarray(values).astype(np.complex128 if np.iscomplexobj(values) else np.float64)
    except (TypeError, ValueError):
        return None


def _held(node: Node, place: _Place) -> list[Weight]:
    """Weights in the order of the inputs: those shown inside the node, and those that it shares with others."""
    own = {weight.name: weight for weight in node.weights}
    found = (own.get(name) or place.constant(name) for name in node.inputs if name)
    return [weight for weight in found if weight is not None]


def _forms(weights: list[Weight]) -> list[tuple[str, tuple[int, ...]]]:
    return [(weight.dtype, weight.shape) for weight in weights]


def _makers(node: Node, place: _Place) -> list[tuple[str, int] | None]:
    own = {weight.name for weight in node.weights}
    return [place.maker(name) for name in node.inputs if name not in own]


def _shapes(node: Node, graph: Graph) -> list[object]:
    tensors = (graph.tensors.get(name) for name in node.outputs)
    return [tensor and (tensor.dtype, tensor.shape) for tensor in tensors]


def _ids(node: Node) -> Iterator[str]:
    """The node and what its bodies hold, as far as it is drawn."""
    if not node.folded:
        yield node.id
        for body in node.bodies.values():
            for inner in body.nodes:
                yield from _ids(inner)
