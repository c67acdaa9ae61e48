"""Which initializers and constants are shown inside the node that reads them (folded), and which on their own.

A name is looked up as ONNX does: in the body that the node stands in, then in the graphs around it, where a body's own
tensors hide those of the same name outside. A local function sees nothing of the graph that calls it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from math import prod

import numpy as np
import onnx

from explorer.graph.graph import TensorKey, Weight
from explorer.graph.onnx_io.body_paths import attribute_bodies
from explorer.graph.onnx_io.tensor_types import dtype_name
from explorer.graph.onnx_io.weights import constant_tensor, tensor_values
from models.errors import N_, GraphError

MOST_SHARED = 16  # length of an integer list (axes, a shape) that is folded into each of several readers


@dataclass(frozen=True)
class NameUses:
    """Which names a graph or body reads, with what its bodies read from outside themselves.

    reads: how often each is read. results: those that are outputs of it, or of a body that does not define them.
    defined: of a body, those of its own tensors. bodies: by index of the node, the same of each of its bodies.
    """

    reads: Counter[str]
    results: frozenset[str]
    defined: frozenset[str]
    bodies: Mapping[int, tuple["NameUses", ...]]

    @classmethod
    def of(cls, graph: onnx.GraphProto, *, is_root: bool = True) -> "NameUses":
        """Of a graph with everything inside. is_root: a main graph or function, of which ``defined`` stays empty."""
        reads = Counter(chain.from_iterable(node.input[:] for node in graph.node))
        results = {value.name for value in graph.output}
        bodies: dict[int, tuple[NameUses, ...]] = {}
        for index, node in enumerate(graph.node):
            if node.attribute and any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
                bodies[index] = tuple(cls.of(body, is_root=False) for _, body in attribute_bodies(node))
        for body in chain.from_iterable(bodies.values()):
            for name, count in body.reads.items():
                if name not in body.defined:
                    reads[name] += count
            results |= body.results - body.defined
        return cls(reads, frozenset(results), frozenset() if is_root else defined_names(graph), bodies)


def defined_names(graph: onnx.GraphProto) -> frozenset[str]:
    """The names of a graph's own tensors."""
    outputs = chain.from_iterable(node.output[:] for node in graph.node)
    return frozenset((*(value.name for value in graph.input), *initializer_names(graph), *outputs)) - {""}


@dataclass(frozen=True)
class WeightFolding:
    """The constants that the nodes of a graph or body can read.

    own: those of this graph, by name. uses: of its names. outer: of the graph around it, None for the main graph and
    for a function. counted: weights whose elements are included in some node's ``params``, so that a shared one counts
    once; without ``call`` at the beginning of their body, so that those of a function count once for all its calls.
    """

    own: Mapping[str, Weight]
    uses: NameUses
    outer: "WeightFolding | None" = None
    counted: set[TensorKey] = field(default_factory=set)
    call: str = ""

    @classmethod
    def of(cls, graph: onnx.GraphProto, uses: NameUses | None = None) -> "WeightFolding":
        """The constants of a model's main graph, or of a function as a graph. uses: of ``graph``, where known."""
        return cls(_own_weights(graph, ""), uses or NameUses.of(graph))

    def called(self, graph: onnx.GraphProto, body: str) -> "WeightFolding":
        """The same for one call of the function ``graph``. body: the id of the call's body."""
        return WeightFolding(_own_weights(graph, body), self.uses, None, self.counted, body)

    def inside(self, graph: onnx.GraphProto, body: str, uses: NameUses) -> "WeightFolding":
        """The constants that the nodes of a nested body can read. body: its id."""
        return WeightFolding(_own_weights(graph, body), uses, self, self.counted, self.call)

    def has_any(self, names: tuple[str, ...]) -> bool:
        """Whether some of ``names`` may be a weight; quick, since most nodes read none."""
        level: WeightFolding | None = self
        while level is not None:
            if not level.own.keys().isdisjoint(names):
                return True
            level = level.outer
        return False

    def weight(self, name: str) -> Weight | None:
        """The weight that a node of this graph reads as ``name``."""
        return self._level(name).own.get(name)

    def folded(self, name: str) -> Weight | None:
        """The weight to be shown inside its readers; None where ``name`` is none or is shown on its own."""
        level = self._level(name)
        weight = level.own.get(name)
        if weight is None or name in level.uses.results:
            return None
        elements = prod(weight.shape)
        small = elements == 1 or (elements <= MOST_SHARED and "int" in weight.dtype)
        return weight if small or level.uses.reads[name] == 1 else None

    def unfolded(self, graph: onnx.GraphProto) -> tuple[Weight, ...]:
        """The initializers of ``graph`` that are shown on their own."""
        names = initializer_names(graph)
        return tuple(self.own[name] for name in names if name in self.own and self.folded(name) is None)

    def is_read(self, name: str) -> bool:
        """Whether a node of this graph or of a body in it reads the graph's own tensor ``name``."""
        return self.uses.reads[name] > 0

    def count(self, weight: Weight) -> bool:
        """Whether the elements of ``weight`` have not been counted yet; from now on they have."""
        key = TensorKey(weight.body.removeprefix(self.call), weight.name)
        if key in self.counted:
            return False
        self.counted.add(key)
        return True

    def _level(self, name: str) -> "WeightFolding":
        """The innermost graph that defines ``name``; the outermost one where no other does."""
        level = self
        while level.outer is not None and name not in level.uses.defined:
            level = level.outer
        return level


def initializer_names(graph: onnx.GraphProto) -> dict[str, None]:
    """Names of the initializers of ``graph``, in order; files of old versions list them among the inputs, too."""
    names = dict.fromkeys(tensor.name for tensor in graph.initializer)
    return names | dict.fromkeys(sparse.values.name for sparse in graph.sparse_initializer)


def _own_weights(graph: onnx.GraphProto, body: str) -> dict[str, Weight]:
    weights = {tensor.name: _weight(tensor, body) for tensor in graph.initializer if tensor.name}
    for sparse in graph.sparse_initializer:
        tensor = sparse.values
        weights[tensor.name] = Weight(tensor.name, "", dtype_name(tensor.data_type), tuple(sparse.dims), body=body)
    for node in graph.node:
        if node.op_type == "Constant" and node.domain in ("", "ai.onnx") and len(node.output) == 1:
            value = constant_tensor(node)
            if value is not None:
                weights[value.name] = _weight(value, body)
    return weights


def _weight(tensor: onnx.TensorProto, body: str) -> Weight:
    shape = tuple(tensor.dims)
    if shape and min(shape) < 0:
        raise GraphError(N_("Weight {name} has the impossible shape {shape}."), name=repr(tensor.name), shape=shape)
    return Weight(tensor.name, "", dtype_name(tensor.data_type), shape, _scalar(tensor, shape), body)


def _scalar(tensor: onnx.TensorProto, shape: tuple[int, ...]) -> float | int | bool | str | None:
    if prod(shape) != 1 or len(shape) > 1:
        return None
    try:
        value = tensor_values(tensor).reshape(-1)[0]
    except (GraphError, IndexError, ValueError):
        return None
    plain = value.item() if isinstance(value, np.generic) else value  # text is an object of Python already
    if isinstance(plain, bytes):
        return plain.decode("utf-8", "replace")
    return plain if isinstance(plain, (bool, int, float, str)) else None
