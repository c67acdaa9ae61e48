"""The cache of graphs that have been read, on disk: a file that was opened once is shown at once the next time.

An entry is the worker's answer (``wire.py``). Its key is made of the file, its owner's name for it, and the source code
that reads it: when any of these changes, the file is read again. The folder can be deleted at any time.
"""

import contextlib
import hashlib
from functools import cache
from pathlib import Path

import msgspec

from explorer.files import wire
from explorer.files.model_files import graph_bytes
from explorer.graph.graph import Graph
from explorer.project import PROJECT
from explorer.storage import EvictingFolder, write_atomically

FOLDER = "graphs"  # of the store
LARGEST_TOTAL = 2**30  # bytes
_CODE = PROJECT / "explorer" / "graph"


def cached_graph(store: Path, path: Path, name: str = "") -> Graph:
    """The graph of an ONNX file, as ``open_graph`` returns it, from the cache if it is there. Raises GraphError."""
    folder, key = _folder(store), _key(path, name)
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        graph = wire.decoded(folder.file(key).read_bytes())
        folder.mark_used(key)
        return graph
    return wire.decoded(_read(folder, key, path, name))


def cache_graph(store: Path, path: Path, name: str = "") -> None:
    """Read an ONNX file, so that the next ``cached_graph`` finds it in the cache. Raises GraphError."""
    _read(_folder(store), _key(path, name), path, name)


def _folder(store: Path) -> EvictingFolder:
    return EvictingFolder(Path(store) / FOLDER, LARGEST_TOTAL, ".graph")


def _read(folder: EvictingFolder, key: str, path: Path, name: str) -> bytes:
    data = graph_bytes(path, name)
    with contextlib.suppress(OSError):  # where the disk is full, the file is read again the next time
        folder.path.mkdir(parents=True, exist_ok=True)
        write_atomically(folder.file(key), data)
        folder.evict(in_use=key)
    return data


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
