"""The files of a measurement, in the folder of its run: the points measured so far, and who measures.

    measured/KIND-STEP.jsonl   one point a line, appended; without "-STEP" for a kind that covers every checkpoint
    measured/KIND-STEP.json    the latest attempt: replaced as a whole
    measured/KIND-STEP.alive   touched every second while a point is measured
    measured/KIND-STEP.cancel  its existence asks the measurement to stop

Files are read and written here; ``measurements.py`` measures, and derives the state of a measurement from them.
"""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from explorer.chapters.measurement_kinds import MeasurementKind, Point, Score
from explorer.runs.folder import write_json
from models.errors import UserError


class MeasurementRecord(msgspec.Struct, frozen=True):
    """The latest attempt at a measurement.

    attempt: its id; tasks of an earlier attempt stop. scheduler: address of the one that runs it, or ``HERE``.
    begun: when its first point was started, in seconds since 1970; 0 while it waits. before, spent: points and seconds
    of the attempts before it. message, message_values: why it failed, a text for translation; '' where it did not.
    """

    attempt: str = ""
    scheduler: str = ""
    begun: float = 0.0
    before: int = 0
    spent: float = 0.0
    message: str = ""
    message_values: dict[str, str] = {}


class ScoredPoint(msgspec.Struct, frozen=True):
    """One line of the points file. A score may be NaN or infinite."""

    at: tuple[float, ...]
    part: str
    accuracy: float
    loss: float


class MeasurementFiles:
    """The files of one measurement of the run in the folder ``path``; none of them need exist."""

    def __init__(self, path: Path, kind: MeasurementKind, step: int) -> None:
        self.path, self.kind, self.step = path, kind, step
        self.folder = path / "measured"
        self.name = kind.name if kind.every_checkpoint else f"{kind.name}-{step}"
        self.state, self.points, self.alive, self.cancel = (
            self.folder / f"{self.name}.{ending}" for ending in ("json", "jsonl", "alive", "cancel")
        )
        self.touched = 0.0

    def record(self) -> MeasurementRecord | None:
        """The latest attempt, None where there is no readable file."""
        with suppress(OSError, ValueError, RecursionError):
            return msgspec.json.decode(self.state.read_bytes(), type=MeasurementRecord)
        return None

    def scores(self) -> dict[tuple[tuple[float, ...], str], Score]:
        """(coordinates, part) → score of each point measured; broken and unfinished lines are left out."""
        try:
            lines = self.points.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return {}
        scores = {}
        for line in lines:
            with suppress(ValueError, RecursionError):
                # Python's own JSON reader, because a score may be NaN, which JSON does not have.
                point = msgspec.convert(json.loads(line), ScoredPoint)
                scores[point.at, point.part] = Score(point.accuracy, point.loss)
        return scores

    def append(self, point: Point, score: Score) -> None:
        """Add one line, in one write, so that the lines of two processes do not mix. Raises OSError."""
        scored = ScoredPoint(point.at, point.part, score.accuracy, score.loss)
        line = json.dumps(msgspec.to_builtins(scored))
        descriptor = os.open(self.points, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)
        self.alive.touch()

    def new_attempt(self, record: MeasurementRecord) -> None:
        """Store ``record`` and remove an earlier request to cancel.

        Raises OSError, also where the run's folder does not exist: a deleted run stays deleted.
        """
        self.folder.mkdir(exist_ok=True)
        if record.begun:
            self.alive.touch()
        self._store(record)
        self.cancel.unlink(missing_ok=True)

    def begin(self, record: MeasurementRecord) -> None:
        """Show that the attempt is running; the first of its tasks stores the time."""
        self.alive.touch()
        if not record.begun:
            with suppress(OSError):  # another thread does the same
                self._store(msgspec.structs.replace(record, begun=time.time()))

    def fail(self, record: MeasurementRecord, error: UserError) -> None:
        """Store why the attempt failed; tasks that come later stop."""
        current = self.record() or record
        with suppress(OSError):
            self._store(msgspec.structs.replace(current, message=error.template, message_values=dict(error.values)))

    def _store(self, record: MeasurementRecord) -> None:
        write_json(self.state, msgspec.to_builtins(record))

    def stopped(self) -> bool:
        """Whether to stop, because of a request to cancel or a deleted run. Also touches ``alive`` once a second."""
        now = time.monotonic()
        if now - self.touched >= 1.0 and self.folder.is_dir():
            self.touched = now
            self.alive.touch()
        return self.cancel.exists() or not self.folder.is_dir()

    def last_alive(self) -> float:
        """When a point was last being measured, in seconds since 1970; 0 for never."""
        try:
            return self.alive.stat().st_mtime
        except OSError:
            return 0.0
