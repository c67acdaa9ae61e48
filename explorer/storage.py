"""A folder that holds at most so many bytes: what was used longest ago, or never finished, goes first."""

import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PARTIAL = "partial-"  # begins the name of a file that is being written
FORGOTTEN = 3600  # seconds after which such a file is nobody's any more


@dataclass(frozen=True)
class Entry:
    """Files that come and go together. used: when last, Unix seconds; size: bytes of all; files: removed in order."""

    used: float
    size: int
    files: tuple[Path, ...]


def make_room(folder: Path, entries: Iterable[Entry], most: int, *, but: Path | None = None) -> None:
    """Remove entries, used longest ago first, until the rest take at most ``most`` bytes; that of file ``but`` stays.

    Unfinished files that nobody has written to for ``FORGOTTEN`` seconds go too. A file that is gone is no fault.
    """
    for path in folder.glob(f"{PARTIAL}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > FORGOTTEN:
                path.unlink()
    oldest_first = sorted(entries, key=lambda entry: entry.used)
    size = sum(entry.size for entry in oldest_first)
    for entry in oldest_first:
        if size <= most:
            return
        if but not in entry.files:
            for path in entry.files:
                with contextlib.suppress(OSError):
                    path.unlink()
            size -= entry.size
