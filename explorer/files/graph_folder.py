"""A folder of graphs that have been read: a file that was looked at once is there at once the next time.

A graph is kept as the worker's answer (``wire.py``), under a name made of the file, its owner's name for it, and our
own code that reads it: when any of these changes, it is read anew. The folder can be deleted at any time.
"""

import contextlib
import hashlib
import os
from functools import cache
from pathlib import Path
from uuid import uuid4

import msgspec

from explorer.files import wire
from explorer.files.model_files import graph_bytes
from explorer.graph.graph import Graph
from explorer.project import PROJECT
from explorer.storage import PARTIAL, Entry, make_room

FOLDER = "graphs"  # of the store
TOTAL = 2**30  # bytes
_CODE = PROJECT / "explorer" / "graph"


def kept_graph(store: Path, path: Path, name: str = "") -> Graph:
    """The graph of an ONNX file, as ``open_graph`` gives it, from the folder where it is kept. Raises GraphError."""
    folder = Path(store) / FOLDER
    place = folder / f"{_key(path, name)}.graph"
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        found = wire.decoded(place.read_bytes())
        os.utime(place)
        return found
    return wire.decoded(_read(folder, place, path, name))


def keep_graph(store: Path, path: Path, name: str = "") -> None:
    """Read an ONNX file for a ``kept_graph`` to come. Raises GraphError."""
    folder = Path(store) / FOLDER
    _read(folder, folder / f"{_key(path, name)}.graph", path, name)


def _read(folder: Path, place: Path, path: Path, name: str) -> bytes:
    data = graph_bytes(path, name)
    with contextlib.suppress(OSError):  # a full disk only means that it is read again
        _keep(folder, place, data)
    return data


def _keep(folder: Path, place: Path, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{PARTIAL}{uuid4().hex}"
    try:
        partial.write_bytes(data)
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)
    kept = ((path, path.stat()) for path in folder.glob("*.graph"))
    make_room(folder, [Entry(stat.st_mtime, stat.st_size, (path,)) for path, stat in kept], TOTAL, but=place)


def _key(path: Path, name: str) -> str:
    """Stays the same when the file is renamed within its disk: an upload is read before it has its place."""
    try:
        stat = Path(path).stat()
        state = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    except OSError:
        state = (0, 0, 0, 0)  # the reader will say that there is no such file
    text = f"{state}\0{name or Path(path).name}\0{_code()}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@cache
def _code() -> str:
    """A fingerprint of the code that reads graphs."""
    digest = hashlib.sha256()
    for path in sorted(_CODE.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
