"""ONNX files read and run in worker processes: a hostile one costs its reader one sentence, and nobody else anything.

The web process never parses or runs a stranger's file itself. Every function may be called from any thread, waits in
line where all workers are busy, and raises GraphError (or DataError for an input) with one sentence. ``name`` is the
file's name as its owner knows it, for the sentence and the graph; the path's own by default.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy.typing as npt

from explorer.chapters.digits.digit_picture import DigitPicture
from explorer.files import inputs, trace_cache, wire
from explorer.files.requests import Open, ReadDigit, ReadInput, ReadWeight, Ready, Request, Run, TraceRecord
from explorer.files.trace_cache import TraceFile
from explorer.graph.graph import Graph, TensorType
from explorer.workers.pool import Pool, RequestFailedError, TookTooLongError, WorkerDiedError
from models.errors import N_, DataError, GraphError

Array = npt.NDArray[Any]
WORKERS = 2
READING = 60.0  # seconds
RUNNING = 120.0
AN_INPUT = 20.0
_ENDING = 5.0  # seconds for a run to stop by itself before its worker is stopped

POOL = Pool("explorer.files.model_worker", WORKERS)


def open_graph(path: Path, name: str = "", *, seconds: float = READING) -> Graph:
    """The graph of an ONNX file."""
    with _told(name or Path(path).name, seconds):
        return wire.decoded(graph_bytes(path, name, seconds=seconds))


def graph_bytes(path: Path, name: str = "", *, seconds: float = READING) -> bytes:
    """The same as the worker sends it, for ``wire.decoded``."""
    with _told(name or Path(path).name, seconds):
        return _asked(Open(str(Path(path).resolve()), wire.text(name)), seconds)


def weight_of(path: Path, weight: str, name: str = "", *, seconds: float = READING) -> Array:
    """The value of the initializer or constant called ``weight``."""
    path = Path(path)
    with _told(name or path.name, seconds):
        return wire.from_npy(_asked(ReadWeight(str(path.resolve()), wire.text(weight), wire.text(name)), seconds))


def trace_file(
    path: Path, given: Mapping[str, Array] | None, folder: Path, name: str = "", *, seconds: float = RUNNING
) -> TraceFile:
    """Run the graph on ``given`` (None: generated inputs) and keep every node's value in ``folder``, a cache.

    The same file and inputs are run once, until the trace has gone to make room for others.
    """
    path, folder = Path(path), Path(folder)
    packed = None if given is None else wire.packed(given)
    with _told(name or path.name, seconds):
        trace_name = trace_cache.key(path, packed)
        cached = trace_cache.cached_trace(folder, trace_name)
        if cached is not None:
            return cached
        with trace_cache.new_trace(folder) as values:
            request = Run(str(path.resolve()), packed, seconds, target=str(values.resolve()), name=wire.text(name))
            record = msgspec.msgpack.decode(_asked(request, seconds + _ENDING), type=TraceRecord)
            return trace_cache.keep(values, record, folder, trace_name)


def node_times(
    path: Path, given: Mapping[str, Array] | None, name: str = "", *, seconds: float = RUNNING
) -> dict[str, float]:
    """Seconds that each node of the graph takes, by the node's id, for ``given`` (None: generated inputs)."""
    path = Path(path)
    packed = None if given is None else wire.packed(given)
    with _told(name or path.name, seconds):
        answer = _asked(Run(str(path.resolve()), packed, seconds, name=wire.text(name)), seconds + _ENDING)
        return msgspec.msgpack.decode(answer, type=dict[str, float])


def read_input(source: Path | bytes, kind: str, declared: tuple[TensorType, ...]) -> dict[str, Array]:
    """A person's .npy, .npz or picture as the inputs of a graph; see ``explorer/files/inputs.py`` for what is done.

    kind: the ending of the file's name. declared: ``declared_inputs(graph)``. Raises DataError.
    """
    content = source if isinstance(source, bytes) else _content(Path(source))
    return _read(ReadInput(content, kind, declared))


def read_digit(content: bytes, kind: str) -> DigitPicture:
    """A person's picture of a digit, step by step as MNIST's were made; see ``digit_picture.py``.

    kind: the ending of the file's name. Raises DataError.
    """
    return DigitPicture(**_read(ReadDigit(content, kind)))


def _read(request: Request) -> dict[str, Array]:
    """The arrays in a person's file; raises DataError."""
    try:
        return wire.unpacked(_asked(request, AN_INPUT, about=False))
    except TookTooLongError:
        raise DataError(N_("Reading this input took longer than {seconds} s."), seconds=f"{AN_INPUT:g}") from None
    except (WorkerDiedError, RequestFailedError, MemoryError, ValueError, msgspec.MsgspecError):
        raise DataError(N_("This input is damaged, or needs too much memory.")) from None


def declared_inputs(graph: Graph) -> tuple[TensorType, ...]:
    """The inputs that a person must give."""
    unknown = (TensorType(name, "?", None) for name in graph.inputs)
    return tuple(graph.tensors.get(each.name, each) for each in unknown)


def warm_up() -> None:
    """Start a worker and wait until it can read: the first file is then as quick as the next."""
    with contextlib.suppress(TookTooLongError, WorkerDiedError, RequestFailedError):
        _asked(Ready(), READING, about=False)


def _asked(request: Request, seconds: float, *, about: bool = True) -> bytes:
    """The worker's answer; a file goes to the worker that read it last, if that one is free."""
    return POOL.ask(msgspec.msgpack.encode(request), seconds, getattr(request, "path", "") if about else "")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > inputs.MOST_BYTES:
            most = inputs.MOST_BYTES >> 20
            raise DataError(N_("The file {file} is larger than {most} MB."), file=path.name, most=most)
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            N_("The file {file} cannot be read: {reason}."), file=path.name, reason=error.strerror or error
        ) from None


@contextlib.contextmanager
def _told(file: str, seconds: float) -> Iterator[None]:
    """Whatever goes wrong with ``file`` as a GraphError."""
    try:
        yield
    except TookTooLongError:
        raise GraphError(
            N_("The model in {file} took longer than {seconds} s and was stopped."), file=file, seconds=f"{seconds:g}"
        ) from None
    except WorkerDiedError:
        raise GraphError(
            N_("The model in {file} ended the process that read it: it needs too much memory, or is damaged."),
            file=file,
        ) from None
    except (RequestFailedError, ValueError, MemoryError) as error:  # msgspec's errors are ValueErrors
        raise GraphError(N_("The model in {file} cannot be read: {reason}."), file=file, reason=error) from None
    except OSError as error:
        raise GraphError(
            N_("The file {file} cannot be read: {reason}."), file=file, reason=error.strerror or error
        ) from None
