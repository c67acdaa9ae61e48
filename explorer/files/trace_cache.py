"""The cache of traces, on disk: which exist, which are complete, and their eviction.

A trace is an .npz of values and a .json of what is known about them, of the same name; it exists once its .json does.
Nothing is computed here.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from explorer.files import wire
from explorer.storage import EvictingFolder, partial_path, write_atomically
from explorer.trace.tensor_statistics import TensorStatistics
from explorer.workers.arrays import Array
from models.errors import N_, GraphError

LARGEST_TOTAL = 8 * 2**30  # bytes of all traces in one folder


class TraceRecord(msgspec.Struct, frozen=True):
    """The .json beside a trace's .npz: names in the order of its members, each tensor's statistics likewise.

    iterations: as in ``BodyTrace``; empty for the main graph.
    """

    names: tuple[str, ...]
    statistics: tuple[TensorStatistics, ...]
    generated: bool
    engine: str
    iterations: dict[str, tuple[int, int]] = {}


@dataclass(frozen=True)
class TraceFile:
    """A traced model, or body of one, whose values are on disk.

    generated: the inputs were made up. engine: what computed the values. iterations: as in ``BodyTrace``.
    """

    path: Path  # of the .npz
    names: tuple[str, ...]
    statistics: Mapping[str, TensorStatistics]
    generated: bool
    engine: str
    iterations: Mapping[str, tuple[int, int]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def value(self, name: str) -> Array:
        """The value of the tensor ``name``, read now. Raises GraphError for an unknown name or an evicted trace."""
        if name not in self._places:
            raise GraphError(N_("Tensor {name} was not traced."), name=repr(name))
        try:
            return wire.read_member(self.path, self._places[name])
        except (OSError, ValueError):
            raise GraphError(
                N_("The value of tensor {name} is no longer there; run the graph again."), name=repr(name)
            ) from None


def key(path: Path, inputs: bytes | None, place: str = "") -> str:
    """The name of the trace of a file as it is now, for ``inputs``. Raises OSError where there is no file.

    place: of what the values are, where not of the main graph.
    """
    stat = path.stat()
    state = f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\0{place}"
    digest = hashlib.sha256(state.encode("utf-8", "surrogateescape"))
    digest.update(b"" if inputs is None else b"given" + inputs)
    return digest.hexdigest()[:32]


def cached_trace(folder: Path, name: str) -> TraceFile | None:
    """The trace ``name``, marked as just used; None where it does not exist or is damaged."""
    cache = _cache(folder)
    try:
        record = msgspec.json.decode(cache.record(name).read_bytes(), type=TraceRecord)
    except (OSError, msgspec.MsgspecError):
        return None
    path = cache.file(name)
    if not path.is_file() or len(record.names) != len(record.statistics):
        return None
    cache.mark_used(name)
    statistics = dict(zip(record.names, record.statistics, strict=True))
    return TraceFile(path, record.names, statistics, record.generated, record.engine, record.iterations)


@contextlib.contextmanager
def new_trace(folder: Path) -> Iterator[Path]:
    """A path in ``folder`` for the values of a new trace, removed at the end unless ``keep`` has taken it.

    Raises GraphError where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None
    with partial_path(folder) as partial:
        yield partial


def keep(values: Path, record: TraceRecord, folder: Path, name: str) -> TraceFile:
    """Give the values their final name and evict the least recently used traces. Raises GraphError."""
    cache = _cache(folder)
    try:
        values.replace(cache.file(name))
        write_atomically(cache.record(name), msgspec.json.encode(record))  # last: with it, the trace exists
    except OSError as error:
        raise _unwritable(folder, error) from None
    cache.evict(in_use=name)
    trace = cached_trace(folder, name)
    if trace is None:
        raise GraphError(N_("The trace in {folder} is no longer there; run the graph again."), folder=folder.name)
    return trace


def _cache(folder: Path) -> EvictingFolder:
    return EvictingFolder(folder, LARGEST_TOTAL, ".npz", ".json")


def _unwritable(folder: Path, error: OSError) -> GraphError:
    return GraphError(N_("The folder {folder} cannot be written: {reason}."), folder=folder.name, reason=error)
