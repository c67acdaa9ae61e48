"""How far the export of an architecture is, kept in a small file: a reload and another session see it too.

The file names the process that works; a state whose process is gone is told as interrupted, so that no file can lie
after a crash. Nothing is started here.
"""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import psutil  # type: ignore[import-untyped]  # distributed brings it, without types

from explorer.storage import write_atomically
from models.errors import GraphError

Stage = Literal[
    "absent",
    "starting",
    "waiting",
    "importing",
    "building",
    "exporting",
    "checking",
    "saving",
    "done",
    "failed",
    "cancelled",
    "interrupted",
]
WORKING: tuple[Stage, ...] = ("waiting", "importing", "building", "exporting", "checking", "saving")
ACTIVE: tuple[Stage, ...] = ("starting", *WORKING)  # "starting" is told by the web process, the others by the export's


@dataclass(frozen=True)
class ZooState:
    """seconds: worked so far, or altogether. estimate: expected altogether, None where nobody knows yet.

    error: why it failed. path: of the exported file, once it is there.
    """

    stage: Stage = "absent"
    seconds: float = 0.0
    estimate: float | None = None
    error: GraphError | None = None
    path: Path | None = None

    @property
    def active(self) -> bool:
        """Whether somebody works on it, or it waits for its turn."""
        return self.stage in ACTIVE


@dataclass(frozen=True)
class Record:
    """What the file holds. started: Unix seconds; born: when its process was, which tells a reused number apart."""

    stage: Stage
    started: float
    pid: int = 0
    born: float = 0.0
    seconds: float = 0.0
    estimate: float | None = None
    message: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        """Whether the process that works on it is still there."""
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            return bool(abs(process.create_time() - self.born) < 2) and bool(process.status() != psutil.STATUS_ZOMBIE)
        return False


def born(pid: int) -> float:
    """When the process ``pid`` was started, Unix seconds; 0 where there is none."""
    with suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return 0.0


def mine(stage: Stage, started: float, **more: Any) -> Record:
    """A record of this process."""
    return Record(stage, started, os.getpid(), born(os.getpid()), **more)


def write(path: Path, record: Record) -> None:
    """Replace the record in ``path`` in one go. Raises OSError."""
    write_atomically(path, json.dumps(record.__dict__))


def read(path: Path) -> Record | None:
    """The record in ``path``; None where there is none, or something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        record = Record(
            stage=found["stage"],
            started=float(found["started"]),
            pid=int(found["pid"]),
            born=float(found["born"]),
            seconds=float(found["seconds"]),
            estimate=None if found["estimate"] is None else float(found["estimate"]),
            message=str(found["message"]),
            values={str(name): str(value) for name, value in found["values"].items()},
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return record if record.stage in get_args(Stage) else None


def told(record: Record | None, file: Path) -> ZooState:
    """The state for a person. file: where the export is, once it is there; it counts for more than any record."""
    if file.is_file():
        return ZooState("done", record.seconds if record is not None else 0.0, path=file)
    if record is None or record.stage == "done":  # the file has gone to make room
        return ZooState()
    if record.stage not in ACTIVE:
        error = GraphError(record.message, **record.values) if record.message else None
        return ZooState(record.stage, record.seconds, error=error)
    if not record.alive:
        return ZooState("interrupted")
    seconds = max(0.0, time.time() - record.started) if record.stage not in ("starting", "waiting") else 0.0
    return ZooState(record.stage, seconds, record.estimate)
