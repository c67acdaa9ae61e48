"""The skeleton of an ONNX file: everything but the bulky data of its tensors, and where in the file these data lie.

The file is mapped into memory and its protobuf wire format walked field by field, so that only the pages with the
structure are ever read. External data is never followed; nothing is inferred, evaluated or drawn here.
"""

import mmap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from models.errors import N_, GraphError

LARGEST_FILE = 2**31 - 1  # bytes; protobuf reads no more in one message
SMALL_TENSOR = 1024 + 256  # bytes of a whole tensor up to which its data are kept: they may be a shape
MOST_NODES = 300_000  # operations in one file, those of bodies and of expanded functions included
MOST_INITIALIZERS = 200_000  # weights in one file
DEEPEST_NESTING = 40  # bodies within bodies; protobuf itself stops at about 100 messages
NOT_ONNX = N_("The file {file} is not an ONNX file, or it is truncated.")

_STORED_AT = "toushi.left"  # metadata key of a tensor without its data: "start end" of its message in the file
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass
class _Message:
    """A type of message: which fields hold messages to be walked, by number, and which hold bulky data."""

    inner: dict[int, "_Message"] = field(default_factory=dict)
    bulky: frozenset[int] = frozenset()


# Field numbers of onnx.proto3. A function's and a graph's nodes, and an attribute's graphs, make it recursive.
_TENSOR = _Message(bulky=frozenset({4, 5, 6, 7, 9, 10, 11}))  # float, int32, string, int64, raw, double, uint64
_SPARSE = _Message({1: _TENSOR, 2: _TENSOR})
_GRAPH, _NODE = _Message(), _Message()
_ATTRIBUTE = _Message({5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE})
_NODE.inner = {5: _ATTRIBUTE}
_GRAPH.inner = {1: _NODE, 5: _TENSOR, 15: _SPARSE}
_MODEL = _Message({7: _GRAPH, 20: _Message({1: _GRAPH, 2: _GRAPH}), 25: _Message({7: _NODE, 11: _ATTRIBUTE})})


class _BrokenError(ValueError):
    """The bytes are no protobuf message."""


def load_model(path: Path) -> onnx.ModelProto:
    """The file as a ModelProto with all its weights, without external data. Raises GraphError."""
    path = Path(path)
    with _as_graph_errors(path), _mapped(path) as data:
        return _require_model(onnx.ModelProto.FromString(data[:]))


def model_in(path: Path, size: int) -> onnx.ModelProto:
    """The model in the first ``size`` bytes of a file. Raises GraphError."""
    path = Path(path)
    with _as_graph_errors(path), _mapped(path) as data:
        return _require_model(onnx.ModelProto.FromString(data[:size]))


def load_skeleton(path: Path) -> onnx.ModelProto:
    """The file as a ModelProto without the data of tensors larger than ``SMALL_TENSOR``. Raises GraphError.

    Such a tensor keeps its name, type and dimensions; ``stored_tensor`` reads its data from the file.
    """
    path = Path(path)
    with _as_graph_errors(path), _mapped(path) as data:
        model = _require_model(
            onnx.ModelProto.FromString(_SkeletonWriter(data, path.name).message(_MODEL, 0, len(data), 0))
        )
        _require_text(model)
    return model


def stored_at(tensor: onnx.TensorProto) -> tuple[int, int] | None:
    """Where in its file the message of a skeleton's tensor begins and ends; None for a tensor that is complete."""
    for entry in tensor.metadata_props:
        if entry.key == _STORED_AT:
            start, end = entry.value.split(" ")
            return int(start), int(end)
    return None


def stored_tensor(path: Path, tensor: onnx.TensorProto) -> onnx.TensorProto:
    """A tensor of a skeleton with its data, read from the file. Raises GraphError."""
    path = Path(path)
    span = stored_at(tensor)
    if span is None:
        return tensor
    with _as_graph_errors(path), _mapped(path) as data:
        whole: onnx.TensorProto = onnx.TensorProto.FromString(data[span[0] : span[1]])
    if (whole.dims, whole.data_type) != (tensor.dims, tensor.data_type):
        raise GraphError(NOT_ONNX, file=path.name)  # the file has been replaced meanwhile
    whole.name = tensor.name
    return whole


def nested_graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """The graph and every body in it; a loop, so that deep nesting cannot exhaust Python's stack."""
    stack = [graph]
    while stack:
        current = stack.pop()
        yield current
        for node in current.node:
            for attribute in node.attribute:
                stack.extend(attribute.graphs)
                if attribute.HasField("g"):
                    stack.append(attribute.g)


