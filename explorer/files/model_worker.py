"""The process in which strangers' model files are read and run, with limits on time, memory and file size.

Started by ``explorer/files/model_files.py`` as ``python -m explorer.files.model_worker``; ``requests.py`` says what it
can be asked. External data is never followed. It keeps the model that it ran last ready to run again.
"""

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from explorer.chapters.digits.digit_picture import read_digit
from explorer.files import wire
from explorer.files.inputs import read_input
from explorer.files.requests import Open, ReadDigit, ReadInput, ReadWeight, Ready, Request, Run, TraceRecord
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.weights import read_weight
from explorer.trace.tensor_statistics import TensorStatistics, tensor_statistics
from explorer.workers.pool import memory_limit, serve
from models.errors import N_, GraphError, UserError

if TYPE_CHECKING:
    from explorer.trace.onnx_trace import Tracer

MEMORY = 6 * 2**30  # bytes of address space, or three quarters of the machine's memory
LARGEST_FILE = 5 * 2**30  # bytes of one file that this process may write; a trace is refused beyond 4 GiB
LARGEST_KEPT = 512 * 2**20  # bytes of the file of a model that waits for its next run
STACK = 64 * 2**20  # graphs may be nested

TOO_LARGE = N_("The model in {file} needs more memory than the {limit} GB that it may use.")

_kept: dict[str, "Tracer"] = {}


def answered(request: bytes) -> bytes:
    """The answer to one of ``requests.Request``. Raises UserError with the file's name as its owner knows it."""
    asked: Any = msgspec.msgpack.decode(request, type=Request)
    file = getattr(asked, "name", "") or Path(getattr(asked, "path", "")).name
    try:
        return _ANSWERS[type(asked)](asked)
    except MemoryError:
        _kept.clear()
        if not file:
            raise
        raise GraphError(TOO_LARGE, file=file, limit=f"{memory_limit(MEMORY) / 2**30:.1f}") from None
    except UserError as error:
        if error.values.get("file") == Path(getattr(asked, "path", "")).name:
            raise type(error)(error.template, **(error.values | {"file": file})) from None
        raise


def _open(asked: Open) -> bytes:
    gc.disable()  # of a million small objects none is garbage before the answer is out
    try:
        graph = read_onnx(Path(asked.path))
        return wire.encoded(replace(graph, name=Path(asked.name).stem) if asked.name else graph)
    finally:
        gc.enable()


def _weight(asked: ReadWeight) -> bytes:
    return wire.npy(read_weight(Path(asked.path), asked.weight))


def _run(asked: Run) -> bytes:
    inputs = None if asked.inputs is None else wire.unpacked(asked.inputs)
    tracer = _opened(Path(asked.path))
    if not asked.target:
        return _times(tracer, inputs, asked.seconds)
    traced = tracer.trace(inputs, seconds=asked.seconds)
    try:
        names = wire.write_members(asked.target, traced.values)
    except OSError as error:
        raise GraphError(
            N_("The values of {file} cannot be kept: {reason}."),
            file=Path(asked.path).name,
            reason=error.strerror or error,
        ) from None
    record = TraceRecord(
        tuple(wire.text(name) for name in names),
        tuple(_statistics(value) for value in traced.values.values()),
        traced.generated,
        traced.engine,
    )
    return wire.message(record)


def _times(tracer: "Tracer", inputs: dict[str, wire.Array] | None, seconds: float) -> bytes:
    from explorer.trace.node_times import node_seconds

    return wire.message(node_seconds(tracer, inputs, seconds=seconds))


def _opened(path: Path) -> "Tracer":
    """The model in ``path``; kept, where it is not too large, until another one is run."""
    from explorer.trace.onnx_trace import Tracer  # imports onnxruntime, which reading does without

    stat = path.stat()
    key = f"{path} {stat.st_size} {stat.st_mtime_ns}"
    if key not in _kept:
        _kept.clear()
        tracer = Tracer(path)
        if stat.st_size > LARGEST_KEPT:
            return tracer
        _kept[key] = tracer
    return _kept[key]


def _statistics(value: wire.Array) -> TensorStatistics:
    """Of the numbers as they are stored, under the type that the tensor has in the graph."""
    return replace(tensor_statistics(wire.storable(value)), dtype=str(value.dtype))


def _input(asked: ReadInput) -> bytes:
    return wire.packed(read_input(asked.content, asked.kind, asked.declared))


def _digit(asked: ReadDigit) -> bytes:
    return wire.packed(vars(read_digit(asked.content, asked.kind)))


def _ready(asked: Ready) -> bytes:
    return b""


_ANSWERS: dict[type, Callable[[Any], bytes]] = {
    Open: _open,
    ReadWeight: _weight,
    Run: _run,
    ReadInput: _input,
    ReadDigit: _digit,
    Ready: _ready,
}

if __name__ == "__main__":
    serve(answered, memory=memory_limit(MEMORY), stack=STACK, largest_file=LARGEST_FILE)
