"""Writing files that others read at the same time, and folders that keep below a size.

Atomic: under a path there is the old content or the new one, never a part, whatever ends the writing process. Nothing
is forced onto the disk (no ``fsync``): after a loss of power a new file may be empty, and whoever reads it treats it as
damaged. All that is written here can be computed again, and a training replaces its status four times a second.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from models.errors import N_, RunError

PARTIAL = ".partial-"  # begins the name of a file or folder that is being written
_PARTIALS = (PARTIAL, "partial-")  # the second is the prefix that earlier versions used
STALE_SECONDS = 3600.0  # after so long without a change, such a file's writer has died


@contextlib.contextmanager
def partial_path(folder: Path) -> Iterator[Path]:
    """A new path in ``folder``, which must exist. What the block leaves there is removed at its end.

    For a file or a folder whose final name is known only once it is complete.
    """
    partial = folder / f"{PARTIAL}{uuid4().hex[:12]}"
    try:
        yield partial
    finally:
        remove(partial)


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A path to write a file or a folder to; it is moved to ``path`` when the block ends without an exception.

    The folder that it lies in must exist. A file replaces an older file; a folder does not replace one that has
    content, and raises OSError.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "numbers.txt"
    ...     with atomic_path(target) as partial:
    ...         _ = partial.write_text("1 2 3")
    ...         print(target.exists())
    ...     print(target.read_text())
    False
    1 2 3
    """
    with partial_path(path.parent) as partial:
        yield partial
        partial.replace(path)


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace the file ``path`` by one with ``content``, text in UTF-8. Raises OSError; then the old file stays."""
    with atomic_path(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


def unwritable(path: Path, error: OSError) -> RunError:
    """The user's error for a path that cannot be written."""
    return RunError(N_("The file {path} cannot be written: {reason}."), path=path, reason=error)


def unwritable_store(store: Path, error: OSError) -> RunError:
    """The user's error for a store folder that cannot be written."""
    return RunError(N_("The store folder {store} cannot be written: {reason}."), store=store, reason=error)


def remove(path: Path) -> None:
    """Remove a file, or a folder with its content. It is no error when it does not exist or cannot be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def remove_partial(folder: Path, seconds: float = STALE_SECONDS) -> None:
    """Remove what a writer that has died left in ``folder``: partial files that have not changed for ``seconds``."""
    for prefix in _PARTIALS:
        for path in folder.glob(f"{prefix}*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime >= seconds:
                    remove(path)


@dataclass(frozen=True)
class CachedEntry:
    """One entry of an ``EvictingFolder``. size: bytes of its file; used: time of last use, Unix seconds."""

    name: str
    size: int
    used: float


@dataclass(frozen=True)
class EvictingFolder:
    """A folder that holds at most ``limit`` bytes of entries: the least recently used ones are evicted first.

    An entry is a file NAME + ``suffix``, with a small file NAME + ``record_suffix`` beside it if that is not "". The
    time of change of the record, else of the file, is the time of last use.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as path:
    ...     folder = EvictingFolder(Path(path), 10, ".txt")
    ...     for name in ("first", "second", "third"):
    ...         write_atomically(folder.file(name), "5byte")
    ...         os.utime(folder.file(name), (len(name), len(name)))
    ...     folder.evict(in_use="first")
    ...     sorted(entry.name for entry in folder.entries())
    ['first', 'second']
    """

    path: Path
    limit: int
    suffix: str
    record_suffix: str = ""

    def file(self, name: str) -> Path:
        """The file of the entry ``name``, whether it exists or not."""
        return self.path / f"{name}{self.suffix}"

    def record(self, name: str) -> Path:
        """The entry's small file; that of the data where there is no other."""
        return self.path / f"{name}{self.record_suffix or self.suffix}"

    def mark_used(self, name: str) -> None:
        """Make the entry the most recently used one. It is no error when it does not exist."""
        with contextlib.suppress(OSError):
            os.utime(self.record(name))

    def entries(self) -> Iterator[CachedEntry]:
        """All entries, in no order; none where the folder does not exist."""
        for path in self.path.glob(f"*{self.suffix}"):
            name = path.name.removesuffix(self.suffix)
            with contextlib.suppress(OSError):  # another process has just removed it
                if not name.startswith(_PARTIALS):
                    yield self._entry(name)

    def _entry(self, name: str) -> CachedEntry:
        file = self.file(name).stat()
        used = file.st_mtime
        with contextlib.suppress(OSError):  # a record may be missing: it is written after the file, and removed before
            used = self.record(name).stat().st_mtime
        return CachedEntry(name, file.st_size, used)

    def evict(self, in_use: str = "") -> None:
        """Remove the least recently used entries until the rest take at most ``limit`` bytes.

        The entry ``in_use`` stays, even if it alone takes more. Files whose writer has died are removed, too.
        """
        remove_partial(self.path)
        oldest_first = sorted(self.entries(), key=lambda entry: entry.used)
        size = sum(entry.size for entry in oldest_first)
        for entry in oldest_first:
            if size <= self.limit:
                return
            if entry.name != in_use:
                remove(self.record(entry.name))  # first: an entry without its record does not exist for its readers
                remove(self.file(entry.name))
                size -= entry.size
