"""An ONNX node as a ``Node``: weights with roles, attributes, scope and source line, category, parameters and cost."""

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
from explorer.graph.parameters import MICROSOFT_ROLES, elements, kind_of

_SCOPES = "pkg.torch.onnx.name_scopes"
_CLASSES = "pkg.torch.onnx.class_hierarchy"
_RULES, _FUSED = "pkg.onnxscript.rewriter.rule_name", "FuseBatchNormIntoConv"
_NO_MODULE = "_empty_nn_module_stack_from_metadata_hook"  # the exporter's name for an operation outside all modules
_STACK = "pkg.torch.onnx.stack_trace"
_FRAME = re.compile(r'File "(?P<path>[^"\n]+)", line (?P<line>\d+), in (?P<function>[^\n]*)\n(?P<code>[^\n]*)')
LARGEST_ATTRIBUTE = 64  # elements of a tensor attribute whose values are kept


def read_node(
    proto: onnx.NodeProto, node_id: str, folding: WeightFolding, tensors: dict[str, TensorType], opsets: dict[str, int]
) -> Node:
    """``proto`` as a ``Node`` without its bodies. tensors: the types of all tensors that it may read, by name."""
    domain, op_type, name = proto.domain, proto.op_type, proto.name
    inputs, outputs = tuple(proto.input[:]), tuple(proto.output[:])  # read once: protobuf makes a new object each time
    domain = "" if domain == "ai.onnx" else domain
    attributes: dict[str, Any] = {}
    if proto.attribute:
        attributes = {entry.name: _attribute(entry) for entry in proto.attribute if not _is_body(entry)}
    roles = _roles(op_type, domain, opsets.get(domain, opsets.get("ai.onnx", 1) if not domain else 1))
    metadata = {entry.key: entry.value for entry in proto.metadata_props} if proto.metadata_props else {}
    scope, classes = _modules(metadata, name)
    has_weights = folding.has_any(inputs)
    if scope and has_weights and len(inputs) > 1 and _FUSED in metadata.get(_RULES, ""):
        scope, classes = _of_convolution(scope, classes, folding.weight(inputs[1]))
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
        weights=_weights(op_type, inputs, roles, folding) if has_weights else (),
        params=_params(op_type, inputs, roles, folding, attributes) if has_weights else 0,
        flops=flops(
            op_type, [tensors.get(tensor) for tensor in inputs], [tensors.get(tensor) for tensor in outputs], attributes
        ),
        source=_source(metadata.get(_STACK, "")),
        folded=op_type == "Constant"
        and len(outputs) == 1
        and folding.folded(outputs[0]) is not None
        and folding.is_read(outputs[0]),
        classes=classes,
    )


def _is_body(attribute: onnx.AttributeProto) -> bool:
    return attribute.HasField("g") or len(attribute.graphs) > 0


def _weights(
    op_type: str, inputs: tuple[str, ...], roles: tuple[str, ...], folding: WeightFolding
) -> tuple[Weight, ...]:
    weights = [(index, folding.folded(name)) for index, name in enumerate(inputs) if name]
    return tuple(_in_role(weight, op_type, _role(roles, index)) for index, weight in weights if weight is not None)


def _in_role(weight: Weight, op_type: str, role: str) -> Weight:
    return replace(weight, role=role, kind=kind_of(op_type, role, weight.dtype, weight.shape))


def _role(roles: tuple[str, ...], index: int) -> str:
    """The role of an input; the last one is repeated for operations with any number of inputs."""
    return roles[min(index, len(roles) - 1)] if roles else str(index)


def _params(
    op_type: str, inputs: tuple[str, ...], roles: tuple[str, ...], folding: WeightFolding, attributes: dict[str, Any]
) -> int:
    """Numbers in the learned weights that this node reads; a shared weight counts for its first reader."""
    total = 0
    for index, name in enumerate(inputs):
        weight = folding.weight(name) if name else None
        if weight is None:
            continue
        role = _role(roles, index)
        if kind_of(op_type, role, weight.dtype, weight.shape) == "parameter" and folding.count(weight):
            total += elements(op_type, role, weight.shape, attributes)
    return total


