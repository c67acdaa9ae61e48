"""ONNX's tensor types as ``TensorType``: names of element types, dimensions, the tensors that a graph declares."""

import onnx

from explorer.graph.graph import Dimension, TensorType

DTYPES: dict[int, str] = {
    number: {"float": "float32", "double": "float64"}.get(name.lower(), name.lower()).replace("undefined", "?")
    for name, number in onnx.TensorProto.DataType.items()
}
_NUMBERS = {name: number for number, name in DTYPES.items()}


def declared_tensors(proto: onnx.GraphProto) -> dict[str, TensorType]:
    """Every tensor of a graph by name: weights, inputs, outputs and results of nodes, with types as far as known."""
    tensors: dict[str, TensorType] = {}
    for weight in proto.initializer:
        tensors[weight.name] = TensorType(weight.name, dtype_name(weight.data_type), tuple(weight.dims))
    for sparse in proto.sparse_initializer:
        name = sparse.values.name
        tensors[name] = TensorType(name, dtype_name(sparse.values.data_type), tuple(sparse.dims))
    parsed: dict[bytes, TensorType] = {}  # by serialised type: few of a graph's types differ, and parsing takes long
    for value in (*proto.value_info, *proto.input, *proto.output):
        name, kind = value.name, value.type
        if name and (name not in tensors or kind.WhichOneof("value")):
            serialized = kind.SerializeToString()
            tensor = parsed.get(serialized)
            if tensor is None:
                tensor = parsed[serialized] = tensor_type(value)
            tensors[name] = TensorType(name, tensor.dtype, tensor.shape)
    for node in proto.node:
        for output in node.output[:]:
            if output and output not in tensors:
                tensors[output] = TensorType(output, "?", None)
    return tensors


def tensor_type(value: onnx.ValueInfoProto) -> TensorType:
    """A declared or inferred type; sequences, maps and optionals have their kind as dtype and no shape."""
    kind = value.type.WhichOneof("value")
    if kind == "tensor_type" or kind == "sparse_tensor_type":
        tensor = getattr(value.type, kind)
        shape = tuple([_dimension(d) for d in tensor.shape.dim]) if tensor.HasField("shape") else None
        return TensorType(value.name, dtype_name(tensor.elem_type), shape)
    return TensorType(value.name, (kind or "?").removesuffix("_type"), None)


def declared_value(name: str, tensor: TensorType) -> onnx.ValueInfoProto:
    """ONNX's declaration of a tensor under the name ``name``; without a type where it is not known."""
    value = onnx.ValueInfoProto(name=name)
    number = _NUMBERS.get(tensor.dtype, 0)
    if not number:
        return value
    value.type.tensor_type.elem_type = number
    if tensor.shape is not None:
        shape = value.type.tensor_type.shape
        shape.SetInParent()
        for size in tensor.shape:
            entry = shape.dim.add()
            if isinstance(size, int):
                entry.dim_value = size
            elif size is not None:
                entry.dim_param = size
    return value


def _dimension(dim: onnx.TensorShapeProto.Dimension) -> Dimension:
    if dim.HasField("dim_value"):
        return int(dim.dim_value) if dim.dim_value >= 0 else None  # some exporters write -1 for an unknown size
    # Shape inference invents names such as unk__3 for unknown sizes.
    return dim.dim_param if dim.dim_param and not dim.dim_param.startswith("unk__") else None


def dtype_name(number: int) -> str:
    """numpy's name of ONNX's element type, ``?`` for an unknown number.

    >>> dtype_name(onnx.TensorProto.FLOAT)
    'float32'
    """
    return DTYPES.get(number, "?")
