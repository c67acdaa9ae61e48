"""A background job: a process whose progress is a small file, so that a reload and another session see it, too.

The file names the process that works; a job whose process has ended without saying so is read as interrupted. A job
ends with the process that started it.
"""

import os
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import msgspec

from explorer.storage import write_atomically
from explorer.workers.limits import Limits
from explorer.workers.messages import ErrorMessage, Outcome, carry_out, encoded_call, write_call
from explorer.workers.process import creation_time, end, is_alive, kill_group, lower_priority, start_python

ENDED = ("done", "failed", "cancelled", "interrupted")
NOT_BEGUN = ("starting", "waiting")  # "starting" is written by the parent, every other stage by the job's process
CANCEL_SECONDS = 5.0  # until a killed process must have ended

P = ParamSpec("P")


class JobRecord(msgspec.Struct, frozen=True):
    """What the file holds. stage: one of ``ENDED`` or ``NOT_BEGUN``, or a name that the job gives to what it does.

    started: Unix seconds. pid, created: the process and when it was started. seconds: worked so far, or altogether.
    estimate: seconds expected altogether, None where unknown. message, values: of the UserError that ended it.
    """

    stage: str
    started: float
    pid: int
    created: float = msgspec.field(name="born")
    seconds: float = 0.0
    estimate: float | None = None
    message: str = ""
    values: dict[str, str] = {}

    @property
    def active(self) -> bool:
        """Whether the job works, or waits for its turn."""
        return self.stage not in ENDED


def read_record(path: Path) -> JobRecord | None:
    """The record in the file; None where there is none, or something else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=JobRecord)
    except (OSError, msgspec.MsgspecError):
        return None


def _own_record(stage: str, started: float, **more: Any) -> JobRecord:
    """A record of this process."""
    return JobRecord(stage, started, os.getpid(), creation_time(os.getpid()), **more)


class Job:
    """The job whose record is the file ``path``, whichever process has started it. Usable from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    def start(
        self, limits: Limits, function: Callable[Concatenate["Progress", P], None], *arguments: P.args, **_: P.kwargs
    ) -> None:
        """Have a module's ``function`` called in the background, unless that is under way. Raises OSError.

        function: its first argument, which does not travel, takes the stages that it goes through.
        """
        with _lock:
            state = self.state()
            if state is not None and state.active:
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, msgspec.json.encode(_own_record("starting", time.time())))
            process = start_python("explorer.workers.worker_main", "job", msgspec.json.encode(limits).decode())
            _started[self.path] = process
            if process.stdin is not None:  # it stays open: its end, by whatever death of ours, ends the job
                write_call(process.stdin, encoded_call(function, arguments), limits.seconds)
                write_call(process.stdin, str(self.path).encode(), 0)

    def state(self) -> JobRecord | None:
        """The record, corrected by what its writer could not write: that it died. None where there is none."""
        record = read_record(self.path)
        _close_ended()
        if record is None or not record.active:
            return record
        if record.stage == "starting" and record.pid == os.getpid():
            alive = self.path in _started  # the job has not yet written a record of its own
        else:
            alive = is_alive(record.pid, record.created)
        if not alive:
            return msgspec.structs.replace(record, stage="interrupted")
        seconds = 0.0 if record.stage in NOT_BEGUN else max(0.0, time.time() - record.started)
        return msgspec.structs.replace(record, seconds=seconds)

    def cancel(self) -> None:
        """End the job, whichever process started it. Does nothing where none is under way."""
        with _lock:
            record, state = read_record(self.path), self.state()
            if record is None or state is None or not state.active:
                return
            process = _started.get(self.path)
            if process is not None:
                end(process)
            elif record.pid != os.getpid():
                kill_group(record.pid)
                last = time.monotonic() + CANCEL_SECONDS
                while is_alive(record.pid, record.created) and time.monotonic() < last:
                    time.sleep(0.02)
            seconds = time.time() - record.started
            cancelled = JobRecord("cancelled", record.started, record.pid, record.created, seconds)
            with suppress(OSError):
                write_atomically(self.path, msgspec.json.encode(cancelled))


_started: dict[Path, "subprocess.Popen[bytes]"] = {}
_lock = threading.Lock()


def _close_ended() -> None:
    """Forget the jobs of this process that have ended, so that no dead process stays behind."""
    for path, process in list(_started.items()):
        if process.poll() is not None:
            _started.pop(path, None)
            end(process)


class Progress:
    """The job's side of its record: a job's function calls it when a stage begins."""

    def __init__(self, path: Path) -> None:
        self.path, self.started = path, time.time()
        self.estimate: float | None = None  # seconds of the whole job; the function may set it

    @property
    def seconds(self) -> float:
        """Worked so far."""
        return time.time() - self.started

    def stage(self, name: str, **more: Any) -> None:
        """Begin the stage ``name``. Raises OSError where the record cannot be written."""
        record = _own_record(name, self.started, seconds=self.seconds, estimate=self.estimate, **more)
        write_atomically(self.path, msgspec.json.encode(record))

    def wait_for_turn(self) -> None:
        """Return when no job that was started before this one, with its record in the same folder, is at work."""
        own = (self.started, os.getpid())
        self.stage("waiting")
        while any(other < own for other in self._others()):
            time.sleep(0.5)
        self.started = time.time()

    def _others(self) -> list[tuple[float, int]]:
        records = (read_record(path) for path in self.path.parent.glob("*.json") if path != self.path)
        return [
            (record.started, record.pid)
            for record in records
            if record and record.active and record.stage != "starting" and is_alive(record.pid, record.created)
        ]


def run_job(record: str, content: bytes) -> None:
    """Carry out an encoded call in this process, with a ``Progress`` of the file ``record`` as first argument."""
    lower_priority()
    progress = Progress(Path(record))
    status, answer = carry_out(content, (progress,))
    if status == Outcome.USER_ERROR:
        error = msgspec.msgpack.decode(answer, type=ErrorMessage)
        progress.stage("failed", message=error.template, values=error.values)
    elif status == Outcome.FAILURE:
        progress.stage("failed", message="{reason}", values={"reason": answer.decode("utf-8", "replace")})
    else:
        progress.stage("done")