@lru_cache(maxsize=512)
def _roles(op_type: str, domain: str, version: int) -> tuple[str, ...]:
    """The operation's names of its inputs, from ONNX's schema; empty for an unknown operation."""
    if domain == "com.microsoft" and op_type in MICROSOFT_ROLES:
        return MICROSOFT_ROLES[op_type]
    try:
        return tuple(entry.name for entry in onnx.defs.get_schema(op_type, version, domain).inputs)
    except (onnx.defs.SchemaError, TypeError):  # TypeError: a version beyond 32 bits
        return ()


def _modules(metadata: dict[str, str], name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The path of modules and their classes, from the exporter's metadata, else from the node's name."""
    scopes = _listed(metadata.get(_SCOPES, ""))[:-1]  # the last one is the operation itself
    if scopes:
        classes = _listed(metadata.get(_CLASSES, ""))[:-1]
        if len(classes) != len(scopes):
            return tuple(part for part, _ in _relative(scopes, scopes)), ()
        path = _relative(scopes, [name.rpartition(".")[2] for name in classes])
        return tuple(part for part, _ in path), tuple(class_name for _, class_name in path)
    separator = "/" if "/" in name.strip("/") else "." if "." in name.strip(".") else None
    if separator is None or len(name) > 4000:
        return (), ()
    return tuple(part for part in name.split(separator)[:-1] if part), ()


def _of_convolution(
    scope: tuple[str, ...], classes: tuple[str, ...], kernel: Weight | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The modules around a convolution that a batch normalisation was folded into.

    The exporter says those of the normalisation. The kernel bears the name of the convolution, where both are in the
    same module; elsewhere the exporter's answer stays.
    """
    if kernel is None:
        return scope, classes
    parent, _, module = kernel.name.rpartition(".")[0].rpartition(".")  # of "layer1.0.conv1.weight"
    if not module or parent != ".".join(scope).rpartition(".")[0]:
        return scope, classes
    before, dot, _ = scope[-1].rpartition(".")
    own_classes = (*classes[:-1], f"Conv{len(kernel.shape) - 2}d") if classes else ()
    return (*scope[:-1], before + dot + module), own_classes


def _listed(text: str) -> list[str]:
    """A list of strings that the exporter wrote as Python's ``repr``; empty for anything else."""
    if not text:
        return []
    try:
        entries = json.loads(text.replace("'", '"'))
    except (ValueError, RecursionError):
        return []
    return [str(entry) for entry in entries] if isinstance(entries, list) else []


def _relative(scopes: list[str], classes: list[str]) -> list[tuple[str, str]]:
    """Each scope without its parent's part, and its class; scopes that are no modules are left out.

    >>> _relative(["", "features", "features.0"], ["Net", "Sequential", "Conv2d"])
    [('features', 'Sequential'), ('0', 'Conv2d')]
    """
    path: list[tuple[str, str]] = []
    parent = ""
    for scope, class_name in zip(scopes, classes, strict=True):
        if scope and scope != _NO_MODULE:
            path.append((scope.removeprefix(parent + ".") if parent else scope, class_name))
            parent = scope
    return path


def _source(stack: str) -> SourceLine | None:
    """The innermost line of a stack trace outside libraries; if all are inside, the innermost of all."""
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
    """An attribute's value as JSON can hold it; a tensor as {dtype, shape} and, if it is small, {values}."""
    if attribute.ref_attr_name:
        return f"@{attribute.ref_attr_name}"  # an attribute of the function's call
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
    """The shortest decimal of a 32-bit float: 0.1 rather than 0.10000000149."""
    return float(str(np.float32(value)))


def _tensor_attribute(tensor: onnx.TensorProto) -> dict[str, Any]:
    shape = tuple(int(size) for size in tensor.dims)
    record: dict[str, Any] = {"dtype": dtype_name(tensor.data_type), "shape": shape}
    local = tensor.data_location != onnx.TensorProto.EXTERNAL
    if local and 0 <= prod(shape) <= LARGEST_ATTRIBUTE and min(shape, default=0) >= 0:
        try:
            record["values"] = _json_values(numpy_helper.to_array(tensor).tolist())
        except (ValueError, TypeError, KeyError):
            return record
    return record


def _json_values(value: Any) -> Any:
    if isinstance(value, list):
        return [_json_values(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, (bool, int, float, str)) else str(value)
