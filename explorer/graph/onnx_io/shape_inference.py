"""Missing shapes of an ONNX model, inferred by the onnx package. Nothing is evaluated or read here."""

from collections.abc import Iterator

import onnx
from onnx import TensorProto, numpy_helper

from explorer.graph.onnx_io.skeleton_file import nested_graphs

MOST_PROPAGATED = 1_000_000  # elements of a vector whose values onnx may take for a shape
FEW = 64  # elements of a constant that may be a shape
WHOLE_NUMBERS = (TensorProto.INT64, TensorProto.INT32)


def inferred_shapes(model: onnx.ModelProto) -> onnx.ModelProto | None:
    """The model with the shapes that follow from what it declares; None where onnx fails, whatever the reason.

    Shapes that are computed by the graph itself follow, too, unless a vector is too long: onnx keeps a number for each
    element of what it might take for a shape, so that 2^36 of them would fill the memory.
    """
    for data_prop in (True, False) if _vectors_are_short(model) else (False,):
        try:
            return onnx.shape_inference.infer_shapes(model, data_prop=data_prop)
        except Exception:  # noqa: S112 - a C++ library with many kinds of errors
            continue
    return None


def _vectors_are_short(model: onnx.ModelProto) -> bool:
    """Whether no vector has more than ``MOST_PROPAGATED`` elements, as far as that is known without propagation."""
    if _has_large_numbers(model.graph) and not _infers_short_vectors(model):
        return False
    for function in model.functions:  # what is inside a call has no place in the model's own shapes
        body = onnx.GraphProto(name=function.name, node=function.node)
        if _has_large_numbers(body):
            alone = onnx.ModelProto(ir_version=model.ir_version, graph=body, opset_import=function.opset_import)
            alone.functions.extend(model.functions)
            if not _infers_short_vectors(alone):
                return False
    return True


def _has_large_numbers(graph: onnx.GraphProto) -> bool:
    """Whether a long vector is possible at all; most graphs need no second inference to know that it is not."""
    return any(abs(number) > MOST_PROPAGATED for nested in nested_graphs(graph) for number in _numbers(nested))


def _infers_short_vectors(model: onnx.ModelProto) -> bool:
    try:
        graphs = nested_graphs(onnx.shape_inference.infer_shapes(model, data_prop=False).graph)
    except Exception:  # a C++ library with many kinds of errors
        return False
    return all(length <= MOST_PROPAGATED for graph in graphs for length in _vector_lengths(graph))


def _numbers(graph: onnx.GraphProto) -> Iterator[int]:
    """Declared dimensions, and constants that may become some."""
    for value in (*graph.input, *graph.output, *graph.value_info):
        yield from (dim.dim_value for dim in value.type.tensor_type.shape.dim)
    for weight in graph.initializer:
        yield from weight.dims
        yield from _elements(weight)
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.i
            yield from attribute.ints
            if attribute.HasField("t"):
                yield from _elements(attribute.t)


def _elements(tensor: onnx.TensorProto) -> Iterator[int]:
    """The values of a small tensor of whole numbers; none where they are elsewhere or were left out."""
    if tensor.data_type not in WHOLE_NUMBERS or len(tensor.dims) > 1 or any(size > FEW for size in tensor.dims):
        return
    if tensor.raw_data or tensor.int64_data or tensor.int32_data:
        try:
            yield from numpy_helper.to_array(tensor).reshape(-1).tolist()
        except ValueError:  # fewer bytes than its shape says
            return


def _vector_lengths(graph: onnx.GraphProto) -> Iterator[int]:
    for value in (*graph.input, *graph.output, *graph.value_info):
        if len(value.type.tensor_type.shape.dim) == 1:
            yield value.type.tensor_type.shape.dim[0].dim_value
    yield from (weight.dims[0] for weight in graph.initializer if len(weight.dims) == 1)
