"""Uploaded model files: kept by their content, under an id that a link can hold, until they are evicted.

``<store>/uploads/<sha256>.onnx`` is the file, ``<sha256>.json`` its name as its owner knows it; the time of change of
the latter is that of the last use. Only a file that a worker process could read is kept; nothing is parsed here.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from explorer.files.graph_cache import cache_graph
from explorer.files.model_files import join_parts
from explorer.storage import EvictingFolder, partial_path, write_atomically
from models.errors import N_, GraphError

LARGEST = 2**31 - 1  # bytes of one file, ONNX's own limit
PIECE = 2**20  # bytes that are copied at once
LARGEST_TOTAL = 8 * 2**30  # bytes of all

_ID = re.compile(r"file-([0-9a-f]{16})")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Upload:
    """A kept file. id: for a link; name: as its owner knows it; size: in bytes; used: last time, Unix seconds."""

    id: str
    name: str
    path: Path
    size: int
    used: float


class UploadStream:
    """A file that is uploaded piece by piece. A context: what is not kept at its end is removed.

    largest: bytes of one file; total: of all. parts: name and bytes of the model and of each file with weights of it,
    which follow in this order; empty for a model alone. Raises GraphError for what is too large, cannot be read as a
    model, or cannot be written.
    """

    def __init__(
        self,
        store: Path,
        name: str,
        *,
        largest: int = LARGEST,
        total: int = LARGEST_TOTAL,
        parts: tuple[tuple[str, int], ...] = (),
    ) -> None:
        self.store, self.folder, self.parts = store, _folder(store, total), parts
        self.name = Path(name.replace("\\", "/")).name or "model.onnx"
        self.most, self.size = min(largest, total), 0
        self._digest = hashlib.sha256()
        self._partial: Path | None = None
        self._file: BinaryIO | None = None
        self._cleanup = contextlib.ExitStack()
        # Hashing takes as long as writing and reading together: it is done in a thread beside them.
        self._hasher = self._cleanup.enter_context(ThreadPoolExecutor(1))
        self._hashed: Future[None] | None = None

    def __enter__(self) -> "UploadStream":
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def write(self, piece: bytes) -> None:
        """The next bytes of the file; nothing is written of a piece that makes it too large."""
        self.size += len(piece)
        if self.size > self.most:
            sentence = N_("The file {file} is larger than {most} MB, the most that can be uploaded.")
            raise GraphError(sentence, file=self.name, most=self.most >> 20)
        with _storage_errors():
            self._opened()[1].write(piece)
        self._hashed = self._hasher.submit(self._digest.update, piece)

    def keep(self) -> Upload:
        """Read the complete file once in a worker process, and keep it."""
        with _storage_errors():
            partial, file = self._opened()
            file.close()
            if len(self.parts) > 1:
                return self._keep_joined(partial)
            cache_graph(self.store, partial, self.name)
            if self._hashed is not None:
                self._hashed.result()
            digest = self._digest.hexdigest()
            path = self.folder.file(digest)
            if not path.is_file():  # else it stays: others may be looking at it
                partial.replace(path)
            write_atomically(self.folder.record(digest), json.dumps({"name": self.name}))
        self.folder.evict(in_use=digest)
        return _upload(path)

    def _keep_joined(self, partial: Path) -> Upload:
        """Keep the model with the weights of the files that came with it, as one file."""
        if sum(size for _, size in self.parts) != self.size or any(size < 0 for _, size in self.parts):
            raise GraphError(N_("The upload was cut off."))
        with partial_path(self.folder.path) as whole:
            join_parts(partial, self.name, self.parts, whole)
            with UploadStream(self.store, self.name, largest=self.most) as stream, whole.open("rb") as file:
                while piece := file.read(PIECE):
                    stream.write(piece)
                return stream.keep()

    def _opened(self) -> tuple[Path, BinaryIO]:
        """The temporary file, opened at the first call."""
        if self._partial is None or self._file is None:
            self.folder.path.mkdir(parents=True, exist_ok=True)
            self._partial = self._cleanup.enter_context(partial_path(self.folder.path))
            self._file = self._cleanup.enter_context(self._partial.open("wb", buffering=0))
        return self._partial, self._file


@contextlib.contextmanager
def _storage_errors() -> Iterator[None]:
    """Turns an OSError into a GraphError."""
    try:
        yield
    except OSError as error:
        raise GraphError(N_("The upload cannot be stored: {reason}."), reason=error) from None


def keep_upload(
    store: Path, content: bytes, name: str, *, largest: int = LARGEST, total: int = LARGEST_TOTAL
) -> Upload:
    """Write ``content`` into the store and read it once in a worker process.

    The same content is kept once, under the name given last. The least recently used uploads are evicted when all take
    more than ``total`` bytes. Raises GraphError as ``UploadStream`` does.
    """
    with UploadStream(store, name, largest=largest, total=total) as stream:
        stream.write(content)
        return stream.keep()


def uploads(store: Path) -> tuple[Upload, ...]:
    """What is kept, the most recently used first."""
    kept = []
    for path in _folder(store).path.glob("*.onnx"):
        if _DIGEST.fullmatch(path.stem):
            with contextlib.suppress(OSError):  # another session has just removed it
                kept.append(_upload(path))
    return tuple(sorted(kept, key=lambda upload: (-upload.used, upload.id)))


def upload_named(store: Path, upload_id: str) -> Upload:
    """The upload with this id, marked as used now. Raises GraphError where it is not kept (any more)."""
    folder, match = _folder(store), _ID.fullmatch(upload_id)
    for path in sorted(folder.path.glob(f"{match[1]}*.onnx")) if match else ():
        if _DIGEST.fullmatch(path.stem):
            folder.mark_used(path.stem)
            with contextlib.suppress(OSError):
                return _upload(path)
    raise GraphError(N_("There is no uploaded file {id}; upload it again."), id=repr(upload_id))


def _folder(store: Path, limit: int = LARGEST_TOTAL) -> EvictingFolder:
    return EvictingFolder(Path(store) / "uploads", limit, ".onnx", ".json")


def _upload(path: Path) -> Upload:
    """Raises OSError where the file does not exist; where the record is missing or damaged, only the name is lost."""
    stat, name, used = path.stat(), "", path.stat().st_mtime
    record = path.with_suffix(".json")
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        used = record.stat().st_mtime
        name = str(json.loads(record.read_text(encoding="utf-8"))["name"])
    return Upload(f"file-{path.stem[:16]}", name or f"{path.stem[:16]}.onnx", path, stat.st_size, used)
