"""Measurements that are kept with their run: what is there, and their start, cancel and carrying out.

On the cluster each point is a task of its own, below trainings in rank: a training that is submitted meanwhile waits
for one point at most (a third of a second with the book's network), and where all workers train, the measurement
waits, shown as such, until one is free. A point is the same number whoever measures it, so that a cancelled or
broken-off measurement goes on with what is missing. What is measured is told by ``sweeps.py``, what is written by
``measurement_files.py``.
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

from explorer.chapters.digits.image_sweeps import FURTHEST_SHIFT, Kind, PartName, Point, images, measured, points
from explorer.chapters.evaluation import fast_copy
from explorer.chapters.measurement_files import MeasurementFiles, MeasurementRecord
from explorer.runs.checkpoint import OpenRun, open_run
from explorer.runs.folder import SILENCE_SECONDS, Run, read_run
from explorer.runs.loop import Cancelled
from explorer.runs.torch_threads import one_thread
from models.errors import N_, RunError, UserError

State = Literal["absent", "waiting", "running", "done", "cancelled", "failed", "interrupted"]
ACTIVE: tuple[State, ...] = ("waiting", "running")
Numbers = NDArray[np.float64]
BELOW_TRAININGS = -1  # dask's priority; trainings have 0
MOST_THREADS = 4  # points measured side by side in one process
HERE = "here"  # in place of a scheduler's address: the process itself measures


@dataclass(frozen=True, eq=False)
class Measurement:
    """A measurement as its files say. accuracy, loss: (points,) NaN where not measured yet. seconds: spent so far.

    seconds_left: expected from the pace so far, None where nobody measures. message: why it failed, a template.
    """

    kind: Kind
    step: int
    state: State
    points: tuple[Point, ...]
    accuracy: Numbers
    loss: Numbers
    seconds: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    message_values: Mapping[str, str] = field(default_factory=dict)

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
        """Waiting for a worker or being measured."""
        return self.state in ACTIVE

    def grid(self) -> Numbers:
        """Accuracy of a shift measurement (13, 13): row y, column x, both from -6 to 6; y counts downwards."""
        side = 2 * FURTHEST_SHIFT + 1
        return self.accuracy.reshape(side, side)

    def series(self, part: PartName = "both") -> tuple[Numbers, Numbers, Numbers]:
        """(places, accuracy, loss) of the points of one part, each (n,): what a curve is drawn of."""
        chosen = [point.index for point in self.points if point.part == part]
        places = np.array([self.points[i].at[0] for i in chosen], dtype=np.float64)
        return places, self.accuracy[chosen], self.loss[chosen]


def read(run: Run, step: int, kind: Kind, scheduler: str = "") -> Measurement:
    """The measurement of ``run`` at checkpoint ``step`` so far; raises RunError or SettingError as ``points`` does.

    scheduler: the address of the one that measures now. With it, a measurement that was begun and is silent is told
    apart: "waiting" behind trainings, or "interrupted" with the server that had it.
    """
    wanted = points(kind, run)
    files = MeasurementFiles(run.path, kind, step)
    accuracy, loss = np.full((2, len(wanted)), np.nan)
    places = {(point.at, point.part): point.index for point in wanted}
    for place, found in files.lines():
        if place in places:
            accuracy[places[place]], loss[places[place]] = found.accuracy, found.loss
    record = files.record()
    measurement = Measurement(kind, step, "absent", wanted, accuracy, loss)
    if record is None:
        return measurement
    state = _judged(record, files, measurement, scheduler)
    seconds = max(0.0, (time.time() if state == "running" else files.beat()) - record.begun) if record.begun else 0.0
    fresh = measurement.done - record.before
    left = seconds / fresh * (measurement.total - measurement.done) if state == "running" and fresh > 0 else None
    measurement = replace(measurement, state=state, seconds=record.spent + seconds, seconds_left=left)
    if state == "failed":
        measurement = replace(measurement, message=record.message, message_values=record.message_values)
    return measurement


def _judged(record: MeasurementRecord, files: MeasurementFiles, measurement: Measurement, scheduler: str) -> State:
    """The recorded state, corrected by what its writer could not write: that it died or was cancelled."""
    if measurement.done == measurement.total:
        return "done"
    if record.message:
        return "failed"
    if files.cancel.exists():
        return "cancelled"
    if record.begun and time.time() - files.beat() <= SILENCE_SECONDS:
        return "running"
    if scheduler:
        return "waiting" if record.scheduler == scheduler else "interrupted"
    return "interrupted" if record.begun else "waiting"


def start(scheduler_address: str, run: Run, step: int, kind: Kind) -> Measurement:
    """Have the missing points measured by the scheduler; raises RunError, SettingError or SchedulerError.

    Harmless where the measurement is done or under way. Goes on with one that was cancelled, failed or broke off.
    """
    from explorer.runs.cluster import SchedulerError, submit_all  # a second of imports, which ``read`` need not pay

    found = read(run, step, kind, scheduler_address)
    files = MeasurementFiles(run.path, kind, step)
    if found.state == "done":
        return found
    record = files.record() if found.active else None
    if record is None:
        record = _begin(run, files, found, scheduler_address)
    if record.scheduler == HERE:
        return found  # a command line has it under way
    group = f"measure-{run.id}-{files.name}-{record.attempt}"
    place = str(run.path.resolve())
    tasks: dict[Hashable, tuple[object, ...]] = {
        (group, i): (place, kind, step, i, record.attempt) for i in _missing(found)
    }
    try:
        submit_all(scheduler_address, measure_point, tasks, BELOW_TRAININGS)
    except SchedulerError as error:
        files.fail(record, error)
        raise
    return read(run, step, kind, scheduler_address)


def _begin(run: Run, files: MeasurementFiles, found: Measurement, scheduler: str) -> MeasurementRecord:
    """A new attempt, written down. Raises RunError for a checkpoint that is not there or a folder without room."""
    if found.kind != "curves" and found.step not in run.checkpoints:
        raise RunError(N_("Run {run} has no readable checkpoint {step}."), run=run.id, step=found.step)
    begun = time.time() if scheduler == HERE else 0.0
    record = MeasurementRecord(secrets.token_hex(4), scheduler, begun, found.done, found.seconds)
    try:
        files.new_attempt(record)
    except OSError as error:
        raise RunError(
            N_("The store folder {store} cannot be written: {reason}."),
            store=run.path.parent.parent,
            reason=error.strerror or error,
        ) from None
    return record


def _missing(found: Measurement) -> list[int]:
    return [int(i) for i in np.flatnonzero(np.isnan(found.accuracy))]


def cancel(run: Run, step: int, kind: Kind) -> None:
    """Ask whoever measures to stop; heard within a batch of images. What is measured stays."""
    if read(run, step, kind).state in (*ACTIVE, "interrupted"):
        with suppress(OSError):
            MeasurementFiles(run.path, kind, step).cancel.touch()


def measure_missing_points(path: str, kind: Kind, step: int) -> None:
    """Measure the missing points of the run in folder ``path`` in this process; raises RunError or SettingError.

    Several points are measured side by side, one a core. Ends early where the measurement is cancelled or its run
    deleted.
    """
    run = read_run(Path(path))
    found = read(run, step, kind)
    if found.state == "done":
        return
    record = _begin(run, MeasurementFiles(run.path, kind, step), found, HERE)
    count = min(MOST_THREADS, os.cpu_count() or 1)
    with one_thread(), ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        tasks = [pool.submit(_carry_out, run.path, kind, step, i, record.attempt) for i in _missing(found)]
        for task in tasks:
            task.result()


def measure_point(path: str, kind: Kind, step: int, index: int, attempt: str) -> None:
    """One task of a measurement: measure point ``index``, unless that is done or no longer wanted. For a worker.

    A user's mistake is written into the state, not raised; a run that was deleted ends the task quietly.
    """
    with one_thread():
        _carry_out(Path(path), kind, step, index, attempt)


def _carry_out(path: Path, kind: Kind, step: int, index: int, attempt: str) -> None:
    files = MeasurementFiles(path, kind, step)
    record = files.record()
    if record is None or record.attempt != attempt or record.message or files.stopped():
        return
    try:
        files.begin(record)
        _measure(files, index)
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


def _measure(files: MeasurementFiles, index: int) -> None:
    run = read_run(files.path)
    wanted = points(files.kind, run)
    point = wanted[index]
    done = {place for place, _ in files.lines()}
    if (point.at, point.part) in done:
        return
    opened = _opened(run.path, files.step if point.step is None else point.step)
    found = measured(opened.network, images(opened, point.part), point.change, files.stopped)
    files.append(point, found)


@lru_cache(maxsize=2)
def _opened(path: Path, step: int) -> OpenRun:
    """A run's fast copy at a checkpoint; kept from one point to the next."""
    opened = open_run(read_run(path), step)
    return replace(opened, network=fast_copy(opened.network))
