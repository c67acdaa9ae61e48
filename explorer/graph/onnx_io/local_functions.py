"""A file's local functions as bodies of the nodes that call them, with shapes as far as a call's inputs determine them.

A function that calls itself, or that becomes too large when its calls are expanded, has no body: its calls are drawn as
plain nodes.
"""

from collections.abc import Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

import onnx

from explorer.graph.graph import TensorType
from explorer.graph.onnx_io.body_paths import FunctionKey, called_key, function_graph, function_places
from explorer.graph.onnx_io.folded_weights import WeightFolding
from explorer.graph.onnx_io.shape_inference import inferred_shapes
from explorer.graph.onnx_io.skeleton_file import DEEPEST_NESTING, nested_graphs
from explorer.graph.onnx_io.tensor_types import declared_value

MOST_EXPANDED = 20_000  # operations inside calls, in one graph
MOST_INFERRED = 200  # different calls whose inner shapes are inferred


class LocalFunctions:
    """The local functions of ``model``. left: how many more operations the bodies of calls may have."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._places = function_places(model)
        self._functions = {key: model.functions[place] for key, place in self._places.items()}
        self._bodies = {key: function_graph(function) for key, function in self._functions.items()}
        self._sizes = expanded_sizes(self._bodies)
        self._foldings: dict[FunctionKey, WeightFolding] = {}
        self._inferred: dict[tuple[object, ...], onnx.GraphProto] = {}
        self._called: set[FunctionKey] = set()
        self.left = MOST_EXPANDED

    @property
    def bounded(self) -> bool:
        """Whether all functions can be expanded, so that ONNX's own shape inference terminates."""
        return len(self._sizes) == len(self._functions)

    def called(self, node: onnx.NodeProto) -> FunctionKey | None:
        """The function that ``node`` calls, if it may still be expanded; its size is subtracted from ``left``."""
        if not self._sizes:
            return None
        key = called_key(node)
        size = self._sizes.get(key)
        if size is None or size > self.left:
            return None
        self.left -= len(self._bodies[key].node)
        self._called.add(key)
        return key

    def uncalled(self) -> list[tuple[int, FunctionKey]]:
        """Functions that are the body of no call, each with its place in the file."""
        return [(place, key) for key, place in self._places.items() if key not in self._called]

    def opsets(self, key: FunctionKey) -> dict[str, int]:
        """The versions of the operations that a function uses, by domain."""
        return {entry.domain: entry.version for entry in self._functions[key].opset_import}

    def folding(self, key: FunctionKey, body: str) -> WeightFolding:
        """The constants of a function in one call. body: the id of the call's body. Parameters count once."""
        if key not in self._foldings:
            self._foldings[key] = WeightFolding.of(self._bodies[key])
        return self._foldings[key].called(self._bodies[key], body)

    def body(self, key: FunctionKey) -> onnx.GraphProto:
        """A function as a graph without shapes."""
        return self._bodies[key]

    def body_of_call(self, key: FunctionKey, node: onnx.NodeProto, known: Mapping[str, TensorType]) -> onnx.GraphProto:
        """A function as a graph with the shapes that follow from the inputs of ``node``. known: types by name."""
        types = tuple((known[name].dtype, known[name].shape) if name in known else None for name in node.input)
        cache_key = (key, types, tuple(attribute.SerializeToString() for attribute in node.attribute))
        if cache_key not in self._inferred:
            if not self.bounded or len(self._inferred) >= MOST_INFERRED:
                return self._bodies[key]
            self._inferred[cache_key] = self._with_shapes(key, node, known)
        return self._inferred[cache_key]

    def _with_shapes(self, key: FunctionKey, node: onnx.NodeProto, known: Mapping[str, TensorType]) -> onnx.GraphProto:
        body, function = self._bodies[key], self._functions[key]
        typed = function_graph(function, node)
        for value, name in zip(typed.input, node.input, strict=False):
            if name in known:
                value.CopyFrom(declared_value(value.name, known[name]))
        model = onnx.ModelProto(
            ir_version=10, graph=typed, opset_import=function.opset_import, functions=self._functions.values()
        )
        shaped_model = inferred_shapes(model)
        if shaped_model is None:
            return body  # drawn without shapes
        inferred = shaped_model.graph
        shaped = onnx.GraphProto()
        shaped.CopyFrom(body)  # whose attributes still refer to the function's
        del shaped.value_info[:], shaped.input[:], shaped.output[:]
        shaped.value_info.extend(inferred.value_info)
        shaped.input.extend(typed.input)
        shaped.output.extend(inferred.output)
        return shaped


def expanded_sizes(bodies: Mapping[FunctionKey, onnx.GraphProto]) -> dict[FunctionKey, int]:
    """Operations of each function with all its calls expanded.

    Functions that call themselves, and those that become too large or too deep, are left out. Callees come before their
    callers; nothing here follows a call, so that a chain of any length is safe.
    """
    # Which functions a body's nodes might call, by the nodes' names.
    called = {
        key: [called_key(node) for graph in nested_graphs(body) for node in graph.node] for key, body in bodies.items()
    }
    sorter = TopologicalSorter({key: {name for name in names if name in bodies} for key, names in called.items()})
    with suppress(CycleError):  # it still hands out the functions that depend on no cycle
        sorter.prepare()
    sizes: dict[FunctionKey, tuple[int, int]] = {}  # operations, depth
    while ready := sorter.get_ready():
        for key in ready:
            inner = [sizes[name] for name in called[key] if name in sizes]
            operations = len(called[key]) + sum(size for size, _ in inner)
            sizes[key] = operations, 1 + max((depth for _, depth in inner), default=0)
        sorter.done(*ready)
    return {key: size for key, (size, depth) in sizes.items() if size <= MOST_EXPANDED and depth < DEEPEST_NESTING}
