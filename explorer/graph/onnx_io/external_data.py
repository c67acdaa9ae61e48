"""Weights that an ONNX file keeps in files of their own: put into the model where these are given, by name only.

The location that a model names may point anywhere on the disk. It is never opened as a path: it is looked up among the
files that the caller gives, or among the regular files of the model's own folder.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx

from explorer.graph.onnx_io.skeleton_file import LARGEST_FILE, nested_graphs
from models.errors import N_, GraphError

OUTSIDE = N_(
    "The values of weight {name} lie outside the file, in {file}. Give that file together with the model, or export "
    "everything into one file: torch.onnx.export(…, external_data=False)."
)


def outside_error(tensor: onnx.TensorProto) -> GraphError:
    """Why the values of a tensor that lie in another file are not there."""
    return GraphError(OUTSIDE, name=repr(tensor.name), file=repr(_entries(tensor).get("location", "")))


def is_outside(tensor: onnx.TensorProto) -> bool:
    """Whether the tensor's values lie in another file."""
    return bool(tensor.data_location == onnx.TensorProto.EXTERNAL)


def tensors_of(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every initializer and every tensor of an attribute, in the graph, its bodies and the functions."""
    roots = [model.graph, *(onnx.GraphProto(node=function.node) for function in model.functions)]
    for graph in (nested for root in roots for nested in nested_graphs(root)):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        for node in graph.node:
            for attribute in node.attribute:
                yield from (attribute.t, *attribute.tensors)
                for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                    yield from (sparse.values, sparse.indices)


@dataclass(frozen=True)
class FilePart:
    """A file, or the bytes of one that lie within another. start, size: in bytes."""

    path: Path
    start: int
    size: int


def read_beside(model: onnx.ModelProto, folder: Path) -> bool:
    """``read_outside`` with the regular files of ``folder`` itself."""

    def in_folder(location: str) -> FilePart | None:
        path = folder / location
        inside = Path(location).name == location and path.is_file() and path.resolve().parent == folder.resolve()
        return FilePart(path, 0, path.stat().st_size) if inside else None

    return read_outside(model, in_folder)


def read_outside(model: onnx.ModelProto, files: Callable[[str], FilePart | None]) -> bool:
    """Put the values of weights that lie in other files into ``model``; whether there are any.

    files: the file for a location that the model names, None where it is not given. Raises GraphError for a place that
    the file does not have, and where everything together would be too large.
    """
    any_read, size = False, model.ByteSize()
    for graph in nested_graphs(model.graph):
        for tensor in graph.initializer:
            entries = _entries(tensor)
            part = files(entries.get("location", "")) if is_outside(tensor) else None
            if part is None:
                continue
            data = _values(part, entries, tensor)
            size += len(data)
            if size > LARGEST_FILE:
                raise GraphError(N_("The model is larger than 2 GB with its weights, more than is read."))
            tensor.raw_data = data
            tensor.data_location = onnx.TensorProto.DEFAULT
            del tensor.external_data[:]
            any_read = True
    return any_read


def _entries(tensor: onnx.TensorProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in tensor.external_data}


def _values(part: FilePart, entries: dict[str, str], tensor: onnx.TensorProto) -> bytes:
    """The bytes of one tensor. Raises GraphError where they are not all there."""
    try:
        offset = int(entries.get("offset", "0"))
        length = int(entries["length"]) if "length" in entries else part.size - offset
        if offset < 0 or not 0 <= length <= part.size - offset:
            raise ValueError
        with part.path.open("rb") as file:
            file.seek(part.start + offset)
            return file.read(length)
    except (OSError, ValueError):
        raise GraphError(
            N_("The file {file} does not hold the values of weight {name}."),
            file=repr(entries.get("location", "")),
            name=repr(tensor.name),
        ) from None
