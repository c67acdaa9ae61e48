"""The computation graph: plain frozen data, one shape for every source (a run, an ONNX file, autograd).

Nothing is read, evaluated or drawn here. Weights are named, not held: ``explorer/graph/onnx_io/weights.py`` reads their
values when somebody looks at them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Dimension = int | str | None
"""A number, a symbolic name ("batch"), or None for an unknown dimension (shown as ``?``)."""


@dataclass(frozen=True)
class TensorType:
    """What flows along an edge. shape None: not even the rank is known."""

    name: str
    dtype: str
    shape: tuple[Dimension, ...] | None


@dataclass(frozen=True)
class Weight:
    """An initializer or constant that is folded into the node that consumes it.

    role: the operation's own name for the input (``W``, ``B``); value: only for scalars, else None.
    """

    name: str
    role: str
    dtype: str
    shape: tuple[int, ...]
    value: float | int | bool | str | None = None


@dataclass(frozen=True)
class SourceLine:
    """The line of Python that made a node; path is relative to the project or to the library."""

    path: str
    line: int
    code: str
    function: str


@dataclass(frozen=True)
class Node:
    """One operation.

    id: unique within the whole graph, nested bodies included, and stable across readings of the same file.
    scope: module path from the outside in, e.g. ("features", "conv1"). inputs and outputs: tensor names as in the
    file, '' for an input that is left out. params: number of learned weight elements; flops: for one sample (symbolic
    dimensions count as 1), None where unknown. classes: of each module of the scope, its class as Python calls it
    ("MBConv"); empty where the file does not tell. folded: a Constant that is shown as a weight of its consumer only.
    bodies: nested graphs by the attribute that holds them; that of a call of a local function is called "function".
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


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph or a nested body of one; the same only as itself, so that what is worked out of it can be kept.

    constants: initializers that are not folded into one node, because several share them or none uses them.
    functions: of the file, those that no node shows as its body (nobody calls them, or they grow beyond all bounds).
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    tensors: Mapping[str, TensorType]
    constants: tuple[Weight, ...] = ()
    functions: tuple["Graph", ...] = ()

    def all_nodes(self) -> Iterator[Node]:
        """Every node, those of nested bodies right after the node that holds them."""
        for node in self.nodes:
            yield node
            for body in node.bodies.values():
                yield from body.all_nodes()

    def find(self, node_id: str) -> Node | None:
        """The node with this id, nested bodies included."""
        return next((node for node in self.all_nodes() if node.id == node_id), None)
