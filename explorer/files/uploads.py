"""Uploaded model files: kept by what is in them, under an id that a link can hold, until others need the room.

``<store>/uploads/<sha256>.onnx`` is the file, ``<sha256>.json`` its name as its owner knows it; the time of the latter
is that of the last use. Only a file that a worker process could read is kept; nothing is parsed here.
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from explorer.files.graph_folder import keep_graph
from explorer.storage import PARTIAL, Entry, make_room
from models.errors import N_, GraphError

LARGEST = 2**31 - 1  # bytes of one file, ONNX's own limit
TOTAL = 8 * 2**30  # bytes of all

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


class Arriving:
    """A file that arrives piece by piece. A context: what is not kept at its end is gone.

    largest: bytes of one file; total: of all. Raises GraphError for what is too large, cannot be read as a model, or
    cannot be written.
    """

    def __init__(self, store: Path, name: str, *, largest: int = LARGEST, total: int = TOTAL) -> None:
        self.store, self.folder = store, _folder(store)
        self.name = Path(name.replace("\\", "/")).name or "model.onnx"
        self.most, self.total, self.size = min(largest, total), total, 0
        self._digest = hashlib.sha256()
        self._partial = self.folder / f"{PARTIAL}{uuid4().hex}"
        self._file: BinaryIO | None = None
        # Hashing takes as long as writing and reading together: it is done beside them.
        self._beside = ThreadPoolExecutor(1)
        self._hashed: Future[None] | None = None

    def __enter__(self) -> "Arriving":
        return self

    def __exit__(self, *_: object) -> None:
        self._beside.shutdown()
        if self._file is not None:
            self._file.close()
        with contextlib.suppress(OSError):
            self._partial.unlink()

    def take(self, piece: bytes) -> None:
        """The next bytes of the file; nothing is written of a piece that makes it too large."""
        self.size += len(piece)
        if self.size > self.most:
            sentence = N_("The file {file} is larger than {most} MB, the most that can be uploaded.")
            raise GraphError(sentence, file=self.name, most=self.most >> 20)
        with _telling():
            self._opened().write(piece)
        self._hashed = self._beside.submit(self._digest.update, piece)

    def keep(self) -> Upload:
        """Read what has arrived once in a worker, and keep it."""
        with _telling():
            self._opened().close()
            keep_graph(self.store, self._partial, self.name)
            if self._hashed is not None:
                self._hashed.result()
            kept = self.folder / f"{self._digest.hexdigest()}.onnx"
            if not kept.is_file():  # else it stays: others may be looking at it
                self._partial.replace(kept)
            _note(self.folder, kept.stem, self.name)
        entries = (Entry(one.used, one.size, (one.path, one.path.with_suffix(".json"))) for one in _all(self.folder))
        make_room(self.folder, entries, self.total, but=kept)
        return _upload(kept)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = self._partial.open("wb", buffering=0)
        return self._file


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GraphError(N_("The upload cannot be stored: {reason}."), reason=error.strerror or error) from None


def keep_upload(store: Path, content: bytes, name: str, *, largest: int = LARGEST, total: int = TOTAL) -> Upload:
    """Write ``content`` into the store and read it once in a worker.

    The same content is kept once, under the name given last. Uploads used longest ago go when all take more than
    ``total`` bytes. Raises GraphError as ``Arriving`` does.
    """
    with Arriving(store, name, largest=largest, total=total) as arriving:
        arriving.take(content)
        return arriving.keep()


def uploads(store: Path) -> tuple[Upload, ...]:
    """What is kept, the one used last first."""
    return tuple(sorted(_all(_folder(store)), key=lambda one: (-one.used, one.id)))


def upload_named(store: Path, upload_id: str) -> Upload:
    """The upload with this id, marked as used now. Raises GraphError where it is not kept (any more)."""
    match = _ID.fullmatch(upload_id)
    paths = sorted(_folder(store).glob(f"{match[1]}*.onnx")) if match else []
    for path in paths:
        if _DIGEST.fullmatch(path.stem):
            with contextlib.suppress(OSError):
                os.utime(path.with_suffix(".json"))
            with contextlib.suppress(OSError):
                return _upload(path)
    raise GraphError(N_("There is no uploaded file {id}; upload it again."), id=repr(upload_id))


def _folder(store: Path) -> Path:
    return Path(store) / "uploads"


def _note(folder: Path, digest: str, name: str) -> None:
    record = folder / f"{digest}.json"
    partial = folder / f"{PARTIAL}{uuid4().hex}"
    partial.write_text(json.dumps({"name": name}), encoding="utf-8")
    partial.replace(record)


def _all(folder: Path) -> Iterator[Upload]:
    for path in folder.glob("*.onnx"):
        if _DIGEST.fullmatch(path.stem):
            with contextlib.suppress(OSError):  # another session has just removed it
                yield _upload(path)


def _upload(path: Path) -> Upload:
    """Raises OSError where the file is gone; a note that is gone or damaged costs only the name."""
    stat, name, used = path.stat(), "", path.stat().st_mtime
    record = path.with_suffix(".json")
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        used = record.stat().st_mtime
        name = str(json.loads(record.read_text(encoding="utf-8"))["name"])
    return Upload(f"file-{path.stem[:16]}", name or f"{path.stem[:16]}.onnx", path, stat.st_size, used)
