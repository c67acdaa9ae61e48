"""A file's local functions as bodies of the nodes that call them, with shapes as far as a call's inputs determine them.

A function that calls itself, or that becomes too large when its calls are expanded, has no body: its calls are drawn as
plain nodes.
"""

from collections.abc import Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

import onnx

from explorer.graph.graph import TensorType
from explorer.graph.onnx_io.folded_weights import WeightFolding
from explorer.graph.onnx_io.shape_inference import inferred_shapes
from explorer.graph.onnx_io.skeleton_file import DEEPEST_NESTING, nested_graphs
from explorer.graph.onnx_io.tensor_types import declared_value

MOST_EXPANDED = 20_000  # operations inside calls, in one graph
MOST_INFERRED = 200  # different calls whose inner shapes are inferred

Key = tuple[str, str, str]
"""Domain, name and overload, as a node calls a function."""


class LocalFunctions:
    """The local functions of ``model``. left: how many more operations the bodies of calls may have."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._functions: dict[Key, onnx.FunctionProto] = {}
        for function in model.functions:
            self._functions.setdefault((_domain(function.domain), function.name, function.overload), function)
        self._bodies = {key: _as_graph(function) for key, function in self._functions.items()}
        self._sizes = expanded_sizes(self._bodies)
        self._foldings: dict[Key, WeightFolding] = {}
        self._inferred: dict[tuple[object, ...], onnx.GraphProto] = {}
        self._called: set[Key] = set()
        self.left = MOST_EXPANDED

    @property
    def bounded(self) -> bool:
        """Whether all functions can be expanded, so that ONNX's own shape inference terminates."""
        return len(self._sizes) == len(self._functions)

    def called(self, node: onnx.NodeProto) -> Key | None:
        """The function that ``node`` calls, if it may still be expanded; its size is subtracted from ``left``."""
        if not self._sizes:
            return None
        key = (_domain(node.domain), node.op_type, node.overload)
        size = self._sizes.get(key)
        if size is None or size > self.left:
            return None
        self.left -= len(self._bodies[key].node)
        self._called.add(key)
        return key

    def uncalled(self) -> list[Key]:
        """Functions that are the body of no call."""
        return [key for key in self._functions if key not in self._called]

    def opsets(self, key: Key) -> dict[str, int]:
        """The versions of the operations that a function uses, by domain."""
        return {entry.domain: entry.version for entry in self._functions[key].opset_import}

    def folding(self, key: Key) -> WeightFolding:
        """The constants of a function; the same object for all its calls, so that its parameters count once."""
        if key not in self._foldings:
            self._foldings[key] = WeightFolding.of(self._bodies[key])
        return self._foldings[key]

    def body(self, key: Key) -> onnx.GraphProto:
        """A function as a graph without shapes."""
        return self._bodies[key]

    def body_of_call(self, key: Key, node: onnx.NodeProto, known: Mapping[str, TensorType]) -> onnx.GraphProto:
        """A function as a graph with the shapes that follow from the inputs of ``node``. known: types by name."""
        types = tuple((known[name].dtype, known[name].shape) if name in known else None for name in node.input)
        cache_key = (key, types, tuple(attribute.SerializeToString() for attribute in node.attribute))
        if cache_key not in self._inferred:
            if not self.bounded or len(self._inferred) >= MOST_INFERRED:
                return self._bodies[key]
            self._inferred[cache_key] = self._with_shapes(key, node, known)
        return self._inferred[cache_key]

    def _with_shapes(self, key: Key, node: onnx.NodeProto, known: Mapping[str, TensorType]) -> onnx.GraphProto:
        body, function = self._bodies[key], self._functions[key]
        typed = onnx.GraphProto()
        typed.CopyFrom(body)
        for value, name in zip(typed.input, node.input, strict=False):
            if name in known:
                value.CopyFrom(declared_value(value.name, known[name]))
        given = {attribute.name: attribute for attribute in (*function.attribute_proto, *node.attribute)}
        for graph in nested_graphs(typed):
            for inner in graph.node:
                _fill_attributes(inner, given)
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


def _domain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def _as_graph(function: onnx.FunctionProto) -> onnx.GraphProto:
    return onnx.GraphProto(
        name=function.name,
        node=function.node,
        input=[onnx.ValueInfoProto(name=name) for name in function.input],
        output=[onnx.ValueInfoProto(name=name) for name in function.output],
        value_info=function.value_info,
    )


def expanded_sizes(bodies: Mapping[Key, onnx.GraphProto]) -> dict[Key, int]:
    """Operations of each function with all its calls expanded.

    Functions that call themselves, and those that become too large or too deep, are left out. Callees come before their
    callers; nothing here follows a call, so that a chain of any length is safe.
    """
    # Which functions a body's nodes might call, by the nodes' names.
    called = {
        key: [
            (_domain(node.domain), node.op_type, node.overload) for graph in nested_graphs(body) for node in graph.node
        ]
        for key, body in bodies.items()
    }
    sorter = TopologicalSorter({key: {name for name in names if name in bodies} for key, names in called.items()})
    with suppress(CycleError):  # it still hands out the functions that depend on no cycle
        sorter.prepare()
    sizes: dict[Key, tuple[int, int]] = {}  # operations, depth
    while ready := sorter.get_ready():
        for key in ready:
            inner = [sizes[name] for name in called[key] if name in sizes]
            operations = len(called[key]) + sum(size for size, _ in inner)
            sizes[key] = operations, 1 + max((depth for _, depth in inner), default=0)
        sorter.done(*ready)
    return {key: size for key, (size, depth) in sizes.items() if size <= MOST_EXPANDED and depth < DEEPEST_NESTING}


def _fill_attributes(node: onnx.NodeProto, given: Mapping[str, onnx.AttributeProto]) -> None:
    """Replace references to the function's attributes by the call's values; remove those that the call leaves out."""
    references = [attribute for attribute in node.attribute if attribute.ref_attr_name]
    for attribute in references:
        name, value = attribute.name, given.get(attribute.ref_attr_name)
        if value is None:
            node.attribute.remove(attribute)
        else:
            attribute.CopyFrom(value)
            attribute.name = name
