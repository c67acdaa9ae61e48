"""One ONNX node as ours: weights with roles, attributes, scope and source line, category, parameters and cost."""

import json
import re
from dataclasses import replace
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from explorer.graph.categories import category
from explorer.graph.cost import flops
from explorer.graph.graph import Node, SourceLine, TensorType, Weight
from explorer.graph.onnx_io.folded_weights import WeightFolding
from explorer.graph.onnx_io.tensor_types import dtype_name

_SCOPES = "pkg.torch.onnx.name_scopes"
_CLASSES = "pkg.torch.onnx.class_hierarchy"
_NO_MODULE = "_empty_nn_module_stack_from_metadata_hook"  # the exporter's word for an operation outside all
_STACK = "pkg.torch.onnx.stack_trace"
_FRAME = re.compile(r'File "(?P<path>[^"\n]+)", line (?P<line>\d+), in (?P<function>[^\n]*)\n(?P<code>[^\n]*)')
LARGEST_ATTRIBUTE = 64  # elements of a tensor attribute that are kept; the rest is read when somebody asks

# Inputs that are statistics of the data, or only asked for their shape: no learned weights.
_STATISTICS = {("BatchNormalization", "input_mean"), ("BatchNormalization", "input_var"), ("Shape", "data")}


def read_node(
    proto: onnx.NodeProto, node_id: str, folding: WeightFolding, tensors: dict[str, TensorType], opsets: dict[str, int]
) -> Node:
    """``proto`` without its bodies. tensors: every tensor that it can see."""
    domain, op_type, name = proto.domain, proto.op_type, proto.name
    inputs, outputs = tuple(proto.input[:]), tuple(proto.output[:])  # read once: each look makes a new object
    domain = "" if domain == "ai.onnx" else domain
    attributes: dict[str, Any] = {}
    if proto.attribute:
        attributes = {each.name: _attribute(each) for each in proto.attribute if not _is_body(each)}
    roles = _roles(op_type, domain, opsets.get(domain, opsets.get("ai.onnx", 1) if not domain else 1))
    notes = {entry.key: entry.value for entry in proto.metadata_props} if proto.metadata_props else {}
    scope, classes = _modules(notes, name)
    return Node(
        id=node_id,
        op_type=op_type,
        domain=domain,
        name=name,
        scope=scope,
        category=category(op_type) if domain in ("", "com.microsoft") else "other",
        inputs=inputs,
        outputs=outputs,
        attributes=attributes,
        weights=_weights(inputs, roles, folding),
        params=_params(op_type, inputs, roles, folding),
        flops=flops(
            op_type, [tensors.get(each) for each in inputs], [tensors.get(each) for each in outputs], attributes
        ),
        source=_source(notes.get(_STACK, "")),
        folded=op_type == "Constant"
        and len(outputs) == 1
        and folding.folded(outputs[0]) is not None
        and folding.uses[outputs[0]] > 0,
        classes=classes,
    )


def _is_learned(weight: Weight, op_type: str, role: str) -> bool:
    return "float" in weight.dtype and len(weight.shape) > 0 and (op_type, role) not in _STATISTICS


def _is_body(attribute: onnx.AttributeProto) -> bool:
    return attribute.HasField("g") or len(attribute.graphs) > 0


def _weights(inputs: tuple[str, ...], roles: tuple[str, ...], folding: WeightFolding) -> tuple[Weight, ...]:
    if folding.weights.keys().isdisjoint(inputs):
        return ()
    found = [(index, folding.folded(name)) for index, name in enumerate(inputs)]
    return tuple(replace(weight, role=_role(roles, index)) for index, weight in found if weight is not None)


def _role(roles: tuple[str, ...], index: int) -> str:
    """The last role of an operation with any number of inputs goes on for ever."""
    return roles[min(index, len(roles) - 1)] if roles else str(index)


def _params(op_type: str, inputs: tuple[str, ...], roles: tuple[str, ...], folding: WeightFolding) -> int:
    """Elements of the learned weights that this node reads; one that several nodes share counts for the first."""
    total = 0
    if folding.weights.keys().isdisjoint(inputs):
        return total
    for index, name in enumerate(inputs):
        weight = folding.weights.get(name)
        if weight is None or name in folding.counted or not _is_learned(weight, op_type, _role(roles, index)):
            continue
        folding.counted.add(name)
        total += prod(weight.shape)
    return total


