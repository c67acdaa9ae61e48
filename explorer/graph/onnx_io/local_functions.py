"""A file's local functions as graphs of the nodes that call them, with shapes as far as a call's inputs tell them.

A function that calls itself, or that grows beyond all bounds when its calls are opened, has no graph: its calls are
drawn as plain nodes.
"""

from collections.abc import Iterator, Mapping

import onnx

from explorer.graph.graph import TensorType
from explorer.graph.onnx_io.folded_weights import WeightFolding
from explorer.graph.onnx_io.skeleton_file import DEEPEST_NESTING, nested_graphs
from explorer.graph.onnx_io.tensor_types import declared_value

MOST_EXPANDED = 20_000  # operations shown inside calls, in one graph
MOST_INFERRED = 200  # different calls whose inner shapes are inferred

Key = tuple[str, str, str]
"""Domain, name and overload, as a node calls a function."""


class LocalFunctions:
    """The local functions of ``model``. left: how many more operations may be shown inside calls."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._functions: dict[Key, onnx.FunctionProto] = {}
        for function in model.functions:
            self._functions.setdefault((_domain(function.domain), function.name, function.overload), function)
        self._bodies = {key: _as_graph(function) for key, function in self._functions.items()}
        self._sizes = _sizes(self._bodies)
        self._foldings: dict[Key, WeightFolding] = {}
        self._inferred: dict[tuple[object, ...], onnx.GraphProto] = {}
        self._shown: set[Key] = set()
        self.left = MOST_EXPANDED

    @property
    def bounded(self) -> bool:
        """Whether all functions can be opened, so that ONNX's own shape inference will come to an end."""
        return len(self._sizes) == len(self._functions)

    def called(self, node: onnx.NodeProto) -> Key | None:
        """The function that ``node`` calls and that may still be opened; its size is taken off what is ``left``."""
        if not self._sizes:
            return None
        key = (_domain(node.domain), node.op_type, node.overload)
        size = self._sizes.get(key)
        if size is None or size > self.left:
            return None
        self.left -= len(self._bodies[key].node)
        self._shown.add(key)
        return key

    def hidden(self) -> list[Key]:
        """Functions that no call shows."""
        return [key for key in self._functions if key not in self._shown]

    def opsets(self, key: Key) -> dict[str, int]:
        """The versions of the operations that a function uses, by domain."""
        return {entry.domain: entry.version for entry in self._functions[key].opset_import}

    def folding(self, key: Key) -> WeightFolding:
        """The constants of a function; the same for all its calls, so that its parameters count once."""
        if key not in self._foldings:
            self._foldings[key] = WeightFolding.of(self._bodies[key])
        return self._foldings[key]

    def body(self, key: Key) -> onnx.GraphProto:
        """A function as a graph without shapes."""
        return self._bodies[key]

    def body_of_call(self, key: Key, node: onnx.NodeProto, known: Mapping[str, TensorType]) -> onnx.GraphProto:
        """A function as a graph with the shapes that follow from the inputs of ``node``. known: tensors by name."""
        types = tuple((known[name].dtype, known[name].shape) if name in known else None for name in node.input)
        same = (key, types, tuple(attribute.SerializeToString() for attribute in node.attribute))
        if same not in self._inferred:
            if not self.bounded or len(self._inferred) >= MOST_INFERRED:
                return self._bodies[key]
            self._inferred[same] = self._with_shapes(key, node, known)
        return self._inferred[same]

    def _with_shapes(self, key: Key, node: onnx.NodeProto, known: Mapping[str, TensorType]) -> onnx.GraphProto:
        body, function = self._bodies[key], self._functions[key]
        typed = onnx.GraphProto()
        typed.CopyFrom(body)
        for value, name in zip(typed.input, node.input, strict=False):
            if name in known:
                value.CopyFrom(declared_value(value.name, known[name]))
        given = {attribute.name: attribute for attribute in (*function.attribute_proto, *node.attribute)}
        for each in nested_graphs(typed):
            for inner in each.node:
                _fill_attributes(inner, given)
        model = onnx.ModelProto(
            ir_version=10, graph=typed, opset_import=function.opset_import, functions=self._functions.values()
        )
        try:
            found = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
        except Exception:  # a C++ library; whatever it dislikes, the function still draws
            return body
        shaped = onnx.GraphProto()
        shaped.CopyFrom(body)  # attributes stay references, as the file has them
        del shaped.value_info[:], shaped.input[:], shaped.output[:]
        shaped.value_info.extend(found.value_info)
        shaped.input.extend(typed.input)
        shaped.output.extend(found.output)
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


def _calls(body: onnx.GraphProto) -> Iterator[Key]:
    """What each node of a body might call."""
    for each in nested_graphs(body):
        for node in each.node:
            yield _domain(node.domain), node.op_type, node.overload


def _sizes(bodies: Mapping[Key, onnx.GraphProto]) -> dict[Key, int]:
    """Operations of each function with all its calls opened; recursive, too large and too deep ones are left out.

    Functions whose callees are known are settled first, round after round: nothing here follows a call.
    """
    calls = {key: list(_calls(body)) for key, body in bodies.items()}
    waits = {key: {name for name in names if name in bodies} for key, names in calls.items()}
    callers: dict[Key, list[Key]] = {key: [] for key in bodies}
    for key, names in waits.items():
        for name in names:
            callers[name].append(key)
    ready = [key for key, names in waits.items() if not names]
    found: dict[Key, tuple[int, int]] = {}  # operations, depth
    while ready:
        key = ready.pop()
        inner = [found[name] for name in calls[key] if name in found]
        found[key] = len(calls[key]) + sum(size for size, _ in inner), 1 + max((depth for _, depth in inner), default=0)
        for caller in callers[key]:
            waits[caller].discard(key)
            if not waits[caller]:
                ready.append(caller)
    return {key: size for key, (size, depth) in found.items() if size <= MOST_EXPANDED and depth < DEEPEST_NESTING}


def _fill_attributes(node: onnx.NodeProto, given: Mapping[str, onnx.AttributeProto]) -> None:
    """Attributes that refer to one of the function's get what the call gives, or go."""
    references = [attribute for attribute in node.attribute if attribute.ref_attr_name]
    for attribute in references:
        name, value = attribute.name, given.get(attribute.ref_attr_name)
        if value is None:
            node.attribute.remove(attribute)
        else:
            attribute.CopyFrom(value)
            attribute.name = name
