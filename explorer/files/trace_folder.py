"""A folder of traces: which are there, which are complete, and which go when there are too many bytes of them.

A trace is an .npz of values and a .json of what is known about them, of the same name; it is there once its .json is.
Nothing is computed here.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import numpy.typing as npt

from explorer.files import wire
from explorer.files.requests import TraceRecord
from explorer.storage import PARTIAL, Entry, make_room
from explorer.trace.tensor_statistics import TensorStatistics
from models.errors import N_, GraphError

Array = npt.NDArray[Any]
CACHED_BYTES = 8 * 2**30


@dataclass(frozen=True)
class TraceFile:
    """A traced model whose values are on disk. generated: the inputs were made up. engine: what computed them."""

    path: Path  # of the .npz
    names: tuple[str, ...]
    statistics: Mapping[str, TensorStatistics]
    generated: bool
    engine: str

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def value(self, name: str) -> Array:
        """The value of the tensor ``name``, read now. Raises GraphError for an unknown one, or a trace that is gone."""
        if name not in self._places:
            raise GraphError(N_("Tensor {name} was not traced."), name=repr(name))
        try:
            return wire.read_member(self.path, self._places[name])
        except (OSError, ValueError):
            raise GraphError(
                N_("The value of tensor {name} is no longer there; run the graph again."), name=repr(name)
            ) from None


def key(path: Path, inputs: bytes | None) -> str:
    """The name of the trace of a file as it is now, for ``inputs``. Raises OSError where there is no file."""
    stat = path.stat()
    state = f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\0"
    digest = hashlib.sha256(state.encode("utf-8", "surrogateescape"))
    digest.update(b"" if inputs is None else b"given" + inputs)
    return digest.hexdigest()[:32]


def found(folder: Path, name: str) -> TraceFile | None:
    """The trace ``name``, marked as just used; None where it is not there or not whole."""
    record = folder / f"{name}.json"
    try:
        kept = msgspec.json.decode(record.read_bytes(), type=TraceRecord)
        os.utime(record)
    except (OSError, msgspec.MsgspecError):
        return None
    path = folder / f"{name}.npz"
    if not path.is_file() or len(kept.names) != len(kept.statistics):
        return None
    statistics = dict(zip(kept.names, kept.statistics, strict=True))
    return TraceFile(path, kept.names, statistics, kept.generated, kept.engine)


def place_for(folder: Path) -> Path:
    """A new name in ``folder`` for a trace that is not whole yet. Raises GraphError where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None
    return folder / f"{PARTIAL}{uuid4().hex}"


def keep(partial: Path, record: TraceRecord, folder: Path, name: str) -> TraceFile:
    """Give the values in ``partial``.npz their final name and remove the traces used longest ago. Raises GraphError."""
    values, half = partial.with_suffix(".npz"), partial.with_suffix(".json")
    try:
        half.write_bytes(msgspec.json.encode(record))
        values.replace(folder / f"{name}.npz")
        half.replace(folder / f"{name}.json")
    except OSError as error:
        raise unwritable(folder, error) from None
    forget(folder, but=name)
    kept = found(folder, name)
    if kept is None:
        raise GraphError(N_("The trace in {folder} is no longer there; run the graph again."), folder=folder.name)
    return kept


def unwritable(folder: Path, error: OSError) -> GraphError:
    """What to tell where ``folder`` takes no file."""
    return GraphError(
        N_("The folder {folder} cannot be written: {reason}."), folder=folder.name, reason=error.strerror or error
    )


def forget(folder: Path, *, but: str = "", most: int = CACHED_BYTES) -> None:
    """Remove the traces used longest ago until the others take at most ``most`` bytes; ``but`` stays."""
    make_room(folder, _entries(folder), most, but=folder / f"{but}.json")


def _entries(folder: Path) -> Iterator[Entry]:
    for values in folder.glob("*.npz"):
        record = values.with_suffix(".json")  # removed first: a trace without it is not there
        with contextlib.suppress(OSError):
            if not values.name.startswith(PARTIAL):
                used = (record if record.exists() else values).stat().st_mtime
                yield Entry(used, values.stat().st_size, (record, values))