@lru_cache(maxsize=512)
def _roles(op_type: str, domain: str, version: int) -> tuple[str, ...]:
    """The operation's own names for its inputs, from ONNX's schema; empty for an unknown operation."""
    try:
        return tuple(entry.name for entry in onnx.defs.get_schema(op_type, version, domain).inputs)
    except (onnx.defs.SchemaError, TypeError):  # TypeError: a version beyond 32 bits
        return ()


def _modules(notes: dict[str, str], name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The path of modules from the exporter's scopes and their classes, else from the prefixes of the node's name."""
    scopes = _listed(notes.get(_SCOPES, ""))[:-1]  # the last one is the operation itself
    if scopes:
        classes = _listed(notes.get(_CLASSES, ""))[:-1]
        known = len(classes) == len(scopes)
        return _relative(scopes, [each.rpartition(".")[2] for each in classes] if known else [""] * len(scopes), known)
    separator = "/" if "/" in name.strip("/") else "." if "." in name.strip(".") else None
    if separator is None or len(name) > 4000:
        return (), ()
    return tuple(part for part in name.split(separator)[:-1] if part), ()


def _listed(text: str) -> list[str]:
    """The exporter writes its lists as Python does; empty for anything else."""
    if not text:
        return []
    try:
        found = json.loads(text.replace("'", '"'))
    except (ValueError, RecursionError):
        return []
    return [str(part) for part in found] if isinstance(found, list) else []


def _relative(scopes: list[str], classes: list[str], known: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """``["", "features", "features.0"]`` → ``("features", "0")``: each scope without its parent's part."""
    parts: list[tuple[str, str]] = []
    parent = ""
    for scope, its_class in zip(scopes, classes, strict=True):
        if scope and scope != _NO_MODULE:
            parts.append((scope.removeprefix(parent + ".") if parent else scope, its_class))
            parent = scope
    return tuple(part for part, _ in parts), tuple(its_class for _, its_class in parts) if known else ()


def _source(stack: str) -> SourceLine | None:
    """The innermost line of a stack trace that is the author's own; within a library, the innermost of all."""
    if not stack:
        return None
    frames = [
        SourceLine(m["path"], int(m["line"]), m["code"].strip(), m["function"].strip())
        for m in _FRAME.finditer(stack[:20_000])
        if len(m["line"]) < 9
    ]
    own = [frame for frame in frames if not _in_library(frame.path)]
    return own[-1] if own else frames[-1] if frames else None


def _in_library(path: str) -> bool:
    return path.startswith(("torch/", "torchvision/")) or "site-packages/" in path


def _attribute(attribute: onnx.AttributeProto) -> Any:
    """A value that JSON can hold; tensors as a small record."""
    if attribute.ref_attr_name:
        return f"@{attribute.ref_attr_name}"  # what the call of the function around it gives
    kind = attribute.type
    if kind == onnx.AttributeProto.TENSOR:
        return _tensor_attribute(attribute.t)
    if kind == onnx.AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if kind == onnx.AttributeProto.STRINGS:
        return tuple(text.decode("utf-8", "replace") for text in attribute.strings)
    if kind in (onnx.AttributeProto.INT, onnx.AttributeProto.INTS):
        return int(attribute.i) if kind == onnx.AttributeProto.INT else tuple(int(i) for i in attribute.ints)
    if kind == onnx.AttributeProto.FLOAT:
        return _short_float(attribute.f)
    if kind == onnx.AttributeProto.FLOATS:
        return tuple(_short_float(f) for f in attribute.floats)
    return onnx.AttributeProto.AttributeType.Name(kind).lower()


def _short_float(value: float) -> float:
    """0.1 rather than 0.10000000149: the file holds 32 bits, and so many digits are known."""
    return float(str(np.float32(value)))


def _tensor_attribute(tensor: onnx.TensorProto) -> dict[str, Any]:
    shape = tuple(int(size) for size in tensor.dims)
    record: dict[str, Any] = {"dtype": dtype_name(tensor.data_type), "shape": shape}
    local = tensor.data_location != onnx.TensorProto.EXTERNAL
    if local and 0 <= prod(shape) <= LARGEST_ATTRIBUTE and min(shape, default=0) >= 0:
        try:
            record["values"] = _plain(numpy_helper.to_array(tensor).tolist())
        except (ValueError, TypeError, KeyError):
            return record
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, (bool, int, float, str)) else str(value)
