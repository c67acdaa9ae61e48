"""A run is a folder; this file reads and writes it. It does not train, and does not import torch: pages list runs fast.

    run.json            id, model, settings, data source, time of creation; written once
    status.json         state, progress, final metrics; replaced as a whole by the process that trains
    facts.json          what the network needs to be rebuilt (vocabulary, means), written when the data are loaded
    metrics.jsonl       one record a line, appended
    checkpoints/STEP.safetensors
    model.onnx          the exported network
    name.json           what a person calls the run (names.py)
    alive               touched every second while a process trains the run
    cancel              its existence asks the training to stop

Files other than metrics.jsonl appear by rename, so that a reader never sees half of one.
"""

import json
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from explorer.runs.names import read_name
from explorer.runs.status import ACTIVE as ACTIVE  # pages and hooks find all about a folder here
from explorer.runs.status import State as State
from explorer.runs.status import Status as Status
from explorer.runs.status import parsed_status
from explorer.storage import atomic_path, remove_partial, unwritable_store, write_atomically
from models.catalogue import model_entries
from models.errors import N_, RunError

# A live worker touches `alive` every second; a machine under load may be late.
SILENCE_SECONDS = 15.0


class RunRecord(msgspec.Struct, frozen=True):
    """What run.json holds. source: absolute path of the data, None for the embedded ones; created: ISO 8601, UTC."""

    id: str
    model: str
    settings: dict[str, Any]
    source: str | None
    created: str


@dataclass(frozen=True)
class Run:
    """One run as its folder says. checkpoints: steps, ascending. state 'damaged': `damage` says why.

    name, note: given by a person, '' for none.
    """

    path: Path
    id: str
    model: str
    settings: Mapping[str, Any]
    source: Path | None
    created: str
    status: Status
    checkpoints: tuple[int, ...]
    damage: RunError | None = None
    name: str = ""
    note: str = ""

    @property
    def state(self) -> State:
        """The status' state, or 'damaged'."""
        return "damaged" if self.damage else self.status.state

    @property
    def active(self) -> bool:
        """Waiting for a worker or training."""
        return self.state in ACTIVE

    def checkpoint_path(self, step: int) -> Path:
        """The file of the checkpoint at ``step``."""
        return self.path / "checkpoints" / f"{step:08d}.safetensors"

    @property
    def onnx_path(self) -> Path:
        """The exported network; there from shortly after the start of the training."""
        return self.path / "model.onnx"


def write_json(path: Path, value: object) -> None:
    """``value`` as a JSON file, atomically."""
    write_atomically(path, json.dumps(value, ensure_ascii=False, indent=1))


