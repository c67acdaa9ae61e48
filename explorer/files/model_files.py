"""ONNX files read and run in worker processes: a hostile file gives its reader an error and harms nobody else.

The web process never parses or runs a stranger's file itself. Every function may be called from any thread, waits in
line where all workers are busy, and raises GraphError (or DataError for an input) with one sentence. ``name`` is the
file's name as its owner knows it, for the sentence and the graph; the path's own by default.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from explorer.files import inputs, model_worker, trace_cache, wire
from explorer.files.trace_cache import TraceFile
from explorer.graph.graph import Graph, TensorKey, TensorType
from explorer.workers.arrays import Array
from explorer.workers.file_readers import FILE_READERS, read_input_file
from explorer.workers.messages import CallFailedError, TookTooLongError, WorkerDiedError, WorkerError
from explorer.workers.pool import PoolCaller
from models.errors import N_, DataError, GraphError

READING_SECONDS = 60.0
RUNNING_SECONDS = 120.0
ENDING_SECONDS = 5.0  # for a run to stop by itself before its worker is stopped


def open_graph(path: Path, name: str = "", *, seconds: float = READING_SECONDS) -> Graph:
    """The graph of an ONNX file."""
    with _graph_errors(name or Path(path).name, seconds):
        return wire.decoded(graph_bytes(path, name, seconds=seconds))


def graph_bytes(path: Path, name: str = "", *, seconds: float = READING_SECONDS) -> bytes:
    """The same as the worker sends it, for ``wire.decoded``."""
    with _graph_errors(name or Path(path).name, seconds):
        return _worker(path, seconds).call(model_worker.read_graph, _absolute(path), wire.text(name))


def join_parts(
    path: Path, name: str, parts: tuple[tuple[str, int], ...], target: Path, *, seconds: float = READING_SECONDS
) -> None:
    """Write a model with the weights of files given beside it to ``target``; see ``model_worker.join_parts``."""
    with _graph_errors(name or Path(path).name, seconds):
        named = tuple((wire.text(each), size) for each, size in parts)
        _worker(path, seconds).call(model_worker.join_parts, _absolute(path), wire.text(name), named, _absolute(target))


def weight_of(path: Path, weight: TensorKey, name: str = "", *, seconds: float = READING_SECONDS) -> Array:
    """The value of an initializer or constant."""
    with _graph_errors(name or Path(path).name, seconds):
        caller = _worker(path, seconds)
        key = weight.body, wire.text(weight.name)
        return caller.call(model_worker.read_weight, _absolute(path), wire.text(name), *key)


def trace_file(
    path: Path,
    given: Mapping[str, Array] | None,
    folder: Path,
    name: str = "",
    *,
    body: str = "",
    chosen: Mapping[str, int] | None = None,
    seconds: float = RUNNING_SECONDS,
) -> TraceFile:
    """Run the graph on ``given`` (None: generated inputs) and keep every node's value in ``folder``, a cache.

    body, chosen: the id of the body whose values to keep instead, and the iterations of it and of those around it, as
    for ``explorer/trace/bodies/body_trace.py``. The same file and inputs are run once, until their trace is evicted.
    """
    path, folder = Path(path), Path(folder)
    packed = None if given is None else wire.packed(given)
    file, iterations = (_absolute(path), wire.text(name)), dict(sorted((chosen or {}).items()))
    with _graph_errors(name or path.name, seconds):
        trace_name = trace_cache.key(path, packed, f"{body} {iterations}" if body else "")
        cached = trace_cache.cached_trace(folder, trace_name)
        if cached is not None:
            return cached
        with trace_cache.new_trace(folder) as values:
            caller, target = _worker(path, seconds + ENDING_SECONDS), _absolute(values)
            if body:
                record = caller.call(model_worker.trace_body, *file, body, iterations, packed, seconds, target)
            else:
                record = caller.call(model_worker.trace, *file, packed, seconds, target)
            return trace_cache.keep(values, record, folder, trace_name)


def node_times(
    path: Path, given: Mapping[str, Array] | None, name: str = "", *, seconds: float = RUNNING_SECONDS
) -> dict[str, float]:
    """Seconds that each node of the graph takes, by the node's id, for ``given`` (None: generated inputs)."""
    packed = None if given is None else wire.packed(given)
    with _graph_errors(name or Path(path).name, seconds):
        caller = _worker(path, seconds + ENDING_SECONDS)
        return caller.call(model_worker.node_times, _absolute(path), wire.text(name), packed, seconds)


def read_input(source: Path | bytes, kind: str, declared: tuple[TensorType, ...]) -> dict[str, Array]:
    """A person's .npy, .npz or picture as the inputs of a graph; see ``explorer/files/inputs.py`` for what is done.

    kind: the ending of the file's name. declared: ``declared_inputs(graph)``. Raises DataError.
    """
    content = source if isinstance(source, bytes) else _content(Path(source))
    return read_input_file(inputs.read_input, content, kind, declared)


def declared_inputs(graph: Graph) -> tuple[TensorType, ...]:
    """The inputs that a person must give."""
    unknown = (TensorType(name, "?", None) for name in graph.inputs)
    return tuple(graph.tensors.get(each.name, each) for each in unknown)


def warm_up() -> None:
    """Start a worker and wait until it can read: the first file is then as quick as the next."""
    with contextlib.suppress(WorkerError, OSError):
        FILE_READERS.call(model_worker.prepare)


def _worker(path: Path, seconds: float) -> PoolCaller:
    """A worker for a file: the one that read it last, if that one is free."""
    return FILE_READERS.within(seconds, affinity=_absolute(path))


def _absolute(path: Path) -> str:
    return str(Path(path).resolve())


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > inputs.MOST_BYTES:
            most = inputs.MOST_BYTES >> 20
            raise DataError(N_("The file {file} is larger than {most} MB."), file=path.name, most=most)
        return path.read_bytes()
    except OSError as error:
        raise DataError(N_("The file {file} cannot be read: {reason}."), file=path.name, reason=error) from None


@contextlib.contextmanager
def _graph_errors(file: str, seconds: float) -> Iterator[None]:
    """Turns whatever goes wrong with ``file`` into a GraphError."""
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
    except (CallFailedError, ValueError, MemoryError) as error:  # msgspec's errors are ValueErrors
        raise GraphError(N_("The model in {file} cannot be read: {reason}."), file=file, reason=error) from None
    except OSError as error:
        raise GraphError(N_("The file {file} cannot be read: {reason}."), file=file, reason=error) from None
