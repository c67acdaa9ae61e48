"""The values of weights, read from the ONNX file on demand.

External data is never followed: its path may point anywhere.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from explorer.graph.graph import TensorKey
from explorer.graph.onnx_io.body_paths import path_to
from explorer.graph.onnx_io.external_data import is_outside, outside_error
from explorer.graph.onnx_io.skeleton_file import load_skeleton, stored_tensor
from models.errors import N_, GraphError

Array = npt.NDArray[np.generic]
LARGEST_DENSE = 2**26  # elements of a sparse weight with its zeros


def read_weight(path: Path, key: TensorKey) -> Array:
    """The value of an initializer or constant of the ONNX file, in the graph, body or function that defines it.

    Only this tensor is read. Raises GraphError.
    """
    path = Path(path)
    weight = _weights(path, *_file_version(path), key.body).get(key.name)
    if weight is None:
        raise GraphError(N_("The file {file} has no weight {name}."), file=path.name, name=repr(key.name))
    if isinstance(weight, onnx.SparseTensorProto):
        return _dense(path, weight)
    return tensor_values(stored_tensor(path, weight))


def _file_version(path: Path) -> tuple[int, int]:
    """Time of change and size, which tell versions of a file apart; opening a missing file raises the error later."""
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=4)
def _skeleton(path: Path, _time: int, _size: int) -> onnx.ModelProto:
    return load_skeleton(path)


@lru_cache(maxsize=16)
def _weights(path: Path, time: int, size: int, body: str) -> Mapping[str, onnx.TensorProto | onnx.SparseTensorProto]:
    """Initializers and constants of one graph or body by name, without the data of large ones."""
    graph = path_to(_skeleton(path, time, size), body)[-1].graph
    weights: dict[str, onnx.TensorProto | onnx.SparseTensorProto] = {}
    for node in graph.node:
        if node.op_type != "Constant" or len(node.output) != 1:
            continue
        value = constant_tensor(node)
        if value is not None:
            weights[value.name] = value
        weights.update(
            (node.output[0], entry.sparse_tensor) for entry in node.attribute if entry.name == "sparse_value"
        )
    weights.update((sparse.values.name, sparse) for sparse in graph.sparse_initializer)
    weights.update((tensor.name, tensor) for tensor in graph.initializer)
    return weights


def _dense(path: Path, sparse: onnx.SparseTensorProto) -> Array:
    """A sparse tensor as a dense array; its indices are (N,) into the flattened tensor or (N, rank)."""
    name, shape = sparse.values.name, tuple(sparse.dims)
    if min(shape, default=0) < 0 or prod(shape) > LARGEST_DENSE:
        raise GraphError(N_("Weight {name} has the impossible shape {shape}."), name=repr(name), shape=shape)
    values = tensor_values(stored_tensor(path, sparse.values))
    indices = tensor_values(stored_tensor(path, sparse.indices)).astype(np.int64)
    dense = np.zeros(shape, values.dtype)
    try:
        places = indices if indices.ndim == 1 else np.ravel_multi_index(tuple(indices.T), shape)
        dense.reshape(-1)[places] = values
    except (ValueError, IndexError) as error:
        raise GraphError(
            N_("The values of weight {name} are damaged: {reason}."), name=repr(name), reason=error
        ) from None
    return dense


def tensor_values(tensor: onnx.TensorProto) -> Array:
    """A TensorProto as an array. Raises GraphError where its data lie outside the file or are damaged."""
    if is_outside(tensor):
        raise outside_error(tensor)
    if min(tensor.dims, default=0) < 0:
        raise GraphError(
            N_("Weight {name} has the impossible shape {shape}."), name=repr(tensor.name), shape=tuple(tensor.dims)
        )
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, MemoryError, KeyError) as error:
        raise GraphError(
            N_("The values of weight {name} are damaged: {reason}."), name=repr(tensor.name), reason=error
        ) from None


def constant_tensor(node: onnx.NodeProto) -> onnx.TensorProto | None:
    """The value of a Constant node as a TensorProto.

    None where it is sparse, in an unknown attribute, or, inside a local function, an attribute of the function's call.
    """
    name = node.output[0] if node.output else ""
    for attribute in node.attribute:
        if attribute.ref_attr_name:
            return None
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
            return _string_tensor(name, [], [attribute.s])
        if attribute.name == "value_strings":
            return _string_tensor(name, [len(attribute.strings)], list(attribute.strings))
    return None


def _string_tensor(name: str, shape: list[int], strings: list[bytes]) -> onnx.TensorProto:
    return onnx.TensorProto(name=name, data_type=onnx.TensorProto.STRING, dims=shape, string_data=strings)
