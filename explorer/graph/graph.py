"""The computation graph: plain frozen data, the same for every source (a run, an ONNX file, a local function).

Nothing is read, evaluated or drawn here. Weights are described without their values, which
``explorer/graph/onnx_io/weights.py`` reads on demand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Dimension = int | str | None
"""A number, a symbolic name ("batch"), or None for an unknown dimension (shown as ``?``)."""


@dataclass(frozen=True)
class TensorType:
    """The type of a tensor. shape: None where not even the rank is known."""

    name: str
    dtype: str
    shape: tuple[Dimension, ...] | None


@dataclass(frozen=True)
class Weight:
    """An initializer or constant.

    role: the operation's own name for the input (``W``, ``B``), '' outside a node; value: of a scalar, else None.
    """

    name: str
    role: str
    dtype: str
    shape: tuple[int, ...]
    value: float | int | bool | str | None = None


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


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph or a nested body of one; compared by identity, so that it can be the key of a cache.

    constants: initializers that are not folded into a node, because several share them or none uses them.
    functions: the file's local functions that no node shows as its body: never called, or too large to be expanded.
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
