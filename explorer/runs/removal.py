"""Removing runs, bringing them back, and deleting for good what was removed more than a day ago.

removed/ID/     beside runs/: the folder of a removed run, as it was
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from explorer.runs.folder import Run, read_run
from explorer.storage import remove, unwritable_store
from models.errors import N_, RunError

KEPT_SECONDS = 24 * 3600.0


def remove_run(run: Run) -> None:
    """Take a run that is not being trained out of the list; ``restore_run`` brings it back within a day.

    Raises RunError for a run that is active, and where the store cannot be written.
    """
    if run.active:
        raise RunError(N_("Run {run} is still training; cancel it first."), run=run.id)
    store = run.path.parent.parent
    delete_old(store)
    removed = store / "removed" / run.path.name
    try:
        removed.parent.mkdir(exist_ok=True)
        run.path.rename(removed)  # at once: moving the files one after the other would show a damaged run
        os.utime(removed)  # the time of its removal
    except OSError as error:
        raise unwritable_store(store, error) from None


def restore_run(store: Path, run_id: str) -> Run:
    """Bring a removed run back; raises RunError where it is not there any more, or its place is taken."""
    removed, path = store / "removed" / run_id, store / "runs" / run_id
    if Path(run_id).name != run_id or not removed.is_dir():
        raise RunError(N_("Run {run} cannot be brought back: it was deleted for good."), run=repr(run_id))
    try:
        removed.rename(path)
    except OSError as error:
        raise unwritable_store(store, error) from None
    return read_run(path)


def removed_runs(store: Path) -> tuple[Run, ...]:
    """The runs that can be brought back, the one removed last first."""
    folder = store / "removed"
    paths = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    recent = sorted((-_removed_at(path), path) for path in paths if not _is_old(path))
    return tuple(read_run(path) for _, path in recent)


def delete_old(store: Path) -> None:
    """Delete for good what was removed more than a day ago. What cannot be deleted stays."""
    folder = store / "removed"
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        if _is_old(path):
            remove(path)


def _is_old(path: Path) -> bool:
    return time.time() - _removed_at(path) > KEPT_SECONDS


def _removed_at(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0
