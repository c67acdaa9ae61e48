"""Bodies whose tensors are called like those of the graphs around them, renamed so that every engine can run them.

ONNX looks a name up in the innermost graph first. onnxruntime refuses a model in which a body hides a name of the
graphs around it, and ONNX's reference evaluator may take the wrong tensor; with names of its own both run it as meant.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

import onnx

from explorer.graph.onnx_io.body_paths import attribute_bodies
from explorer.graph.onnx_io.folded_weights import defined_names
from explorer.graph.onnx_io.skeleton_file import nested_graphs


def hides_names(model: onnx.ModelProto) -> bool:
    """Whether some body has a tensor that is called like one of the graphs around it."""
    return any(_hides(graph, frozenset()) for graph in _roots(model))


def with_own_names(model: onnx.ModelProto) -> None:
    """Rename the tensors inside bodies that are called like one of the graphs around them. Changes ``model``."""
    taken = {name for root in _roots(model) for graph in nested_graphs(root) for name in defined_names(graph)}
    fresh = (name for name in (f"inner·{number}" for number in count()) if name not in taken)
    _rename(model.graph, {}, frozenset(), fresh)
    for function in model.functions:
        own = {*function.input, *(name for node in function.node for name in node.output)}
        _rename_in_nodes(function.node, {}, frozenset(own), fresh)


def _roots(model: onnx.ModelProto) -> Iterator[onnx.GraphProto]:
    """The main graph, and each function with bodies as one."""
    yield model.graph
    for function in model.functions:
        if any(True for node in function.node for _ in attribute_bodies(node)):
            yield onnx.GraphProto(node=function.node, input=[onnx.ValueInfoProto(name=name) for name in function.input])


def _hides(graph: onnx.GraphProto, around: frozenset[str]) -> bool:
    bodies = [body for node in graph.node for _, body in attribute_bodies(node)]
    if not bodies and not around:
        return False
    own = defined_names(graph)
    return bool(own & around) or any(_hides(body, around | own) for body in bodies)


def _rename(graph: onnx.GraphProto, names: Mapping[str, str], around: frozenset[str], fresh: Iterator[str]) -> None:
    """names: what the tensors around are called now, of those that have been renamed. around: what they were called."""
    own = defined_names(graph)
    inner = {name: new for name, new in names.items() if name not in own}
    inner |= {name: next(fresh) for name in sorted(own & around)}
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = inner.get(value.name, value.name)
    for sparse in graph.sparse_initializer:
        sparse.values.name = inner.get(sparse.values.name, sparse.values.name)
    _rename_in_nodes(graph.node, inner, around | own, fresh)


def _rename_in_nodes(
    nodes: Iterable[onnx.NodeProto], names: Mapping[str, str], around: frozenset[str], fresh: Iterator[str]
) -> None:
    for node in nodes:
        if names:
            for places in (node.input, node.output):
                for place, name in enumerate(places):
                    if name in names:
                        places[place] = names[name]
        for _, body in attribute_bodies(node):
            _rename(body, names, around, fresh)
