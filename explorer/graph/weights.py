"""The values of weights, read from the ONNX file only when somebody looks at them.

External data is never followed: such a file may point anywhere.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from models.errors import N_, GraphError

Array = npt.NDArray[np.generic]


def read_weight(path: Path, name: str) -> Array:
    """The value of the initializer or constant ``name`` of the ONNX file. Raises GraphError."""
    from explorer.graph.read import load_model

    found = _find(load_model(path).graph, name)
    if found is None:
        raise GraphError(N_("The file {file} has no weight {name}."), file=path.name, name=repr(name))
    return tensor_values(found)


def tensor_values(tensor: onnx.TensorProto) -> Array:
    """A TensorProto as an array. Raises GraphError where its data lie outside the file or are damaged."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise GraphError(
            N_("The values of weight {name} lie outside the file and are not read."), name=repr(tensor.name)
        )
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, MemoryError, KeyError) as error:
        raise GraphError(
            N_("The values of weight {name} are damaged: {reason}."), name=repr(tensor.name), reason=error
        ) from None


def _find(graph: onnx.GraphProto, name: str) -> onnx.TensorProto | None:
    for tensor in graph.initializer:
        if tensor.name == name:
            found: onnx.TensorProto = tensor
            return found
    for node in graph.node:
        if node.op_type == "Constant" and name in node.output:
            return constant_tensor(node)
        for attribute in node.attribute:
            for body in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])):
                inner = _find(body, name)
                if inner is not None:
                    return inner
    return None


def constant_tensor(node: onnx.NodeProto) -> onnx.TensorProto | None:
    """The value of a Constant node as a TensorProto; None where it is sparse or written in a way we do not know."""
    name = node.output[0] if node.output else ""
    for attribute in node.attribute:
        if attribute.name == "value":
            tensor = onnx.TensorProto()
            tensor.CopyFrom(attribute.t)
            tensor.name = name
            return tensor
        if attribute.name in ("value_float", "value_floats"):
            floats = np.asarray(onnx.helper.get_attribute_value(attribute), np.float32)
            return numpy_helper.from_array(floats, name)
        if attribute.name in ("value_int", "value_ints"):
            return numpy_helper.from_array(np.asarray(onnx.helper.get_attribute_value(attribute), np.int64), name)
        if attribute.name == "value_string":
            return _text(name, [], [attribute.s])
        if attribute.name == "value_strings":
            return _text(name, [len(attribute.strings)], list(attribute.strings))
    return None


def _text(name: str, shape: list[int], strings: list[bytes]) -> onnx.TensorProto:
    return onnx.TensorProto(name=name, data_type=onnx.TensorProto.STRING, dims=shape, string_data=strings)
