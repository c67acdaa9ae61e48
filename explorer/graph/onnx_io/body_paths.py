"""The bodies of an ONNX model's nodes, and the way to one of them: which graphs and calls lie around it.

A body's id is that of its node and its place among the node's bodies, ``n1.b0``: first the graphs that the node's
attributes hold, then the local function that it calls. A function that is no body is ``f`` and its place in the file.
Nothing is read from disk here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import onnx

from explorer.graph.onnx_io.skeleton_file import nested_graphs
from models.errors import N_, GraphError

FunctionKey = tuple[str, str, str]
"""Domain, name and overload, as a node calls a local function."""
_ID = re.compile(r"(?:(?:f\d{1,9}|n\d{1,9}\.b\d{1,9})(?:\.n\d{1,9}\.b\d{1,9})*)?")
REPEATING = frozenset({"Loop", "Scan", "SequenceMap"})
"""Operations that run their body several times."""
FUNCTION = "function"
"""The title of the body of a call; that of another body is the attribute that holds it."""


def attribute_bodies(node: onnx.NodeProto) -> Iterator[tuple[str, onnx.GraphProto]]:
    """The nested graphs of a node by attribute, ``name[0]`` … for a list of graphs."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.name, attribute.g
        yield from ((f"{attribute.name}[{index}]", body) for index, body in enumerate(attribute.graphs))


def plain_domain(domain: str) -> str:
    """The domain with ONNX's own as ''."""
    return "" if domain == "ai.onnx" else domain


def called_key(node: onnx.NodeProto) -> FunctionKey:
    """What the node calls, if it calls a local function."""
    return plain_domain(node.domain), node.op_type, node.overload


def function_places(model: onnx.ModelProto) -> dict[FunctionKey, int]:
    """Where in the file each local function stands; the first of several that are called alike."""
    places: dict[FunctionKey, int] = {}
    for place, function in enumerate(model.functions):
        places.setdefault((plain_domain(function.domain), function.name, function.overload), place)
    return places


def function_graph(function: onnx.FunctionProto, call: onnx.NodeProto | None = None) -> onnx.GraphProto:
    """The body of a local function as a graph without types.

    call: the node that calls it, whose attributes, or else the function's own values for them, take the place of
    references to them; without a call these stay.
    """
    graph = onnx.GraphProto(
        name=function.name,
        node=function.node,
        input=[onnx.ValueInfoProto(name=name) for name in function.input],
        output=[onnx.ValueInfoProto(name=name) for name in function.output],
        value_info=function.value_info,
    )
    if call is not None:
        given = {attribute.name: attribute for attribute in (*function.attribute_proto, *call.attribute)}
        for nested in nested_graphs(graph):
            for node in nested.node:
                _fill_attributes(node, given)
    return graph


def _fill_attributes(node: onnx.NodeProto, given: Mapping[str, onnx.AttributeProto]) -> None:
    """Replace references to the function's attributes by the call's values; remove those that the call leaves out."""
    for attribute in [attribute for attribute in node.attribute if attribute.ref_attr_name]:
        name, value = attribute.name, given.get(attribute.ref_attr_name)
        if value is None:
            node.attribute.remove(attribute)
        else:
            attribute.CopyFrom(value)
            attribute.name = name


@dataclass(frozen=True, eq=False)
class BodyStep:
    """One graph on the way to a body. id: its own. node: that holds or calls it, None for one that stands alone.

    title: the attribute of ``node`` that holds it, FUNCTION for a call. function: where it is the body of one; such a
    body sees nothing of the graphs around it.
    """

    id: str
    graph: onnx.GraphProto
    node: onnx.NodeProto | None = None
    title: str = ""
    function: onnx.FunctionProto | None = None

    @property
    def repeats(self) -> bool:
        """Whether its node may run it several times."""
        return self.node is not None and self.title != FUNCTION and self.node.op_type in REPEATING


def path_to(model: onnx.ModelProto, body: str) -> tuple[BodyStep, ...]:
    """The way from the main graph, or from a function that stands alone, to ``body``, both included.

    Raises GraphError where the model has no such body.
    """
    unknown = GraphError(N_("The graph has no body {body}."), body=repr(body))
    if not _ID.fullmatch(body):
        raise unknown
    functions = function_places(model)
    parts = body.split(".") if body else []
    steps = [BodyStep("", model.graph)]
    try:
        if parts and parts[0].startswith("f"):
            function = model.functions[int(parts.pop(0)[1:])]
            steps = [BodyStep(body.partition(".")[0], function_graph(function), function=function)]
        for node, place in zip(parts[::2], parts[1::2], strict=True):
            steps.append(_inner(model, steps[-1], node, int(place[1:]), functions))
    except IndexError:
        raise unknown from None
    return tuple(steps)


def _inner(
    model: onnx.ModelProto, step: BodyStep, node_part: str, place: int, functions: Mapping[FunctionKey, int]
) -> BodyStep:
    """Body number ``place`` of the node ``node_part``, such as ``n3``. Raises IndexError."""
    node = step.graph.node[int(node_part[1:])]
    inner_id = f"{step.id}.{node_part}.b{place}".lstrip(".")
    bodies = list(attribute_bodies(node))
    if place < len(bodies):
        title, graph = bodies[place]
        return BodyStep(inner_id, graph, node, title)
    function_place = functions.get(called_key(node))
    if function_place is None or place > len(bodies):
        raise IndexError(place)
    function = model.functions[function_place]
    return BodyStep(inner_id, function_graph(function, node), node, FUNCTION, function)
