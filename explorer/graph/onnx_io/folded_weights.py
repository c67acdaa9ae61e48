"""Which initializers and constants are shown inside the node that reads them (folded), and which on their own."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from math import prod

import onnx

from explorer.graph.graph import Weight
from explorer.graph.onnx_io.skeleton_file import nested_graphs
from explorer.graph.onnx_io.tensor_types import dtype_name
from explorer.graph.onnx_io.weights import constant_tensor, tensor_values
from models.errors import N_, GraphError

MOST_SHARED = 16  # length of an integer list (axes, a shape) that is folded into each of several readers


@dataclass(frozen=True)
class WeightFolding:
    """The constants that the nodes of a graph can read.

    weights: by name, the graph's own and those of the graphs around it. uses: how often each name is read, bodies
    included. results: names of the outputs of any graph or body. counted: weights whose elements are included in some
    node's ``params`` already, so that a shared one counts once.
    """

    weights: dict[str, Weight]
    uses: Counter[str]
    results: frozenset[str]
    counted: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, graph: onnx.GraphProto) -> "WeightFolding":
        """The constants of a model's main graph, or of a function as a graph."""
        uses: Counter[str] = Counter()
        results: set[str] = set()
        for body in nested_graphs(graph):
            uses.update(chain.from_iterable(node.input[:] for node in body.node))
            results.update(value.name for value in body.output)
        return cls(_own_weights(graph), uses, frozenset(results))

    def inside(self, body: onnx.GraphProto) -> "WeightFolding":
        """The constants that the nodes of a nested body can read; its own names hide those outside."""
        hidden = {value.name for value in body.input} | {name for node in body.node for name in node.output}
        visible = {name: weight for name, weight in self.weights.items() if name not in hidden}
        return WeightFolding({**visible, **_own_weights(body)}, self.uses, self.results, self.counted)

    def folded(self, name: str) -> Weight | None:
        """The weight to be shown inside its readers; None where ``name`` is none or is shown on its own."""
        weight = self.weights.get(name)
        if weight is None or name in self.results:
            return None
        elements = prod(weight.shape)
        small = elements == 1 or (elements <= MOST_SHARED and "int" in weight.dtype)
        return weight if small or self.uses[name] == 1 else None

    def unfolded(self, graph: onnx.GraphProto) -> tuple[Weight, ...]:
        """The initializers of ``graph`` that are shown on their own."""
        names = initializer_names(graph)
        return tuple(self.weights[name] for name in names if name in self.weights and self.folded(name) is None)


def initializer_names(graph: onnx.GraphProto) -> dict[str, None]:
    """Names of the initializers of ``graph``, in order; files of old versions list them among the inputs, too."""
    names = dict.fromkeys(tensor.name for tensor in graph.initializer)
    return names | dict.fromkeys(sparse.values.name for sparse in graph.sparse_initializer)


def _own_weights(graph: onnx.GraphProto) -> dict[str, Weight]:
    weights = {tensor.name: _weight(tensor) for tensor in graph.initializer if tensor.name}
    for sparse in graph.sparse_initializer:
        tensor = sparse.values
        weights[tensor.name] = Weight(tensor.name, "", dtype_name(tensor.data_type), tuple(sparse.dims))
    for node in graph.node:
        if node.op_type == "Constant" and node.domain in ("", "ai.onnx") and len(node.output) == 1:
            value = constant_tensor(node)
            if value is not None:
                weights[value.name] = _weight(value)
    return weights


def _weight(tensor: onnx.TensorProto) -> Weight:
    shape = tuple(tensor.dims)
    if shape and min(shape) < 0:
        raise GraphError(N_("Weight {name} has the impossible shape {shape}."), name=repr(tensor.name), shape=shape)
    return Weight(tensor.name, "", dtype_name(tensor.data_type), shape, _scalar(tensor, shape))


def _scalar(tensor: onnx.TensorProto, shape: tuple[int, ...]) -> float | int | bool | str | None:
    if prod(shape) != 1 or len(shape) > 1:
        return None
    try:
        value = tensor_values(tensor).reshape(-1)[0].item()
    except (GraphError, IndexError, ValueError):
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, (bool, int, float, str)) else None
