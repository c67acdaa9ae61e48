"""What is done with strangers' model files in a worker process; ``model_files.py`` calls it.

``path`` is the file's, ``name`` its name as its owner knows it, "" for the path's own. External data is never
followed. The process keeps the model that it ran last ready to run again. onnx and onnxruntime are imported where they
are used: the web process imports this file, too, and needs neither.
"""

import contextlib
import gc
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.files import wire
from explorer.files.trace_cache import TraceRecord
from explorer.graph.graph import TensorKey
from explorer.trace.tensor_statistics import TensorStatistics, tensor_statistics
from explorer.workers.arrays import Array, storable
from explorer.workers.file_readers import LIMITS
from explorer.workers.limits import memory_limit
from models.errors import N_, GraphError, UserError

if TYPE_CHECKING:
    from explorer.trace.onnx_trace import Tracer

LARGEST_KEPT = 512 * 2**20  # bytes of the file of a model that is kept for its next run
TOO_LARGE = N_("The model in {file} needs more memory than the {limit} GB that it may use.")

_tracers: dict[str, "Tracer"] = {}  # at most one


def prepare() -> None:
    """Import what reading needs."""
    import explorer.graph.onnx_io.read  # noqa: F401


def read_graph(path: str, name: str) -> bytes:
    """The graph of an ONNX file, for ``wire.decoded``."""
    from explorer.graph.onnx_io.read import read_onnx

    gc.disable()  # of a million small objects none is garbage before the answer is sent
    try:
        with _owner_errors(path, name):
            graph = read_onnx(Path(path))
            return wire.encoded(replace(graph, name=Path(name).stem) if name else graph)
    finally:
        gc.enable()


def join_parts(path: str, name: str, parts: tuple[tuple[str, int], ...], target: str) -> None:
    """Write a model with the weights of files given beside it to ``target``.

    path: a file that holds the model's bytes and then those of each other file. parts: name and bytes of each in order,
    the model's first.
    """
    from explorer.graph.onnx_io.export import save_model
    from explorer.graph.onnx_io.external_data import FilePart, read_outside
    from explorer.graph.onnx_io.skeleton_file import model_in

    starts = list(accumulate((size for _, size in parts), initial=0))
    given = {
        part_name: FilePart(Path(path), start, size)
        for (part_name, size), start in zip(parts[1:], starts[1:], strict=False)
    }
    with _owner_errors(path, name):
        model = model_in(Path(path), parts[0][1])
        read_outside(model, given.get)
        save_model(model, Path(target))


def read_weight(path: str, name: str, body: str, weight: str) -> Array:
    """The initializer or constant called ``weight`` in the graph or body with the id ``body``."""
    from explorer.graph.onnx_io import weights

    with _owner_errors(path, name):
        return weights.read_weight(Path(path), TensorKey(body, weight))


def trace(path: str, name: str, inputs: bytes | None, seconds: float, target: str) -> TraceRecord:
    """Run the model and write every node's value to the .npz file ``target``.

    inputs: as ``wire.packed`` wrote them, None to generate them. seconds: of the run, which then ends by itself.
    """
    with _owner_errors(path, name):
        traced = _tracer(Path(path)).trace(None if inputs is None else wire.unpacked(inputs), seconds=seconds)
        _write(path, target, traced.values)
        return _record(traced.values, traced.generated, traced.engine, {})


def trace_body(
    path: str, name: str, body: str, chosen: dict[str, int], inputs: bytes | None, seconds: float, target: str
) -> TraceRecord:
    """The same for the values inside a body. body, chosen: as for ``explorer/trace/bodies/body_trace.py``."""
    from explorer.trace.bodies import body_trace

    with _owner_errors(path, name):
        given = None if inputs is None else wire.unpacked(inputs)
        traced = body_trace.trace_body(_tracer(Path(path)), body, given, chosen=chosen, seconds=seconds)
        _write(path, target, traced.values)
        return _record(traced.values, traced.generated, traced.engine, dict(traced.iterations))


def _write(path: str, target: str, values: Mapping[str, Array]) -> None:
    try:
        wire.write_members(target, values)
    except OSError as error:
        raise GraphError(
            N_("The values of {file} cannot be kept: {reason}."), file=Path(path).name, reason=error
        ) from None


def _record(
    values: Mapping[str, Array], generated: bool, engine: str, iterations: dict[str, tuple[int, int]]
) -> TraceRecord:
    return TraceRecord(
        tuple(wire.text(name) for name in values),
        tuple(_statistics(value) for value in values.values()),
        generated,
        engine,
        iterations,
    )


def node_times(path: str, name: str, inputs: bytes | None, seconds: float) -> dict[str, float]:
    """Seconds that each node takes, by the node's id. inputs, seconds: as for ``trace``."""
    from explorer.trace.node_times import node_seconds

    with _owner_errors(path, name):
        return node_seconds(_tracer(Path(path)), None if inputs is None else wire.unpacked(inputs), seconds=seconds)


@contextlib.contextmanager
def _owner_errors(path: str, name: str) -> Iterator[None]:
    """Errors name the file as its owner does, and a file that needs too much memory is a user's error, too."""
    own = Path(path).name
    try:
        yield
    except MemoryError:
        _tracers.clear()
        limit = memory_limit(LIMITS.memory) / 2**30
        raise GraphError(TOO_LARGE, file=name or own, limit=f"{limit:.1f}") from None
    except UserError as error:
        if name and error.values.get("file") == own:
            raise type(error)(error.template, **(error.values | {"file": name})) from None
        raise


def _tracer(path: Path) -> "Tracer":
    """The model in ``path``; kept, where it is not too large, until another model is run."""
    from explorer.trace.onnx_trace import Tracer

    stat = path.stat()
    key = f"{path} {stat.st_size} {stat.st_mtime_ns}"
    if key not in _tracers:
        _tracers.clear()
        tracer = Tracer(path)
        if stat.st_size > LARGEST_KEPT:
            return tracer
        _tracers[key] = tracer
    return _tracers[key]


def _statistics(value: Array) -> TensorStatistics:
    """Of the numbers as they are stored, under the type that the tensor has in the graph."""
    return replace(tensor_statistics(storable(value)), dtype=str(value.dtype))
