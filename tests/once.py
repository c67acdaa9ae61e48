"""Something expensive that all processes of a test session use: the first that needs it builds it, the others wait."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """The folder ``name`` of this session, filled by ``build(folder)`` in one process. Nobody may change what it holds.

    Where ``build`` raises, the folder is removed and the next process tries again.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder of its own within the session's
    folder, complete = base / f"once-{name}", base / f"once-{name}.complete"
    with FileLock(base / f"once-{name}.lock"):
        if not complete.exists():
            folder.mkdir()
            try:
                build(folder)
            except BaseException:
                shutil.rmtree(folder)
                raise
            complete.touch()
    return folder