def create_run(store: Path, model: str, settings: Mapping[str, Any], source: Path | None = None) -> Run:
    """A new, queued run in ``store``; raises RunError where the store cannot be written."""
    now = datetime.now(UTC)
    run_id = f"{model}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    path = store / "runs" / run_id
    source_path = str(source.resolve()) if source else None
    record = RunRecord(run_id, model, dict(settings), source_path, now.isoformat(timespec="seconds"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_partial(path.parent)
        with atomic_path(path) as partial:
            (partial / "checkpoints").mkdir(parents=True)
            write_json(partial / "run.json", msgspec.to_builtins(record))
            write_json(partial / "status.json", asdict(Status()))
    except OSError as error:
        raise unwritable_store(store, error) from None
    return read_run(path)


def read_run(path: Path) -> Run:
    """The run in folder ``path``. A broken folder gives a run with ``damage``; a missing one raises RunError."""
    if not path.is_dir():
        raise RunError(N_("There is no run {run}."), run=repr(path.name))
    files = _checkpoint_files(path / "checkpoints")
    try:
        record = msgspec.json.decode((path / "run.json").read_bytes(), type=RunRecord)
        status = parsed_status(json.loads((path / "status.json").read_text("utf-8")))
        source = Path(record.source) if record.source else None
        steps = tuple(sorted(files))
        run = Run(path, record.id, record.model, record.settings, source, record.created, status, steps)
        given = read_name(path)
    except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
        damage = RunError(N_("Run {run} is damaged: its record cannot be read."), run=path.name)
        return Run(path, path.name, path.name.partition("-")[0], {}, None, "", Status(), (), damage)
    run = replace(run, status=_corrected_status(run), name=given.name, note=given.note)
    return replace(run, damage=_damage(run, files))


def list_runs(store: Path) -> tuple[Run, ...]:
    """All runs in ``store``, newest first; an absent store has none."""
    folder = store / "runs"
    if not folder.is_dir():
        return ()
    runs = [read_run(path) for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return tuple(sorted(runs, key=lambda run: (run.created, run.id), reverse=True))


def find_run(store: Path, name: str) -> Run:
    """The run whose id is ``name`` or, if only one does, begins with it. Raises RunError."""
    folder = store / "runs"
    names = [p.name for p in folder.iterdir() if not p.name.startswith(".")] if folder.is_dir() else []
    matches = [n for n in names if n == name] or [n for n in names if name and n.startswith(name)]
    if len(matches) != 1:
        template = (
            N_("There is no run {run} in {store}.") if not matches else N_("{run} names several runs in {store}.")
        )
        raise RunError(template, run=repr(name), store=store)
    return read_run(folder / matches[0])


def request_cancel(run: Run) -> None:
    """Ask the process that trains ``run`` to stop; it does within half a second."""
    (run.path / "cancel").touch()


def cancel_requested(path: Path) -> bool:
    """Whether the run in folder ``path`` has been asked to stop."""
    return (path / "cancel").exists()


def read_metrics(run: Run) -> list[dict[str, Any]]:
    """The records so far, oldest first, without broken lines and one still being written. Do not change them."""
    path = run.path / "metrics.jsonl"
    try:
        stat = path.stat()
        return list(_records(path, stat.st_mtime_ns, stat.st_size))
    except OSError:
        return []


@lru_cache(maxsize=64)
def _records(path: Path, changed: int, size: int) -> tuple[dict[str, Any], ...]:
    """The whole lines of a file that is read again only after a change; changed: nanoseconds of the last one."""
    records = []
    for line in path.read_text("utf-8").splitlines():
        with suppress(ValueError):
            records.append(msgspec.convert(json.loads(line), dict[str, Any]))
    return tuple(records)


def read_facts(run: Run) -> dict[str, Any]:
    """The facts of the run's data; raises RunError where they are missing or broken."""
    try:
        facts: dict[str, Any] = json.loads((run.path / "facts.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise RunError(N_("Run {run} has no readable facts.json; it cannot be opened."), run=run.id) from None
    return facts


def _checkpoint_files(folder: Path) -> dict[int, os.stat_result]:
    """The checkpoints in ``folder``: each step with what the file system says of its file."""
    files = {}
    with suppress(OSError), os.scandir(folder) as entries:  # much quicker than a Path each: every page lists all runs
        for entry in entries:
            stem = entry.name.removesuffix(".safetensors")
            step = _whole_number(stem)
            if step >= 0 and entry.name == f"{step:08d}.safetensors":
                with suppress(FileNotFoundError):  # removed since it was listed: the training starts again
                    files[step] = entry.stat()
    return files


def _whole_number(text: str) -> int:
    """``text`` as a number, -1 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _corrected_status(run: Run) -> Status:
    """The recorded status, corrected by what its writer could not write: that it was cancelled early, or died."""
    status = run.status
    waiting = status.state == "queued" or (status.state == "running" and not status.steps)
    if waiting and cancel_requested(run.path):
        # Nothing is learnt yet; loading or exporting may go on for a moment, then the worker stops.
        return replace(status, state="cancelled")
    if status.state == "running" and _silent_for(run.path) > SILENCE_SECONDS:
        return replace(status, state="interrupted")
    return status


def _silent_for(path: Path) -> float:
    """Seconds since the training process last showed that it lives."""
    try:
        return time.time() - (path / "alive").stat().st_mtime
    except OSError:
        return float("inf")


def _damage(run: Run, files: Mapping[int, os.stat_result]) -> RunError | None:
    """Why ``run`` cannot be used: an unknown model, or a checkpoint whose size is not what its header says."""
    if run.model not in model_entries():
        return RunError(
            N_("There is no model {name}; there are: {known}."), name=repr(run.model), known=", ".join(model_entries())
        )
    for step in run.checkpoints:
        stat = files[step]
        if not _whole(run.checkpoint_path(step), stat.st_mtime_ns, stat.st_size):
            return RunError(N_("Run {run} is damaged: checkpoint {step} is truncated."), run=run.id, step=step)
    return None


@lru_cache(maxsize=65536)
def _whole(path: Path, changed: int, size: int) -> bool:
    """Whether a safetensors file has the length that its header announces (8 bytes, header, data).

    changed: nanoseconds of its last change; a file is read again only after one.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > size:
                return False
            header = json.loads(file.read(length))
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(size == 8 + length + max(ends, default=0))