@contextmanager
def _as_graph_errors(path: Path) -> Iterator[None]:
    """Turns the errors of reading and parsing a file into GraphErrors."""
    try:
        yield
    except OSError as error:
        raise GraphError(N_("The file {file} cannot be read: {reason}."), file=path.name, reason=error) from None
    except (DecodeError, ValueError, IndexError, RecursionError, MemoryError):
        raise GraphError(NOT_ONNX, file=path.name) from None


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise GraphError(N_("The file {file} is larger than 2 GB, more than ONNX allows."), file=path.name)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _require_model(model: onnx.ModelProto) -> onnx.ModelProto:
    """Raise ValueError for a message without graph or version: protobuf parses many texts as an empty message."""
    if not model.HasField("graph") or not (model.opset_import or model.ir_version):
        raise _BrokenError
    return model


def _require_text(model: onnx.ModelProto) -> None:
    """Raise ValueError for a name that is not UTF-8: protobuf would give it as bytes."""
    for function in model.functions:
        bodies = onnx.GraphProto(node=function.node, value_info=function.value_info)
        _require_text_in(bodies, (function.name, function.domain, *function.input, *function.output))
    _require_text_in(model.graph, (entry.domain for entry in model.opset_import))


def _require_text_in(graph: onnx.GraphProto, more: Iterable[object]) -> None:
    texts: list[object] = [*more]
    # Slices of protobuf's lists are copied at once; item by item takes twice as long.
    for current in nested_graphs(graph):
        texts.append(current.name)
        texts += [tensor.name for tensor in current.initializer]
        texts += [sparse.values.name for sparse in current.sparse_initializer]
        for value in (*current.input, *current.output, *current.value_info):
            texts.append(value.name)
            texts += [dim.dim_param for dim in value.type.tensor_type.shape.dim]
        for node in current.node:
            texts += (node.op_type, node.name, node.domain, *node.input[:], *node.output[:])
            if node.attribute:
                texts += [attribute.name for attribute in node.attribute]
            if node.metadata_props:
                for entry in node.metadata_props:
                    texts += (entry.key, entry.value)
    if not set(map(type, texts)) <= {str}:
        raise _BrokenError


@dataclass
class _SkeletonWriter:
    """Copies the messages of a file without their bulky data. nodes, initializers: how many it has met so far."""

    data: mmap.mmap
    file: str
    nodes: int = 0
    initializers: int = 0

    def message(self, kind: _Message, start: int, end: int, depth: int) -> bytes:
        """The message ``data[start:end]`` without its bulky data; consecutive fields are copied in one piece."""
        if kind is _TENSOR:
            return self._tensor(start, end)
        if depth > DEEPEST_NESTING:
            raise GraphError(N_("The bodies of this graph are nested more than {depth} deep."), depth=DEEPEST_NESTING)
        data, copied = self.data, start
        pieces: list[bytes] = []
        for number, tag, at, after in _fields(data, start, end):
            inner = kind.inner.get(number)
            if inner is None:
                continue
            if kind is _GRAPH:
                self._count(number)
            if after - at <= SMALL_TENSOR:
                continue
            shorter = self.message(inner, at, after, depth + (inner is _GRAPH))
            if len(shorter) != after - at:
                pieces += (data[copied:tag], _varint_bytes(number << 3 | _BYTES), _varint_bytes(len(shorter)), shorter)
                copied = after
        return b"".join((*pieces, data[copied:end]))

    def _count(self, number: int) -> None:
        if number == 1:
            self.nodes += 1
        elif number == 5:
            self.initializers += 1
        if self.nodes > MOST_NODES:
            raise GraphError(N_("The file {file} has more than {most} operations."), file=self.file, most=MOST_NODES)
        if self.initializers > MOST_INITIALIZERS:
            raise GraphError(
                N_("The file {file} has more than {most} weights."), file=self.file, most=MOST_INITIALIZERS
            )

    def _tensor(self, start: int, end: int) -> bytes:
        kept = [(tag, after) for number, tag, _, after in _fields(self.data, start, end) if number not in _TENSOR.bulky]
        entry = _bytes_field(1, _STORED_AT.encode()) + _bytes_field(2, f"{start} {end}".encode())
        return b"".join((*(self.data[tag:after] for tag, after in kept), _bytes_field(16, entry)))


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Each field of a message: its number, the start of its tag, the start and the end of its value."""
    while at < end:
        tag_at = at
        tag = data[at]
        at += 1
        if tag >= 128:
            tag, at = _varint(data, tag_at)
        kind = tag & 7
        if kind == _BYTES:
            size = data[at]
            at += 1
            if size >= 128:
                size, at = _varint(data, at - 1)
            after = at + size
        elif kind == _VARINT:
            _, after = _varint(data, at)
        elif kind in (_FIXED64, _FIXED32):
            after = at + (8 if kind == _FIXED64 else 4)
        else:
            raise _BrokenError
        if after > end or tag < 8:
            raise _BrokenError
        yield tag >> 3, tag_at, at, after
        at = after


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    """The variable-length integer at ``at`` (seven bits a byte, lowest first), and the position after it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise _BrokenError


def _varint_bytes(value: int) -> bytes:
    parts = bytearray()
    while value >= 128:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _bytes_field(number: int, value: bytes) -> bytes:
    return _varint_bytes(number << 3 | _BYTES) + _varint_bytes(len(value)) + value
