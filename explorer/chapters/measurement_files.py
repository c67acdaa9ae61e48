"""The files of a measurement, beside its run's: points as they are done, and who measures.

    measured/KIND-STEP.jsonl   one point a line, appended; "curves" belongs to no step
    measured/KIND-STEP.json    who measures since when: replaced as a whole
    measured/KIND-STEP.alive   touched every second while a point is measured
    measured/KIND-STEP.cancel  its existence asks the measurement to stop

Nothing is measured here, and nothing is judged; ``measurements.py`` does both.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from explorer.chapters.digits.image_sweeps import Kind, Point, Score
from explorer.runs.folder import write_json
from models.errors import UserError


@dataclass(frozen=True)
class MeasurementRecord:
    """Who measures, or did last. attempt: names it; tasks of another one stop. scheduler: its address, or ``HERE``.

    begun: when its first point was, in seconds since 1970; 0 while it waits. before, spent: points and seconds of the
    attempts before. message: why it failed, a template; '' where it did not.
    """

    attempt: str = ""
    scheduler: str = ""
    begun: float = 0.0
    before: int = 0
    spent: float = 0.0
    message: str = ""
    message_values: Mapping[str, str] = field(default_factory=dict)


class MeasurementFiles:
    """The files of one measurement of the run in folder ``path``; none of them need be there."""

    def __init__(self, path: Path, kind: Kind, step: int) -> None:
        self.path, self.kind, self.step = path, kind, step
        self.folder = path / "measured"
        self.name = kind if kind == "curves" else f"{kind}-{step}"
        self.state, self.points, self.alive, self.cancel = (
            self.folder / f"{self.name}.{ending}" for ending in ("json", "jsonl", "alive", "cancel")
        )
        self.touched = 0.0

    def record(self) -> MeasurementRecord | None:
        """The state file, None where there is none that can be read."""
        try:
            stored = json.loads(self.state.read_text("utf-8"))
            record = MeasurementRecord(
                **{f.name: stored[f.name] for f in fields(MeasurementRecord) if f.name in stored}
            )
            return record if isinstance(record.begun + record.spent + record.before, float) else None
        except (OSError, ValueError, TypeError, RecursionError):
            return None

    def lines(self) -> list[tuple[tuple[tuple[float, ...], str], Score]]:
        """((place, part), numbers) of each point done; a line still being written or broken is left out."""
        try:
            lines = self.points.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                one: dict[str, Any] = json.loads(line)
                at = tuple(float(each) for each in one["at"])
                found.append(((at, str(one["part"])), Score(float(one["accuracy"]), float(one["loss"]))))
        return found

    def append(self, point: Point, found: Score) -> None:
        """One more line, in one write, so that two processes cannot mix theirs."""
        line = json.dumps({"at": point.at, "part": point.part, "accuracy": found.accuracy, "loss": found.loss})
        place = os.open(self.points, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(place, f"{line}\n".encode())
        finally:
            os.close(place)
        self.alive.touch()

    def new_attempt(self, record: MeasurementRecord) -> None:
        """Write ``record`` down and take back an earlier cancel. Raises OSError; a deleted run stays deleted."""
        self.folder.mkdir(exist_ok=True)
        if record.begun:
            self.alive.touch()
        write_json(self.state, asdict(record))
        self.cancel.unlink(missing_ok=True)

    def begin(self, record: MeasurementRecord) -> None:
        """Show that the attempt is under way: the first of its tasks writes down when that was."""
        self.alive.touch()
        if not record.begun:
            with suppress(OSError):  # another thread does the same
                write_json(self.state, asdict(replace(record, begun=time.time())))

    def fail(self, record: MeasurementRecord, error: UserError) -> None:
        """Write down why nobody goes on."""
        now = self.record() or record
        failed = replace(now, message=error.template, message_values=error.values)
        with suppress(OSError):
            write_json(self.state, asdict(failed))

    def stopped(self) -> bool:
        """Whether to stop: cancelled or deleted. Also touches ``alive`` once a second."""
        now = time.monotonic()
        if now - self.touched >= 1.0 and self.folder.is_dir():
            self.touched = now
            self.alive.touch()
        return self.cancel.exists() or not self.folder.is_dir()

    def beat(self) -> float:
        """When somebody last measured, in seconds since 1970; 0 where nobody did."""
        try:
            return self.alive.stat().st_mtime
        except OSError:
            return 0.0
