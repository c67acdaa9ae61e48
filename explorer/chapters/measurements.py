"""Measurements that are kept with their run: reading, starting, cancelling, and measuring point by point.

On the cluster each point is a task with a lower priority than trainings: a training that is submitted meanwhile waits
for one point at most (a third of a second with the book's network), and while all workers train, the measurement waits
and is shown as waiting. The score of a point does not depend on who measures it, so that a measurement that was
cancelled or interrupted goes on with the missing points. What is measured is defined by ``measurement_kinds.py``; the
files are those of ``measurement_files.py``.
"""

import os
import secrets
import time
from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.chapters.evaluation import EvaluatedPart, fast_copy
from explorer.chapters.measurement_files import MeasurementFiles, MeasurementRecord
from explorer.chapters.measurement_kinds import MeasurementKind, Point, measurement_kind
from explorer.runs.checkpoint import OpenRun, open_run
from explorer.runs.folder import SILENCE_SECONDS, Run, read_run
from explorer.runs.loop import Cancelled
from explorer.runs.torch_threads import one_thread
from models.errors import N_, RunError, UserError

State = Literal["absent", "waiting", "running", "done", "cancelled", "failed", "interrupted"]
ACTIVE: tuple[State, ...] = ("waiting", "running")
Numbers = NDArray[np.float64]
BELOW_TRAININGS = -1  # dask's priority; trainings have 0
MAX_THREADS = 4  # points measured at the same time in one process
HERE = "here"  # in place of a scheduler's address: measured in the process that asked


@dataclass(frozen=True, eq=False)
class Measurement:
    """A measurement as its files describe it.

    accuracy, loss: (points,) NaN where not measured yet. seconds: spent so far. begun: when the latest attempt began,
    in seconds since 1970, 0 for never. spent: seconds of the attempts before it. seconds_left: expected from the pace
    so far, None where nothing is being measured. message, message_values: why it failed, a text for translation.
    """

    definition: MeasurementKind
    step: int
    state: State
    points: tuple[Point, ...]
    accuracy: Numbers
    loss: Numbers
    seconds: float = 0.0
    begun: float = 0.0
    spent: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    message_values: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self.definition.name

    @property
    def total(self) -> int:
        """Points of the whole measurement."""
        return len(self.points)

    @property
    def done(self) -> int:
        """Points measured so far."""
        return int(np.count_nonzero(~np.isnan(self.accuracy)))

    @property
    def active(self) -> bool:
        """Whether it is running or waiting for a worker."""
        return self.state in ACTIVE

    def grid(self) -> Numbers:
        """Accuracy as (rows, columns) for a kind whose points fill a grid, for shifts (13, 13). Raises ValueError."""
        if self.definition.grid is None:
            raise ValueError(f"the points of {self.kind} fill no grid")
        return self.accuracy.reshape(self.definition.grid)

    def series(self, part: EvaluatedPart = "both") -> tuple[Numbers, Numbers, Numbers]:
        """(first coordinate, accuracy, loss) of the points of one part, each (n,): the data of a curve."""
        chosen = [point.index for point in self.points if point.part == part]
        coordinates = np.array([self.points[i].at[0] for i in chosen], dtype=np.float64)
        return coordinates, self.accuracy[chosen], self.loss[chosen]

    def missing(self) -> list[int]:
        """Indices of the points that are not measured yet."""
        return [int(i) for i in np.flatnonzero(np.isnan(self.accuracy))]


def read_measurement(run: Run, step: int, kind_name: str, scheduler: str = "") -> Measurement:
    """The measurement of ``run`` at checkpoint ``step`` so far. Raises as ``measurement_kind`` does.

    scheduler: the current scheduler's address. With it, a measurement that was begun and is silent can be classified:
    "waiting" behind trainings where it was given to this scheduler, else "interrupted".
    """
    kind = measurement_kind(kind_name, run)
    points = kind.points(run)
    files = MeasurementFiles(run.path, kind, step)
    accuracy, loss = np.full((2, len(points)), np.nan)
    scores = files.scores()
    for point in points:
        score = scores.get((point.at, point.part))
        if score is not None:
            accuracy[point.index], loss[point.index] = score.accuracy, score.loss
    record = files.record()
    measurement = Measurement(kind, step, "absent", points, accuracy, loss)
    if record is None:
        return measurement
    state = _state(record, files, measurement, scheduler)
    until = time.time() if state == "running" else files.last_alive()
    seconds = max(0.0, until - record.begun) if record.begun else 0.0
    new_points = measurement.done - record.before
    left = None
    if state == "running" and new_points > 0:
        left = seconds / new_points * (measurement.total - measurement.done)
    measurement = replace(
        measurement,
        state=state,
        seconds=record.spent + seconds,
        begun=record.begun,
        spent=record.spent,
        seconds_left=left,
    )
    if state == "failed":
        measurement = replace(measurement, message=record.message, message_values=record.message_values)
    return measurement


