"""The computation graph: plain frozen data, the same for every source (a run, an ONNX file, a local function).

Nothing is read, evaluated or drawn here. Weights are described without their values, which
``explorer/graph/onnx_io/weights.py`` reads on demand.

A tensor's name is unique within one graph or body only: the body of a loop may call its own tensors as the graph around
it calls others, and every call of a local function has tensors of the same names. What identifies a tensor in the whole
file is a ``TensorKey``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from explorer.graph.parameters import Kind

Dimension = int | str | None
"""A number, a symbolic name ("batch"), or None for an unknown dimension (shown as ``?``)."""


@dataclass(frozen=True)
class TensorType:
    """The type of a tensor. shape: None where not even the rank is known."""

    name: str
    dtype: str
    shape: tuple[Dimension, ...] | None


@dataclass(frozen=True, order=True)
class TensorKey:
    """What identifies a tensor in a whole file. body: the id of the graph or body that defines it, '' the main graph.

    >>> TensorKey("n1.b0", "x") == TensorKey("", "x")
    False
    """

    body: str
    name: str


@dataclass(frozen=True)
class Weight:
    """An initializer or constant.

    role: the operation's own name for the input (``W``, ``B``), '' outside a node; value: of a scalar, else None.
    body: the id of the graph or body that defines it, which may lie around the one whose node reads it. kind: what it
    is to the operation that reads it.
    """

    name: str
    role: str
    dtype: str
    shape: tuple[int, ...]
    value: float | int | bool | str | None = None
    body: str = ""
    kind: Kind = "constant"

    @property
    def key(self) -> TensorKey:
        """Its identity in the file."""
        return TensorKey(self.body, self.name)


@dataclass(frozen=True)
class SourceLine:
    """The line of Python that a node was exported from. path: relative to the project or to the library."""

    path: str
    line: int
    code: str
    function: str


@dataclass(frozen=True)
class Node:
    """One operation.

    id: unique within the whole graph, nested bodies included, and stable across readings of the same file.
    scope: module path from the outside in, e.g. ("features", "conv1"). inputs and outputs: tensor names as in the
    file, '' for an optional input that is left out. params: number of learned weight elements; flops: for one sample
    (symbolic dimensions count as 1), None where unknown. classes: of each module of the scope, the name of its class
    ("MBConv"); empty where the file does not say. folded: a Constant that is shown as a weight of its consumer only.
    bodies: nested graphs by the attribute that holds them; that of a local function's call is called "function".
    """

    id: str
    op_type: str
    domain: str
    name: str
    scope: tuple[str, ...]
    category: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    weights: tuple[Weight, ...] = ()
    params: int = 0
    flops: int | None = None
    source: SourceLine | None = None
    folded: bool = False
    bodies: Mapping[str, "Graph"] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The id of the graph or body that it stands in, '' for the main graph."""
        return self.id.rpartition(".")[0]


@dataclass(frozen=True)
class Fault:
    """Something that makes a graph invalid. kind: a key of ``SENTENCES`` in ``explorer/graph/faults.py``.

    node: the id of the node where it shows, '' for the graph itself; name: of the tensor.
    """

    kind: Literal["missing", "twice", "cycle", "output"]
    node: str
    name: str


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph or a nested body of one; compared by identity, so that it can be the key of a cache.

    constants: initializers that are not folded into a node, because several share them or none uses them.
    functions: the file's local functions that no node shows as its body: never called, or too large to be expanded.
    id: '' of the main graph; of a body the id of its node and its place among the node's bodies, such as "n1.b0"; of a
    function that is no body "f" and its place in the file. The ids of its nodes begin with it. is_function: whether it
    is a local function, which sees nothing of the graph around its call. faults: what makes the whole file invalid, on
    the main graph.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    tensors: Mapping[str, TensorType]
    constants: tuple[Weight, ...] = ()
    functions: tuple["Graph", ...] = ()
    id: str = ""
    is_function: bool = False
    faults: tuple[Fault, ...] = ()

    def all_nodes(self) -> Iterator[Node]:
        """Every node, those of nested bodies right after the node that holds them."""
        for node in self.nodes:
            yield node
            for body in node.bodies.values():
                yield from body.all_nodes()

    def visible_from(self, body: str) -> "tuple[Graph, ...]":
        """The graphs whose tensors a node of ``body`` can read, from the outside in; empty for an unknown body.

        body: as in ``Graph.id``.
        """
        path: tuple[Graph, ...] = (self,)
        for inner_id in way_to(body):
            inner = path[-1].bodies_by_id.get(inner_id)
            if inner is None:
                return ()
            path = (inner,) if inner.is_function else (*path, inner)
        return path

    @cached_property
    def bodies_by_id(self) -> Mapping[str, "Graph"]:
        """The bodies of its own nodes, and its functions that are no body."""
        bodies = [body for node in self.nodes for body in node.bodies.values()]
        return {body.id: body for body in (*bodies, *self.functions)}

    def find(self, node_id: str) -> Node | None:
        """The node with this id, nested bodies included."""
        return next((node for node in self.all_nodes() if node.id == node_id), None)

    def place_among_equals(self, node: Node) -> tuple[int, int]:
        """Which one ``node`` is, from 1 on, among the operations of its kind in its module, and how many these are."""
        equals = [each.id for each in self.all_nodes() if (each.scope, each.op_type) == (node.scope, node.op_type)]
        return equals.index(node.id) + 1, len(equals)


def way_to(body: str) -> tuple[str, ...]:
    """The ids of the bodies that lie around ``body`` one in the other, from the outside in, and its own.

    >>> way_to("n1.b0.n2.b1"), way_to("f0.n1.b0"), way_to("")
    (('n1.b0', 'n1.b0.n2.b1'), ('f0', 'f0.n1.b0'), ())
    """
    parts = body.split(".") if body else []
    return tuple(".".join(parts[:end]) for end in range(2 - len(parts) % 2, len(parts) + 1, 2))