def _state(record: MeasurementRecord, files: MeasurementFiles, measurement: Measurement, scheduler: str) -> State:
    """The state, also where the process that measured could not record it: it was killed or cancelled."""
    if measurement.done == measurement.total:
        return "done"
    if record.message:
        return "failed"
    if files.cancel.exists():
        return "cancelled"
    if record.begun and time.time() - files.last_alive() <= SILENCE_SECONDS:
        return "running"
    if scheduler:
        return "waiting" if record.scheduler == scheduler else "interrupted"
    return "interrupted" if record.begun else "waiting"


def start_measurement(scheduler_address: str, run: Run, step: int, kind_name: str) -> Measurement:
    """Submit the missing points to the scheduler. Raises RunError, SettingError or SchedulerError.

    Does nothing where the measurement is done or active; continues one that was cancelled, failed or interrupted.
    """
    from explorer.workers.cluster import SchedulerError, submit  # a second of imports, which reading does not need

    measurement = read_measurement(run, step, kind_name, scheduler_address)
    files = MeasurementFiles(run.path, measurement.definition, step)
    if measurement.state == "done":
        return measurement
    record = files.record() if measurement.active else None
    if record is None:
        record = _new_attempt(run, files, measurement, scheduler_address)
    if record.scheduler == HERE:
        return measurement  # a command line is measuring it
    group = f"measure-{run.id}-{files.name}-{record.attempt}"
    folder = str(run.path.resolve())
    tasks: dict[Hashable, tuple[object, ...]] = {
        (group, i): (folder, kind_name, step, i, record.attempt) for i in measurement.missing()
    }
    try:
        submit(scheduler_address, measure_point, tasks, BELOW_TRAININGS)
    except SchedulerError as error:
        files.fail(record, error)
        raise
    return read_measurement(run, step, kind_name, scheduler_address)


def _new_attempt(run: Run, files: MeasurementFiles, measurement: Measurement, scheduler: str) -> MeasurementRecord:
    """A new attempt, stored. Raises RunError for an unknown checkpoint or a folder that cannot be written."""
    if not measurement.definition.every_checkpoint and measurement.step not in run.checkpoints:
        raise RunError(N_("Run {run} has no readable checkpoint {step}."), run=run.id, step=measurement.step)
    begun = time.time() if scheduler == HERE else 0.0
    record = MeasurementRecord(secrets.token_hex(4), scheduler, begun, measurement.done, measurement.seconds)
    try:
        files.new_attempt(record)
    except OSError as error:
        raise RunError(
            N_("The store folder {store} cannot be written: {reason}."),
            store=run.path.parent.parent,
            reason=error,
        ) from None
    return record


def cancel_measurement(run: Run, step: int, kind_name: str) -> None:
    """Ask the measurement to stop, which it does within a batch of images. Points measured so far are kept."""
    measurement = read_measurement(run, step, kind_name)
    if measurement.state in (*ACTIVE, "interrupted"):
        with suppress(OSError):
            MeasurementFiles(run.path, measurement.definition, step).cancel.touch()


def measure_missing_points(path: str, kind_name: str, step: int) -> None:
    """Measure the missing points of the run in folder ``path`` in this process. Raises RunError or SettingError.

    Several points are measured at the same time, one a core. Ends early where the measurement is cancelled or its run
    deleted.
    """
    run = read_run(Path(path))
    measurement = read_measurement(run, step, kind_name)
    if measurement.state == "done":
        return
    record = _new_attempt(run, MeasurementFiles(run.path, measurement.definition, step), measurement, HERE)
    count = min(MAX_THREADS, os.cpu_count() or 1)
    with one_thread(), ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        tasks = [
            pool.submit(_measure_point, run.path, kind_name, step, i, record.attempt) for i in measurement.missing()
        ]
        for task in tasks:
            task.result()


def measure_point(path: str, kind_name: str, step: int, index: int, attempt: str) -> None:
    """One task of a measurement, for a worker: measure point ``index``, unless it is done or no longer wanted.

    A user's mistake is stored in the state and not raised; where the run was deleted, the task ends quietly.
    """
    with one_thread():
        _measure_point(Path(path), kind_name, step, index, attempt)


def _measure_point(path: Path, kind_name: str, step: int, index: int, attempt: str) -> None:
    try:
        run = read_run(path)
    except RunError:
        return  # deleted meanwhile
    kind = measurement_kind(kind_name, run)
    files = MeasurementFiles(path, kind, step)
    record = files.record()
    if record is None or record.attempt != attempt or record.message or files.stopped():
        return
    try:
        files.begin(record)
        point = kind.points(run)[index]
        if (point.at, point.part) not in files.scores():
            opened = _opened(run.path, step if point.step is None else point.step)
            files.append(point, kind.measure(opened, point, files.stopped))
    except Cancelled:
        return
    except UserError as error:
        files.fail(record, error)
    except Exception as error:
        if not path.is_dir():
            return  # deleted meanwhile
        reason = f"{type(error).__name__}: {error}"
        files.fail(record, RunError(N_("The measurement broke off: {reason}"), reason=reason))
        raise


@lru_cache(maxsize=2)
def _opened(path: Path, step: int) -> OpenRun:
    """A run at a checkpoint with a fast copy of its network; cached from one point to the next."""
    opened = open_run(read_run(path), step)
    return replace(opened, network=fast_copy(opened.network))
