"""Measurements on the cluster and in this process: the same numbers, kept, cancelled, gone on with, out of the way."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from explorer.chapters import measurements
from explorer.chapters.digits import image_sweeps
from explorer.chapters.digits.image_sweeps import LabelledImages, change_at, labelled_images, score_on_changed
from explorer.chapters.evaluation import fast_copy
from explorer.chapters.measurement_files import MeasurementFiles, MeasurementRecord
from explorer.chapters.measurement_kinds import Score, measurement_kind
from explorer.chapters.measurements import (
    Measurement,
    cancel_measurement,
    measure_missing_points,
    measure_point,
    read_measurement,
    start_measurement,
)
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, create_run, read_run, request_cancel
from explorer.runs.removal import remove_run
from explorer.runs.training_cluster import embedded_cluster, submit
from explorer.workers.cluster import SchedulerError
from models.catalogue import model
from models.digits.changes import Change
from models.errors import RunError
from tests.runs.test_training_cluster import free_port


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with embedded_cluster(free_port(), workers=2) as address:
        yield address


@pytest.fixture
def run(trained_store: Path, store: Path) -> Run:
    """A copy of the digits run, for a test to measure."""
    trained = next((trained_store / "runs").glob("digits-*"))
    return read_run(Path(shutil.copytree(trained, store / "runs" / trained.name)))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """Measures at once in this process; the changes that it was asked for."""
    asked: list[Change] = []

    def at_once(network: object, on: LabelledImages, change: Change, stopped: Callable[[], bool]) -> Score:
        asked.append(change)
        return Score((50 + change.x) / 100, change.y / 10)

    monkeypatch.setattr(image_sweeps, "score_on_changed", at_once)
    return asked


def last(run: Run) -> int:
    return run.checkpoints[-1]


def waited(wanted: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.02)


def lines(run: Run, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run.path / "measured" / f"{name}.jsonl").read_text().splitlines()]


def test_the_cluster_measures_what_a_plain_call_does(cluster: str, run: Run) -> None:
    assert read_measurement(run, last(run), "scale").state == "absent"
    begun = start_measurement(cluster, run, last(run), "scale")
    assert (begun.total, begun.active) == (21, True)
    for _ in range(3):  # again and again, as an impatient person does
        assert start_measurement(cluster, run, last(run), "scale").state in ("waiting", "running", "done")
    waited(lambda: read_measurement(run, last(run), "scale", cluster).state == "done")
    result = read_measurement(run, last(run), "scale")
    assert (result.done, result.seconds_left, len(lines(run, f"scale-{last(run)}"))) == (21, None, 21)
    assert 0 < result.seconds < 60
    opened = open_run(run)
    for point in measurement_kind("scale", run).points(run)[::7]:
        expected = score_on_changed(
            fast_copy(opened.network), labelled_images(opened, "both"), change_at("scale", point)
        )
        assert result.accuracy[point.index] == expected.accuracy
        assert result.loss[point.index] == pytest.approx(expected.loss, abs=1e-6)
    places, accuracy, loss = result.series()
    assert places.tolist() == [point.at[0] for point in result.points]
    assert np.array_equal(accuracy, result.accuracy) and np.array_equal(loss, result.loss)
    assert start_measurement(cluster, run, last(run), "scale").state == "done"
    assert len(lines(run, f"scale-{last(run)}")) == 21


def test_a_cancelled_measurement_goes_on_with_what_is_missing(cluster: str, run: Run) -> None:
    start_measurement(cluster, run, 0, "noise")
    waited(lambda: read_measurement(run, 0, "noise").done >= 2)
    assert read_measurement(run, 0, "noise").state == "running"
    cancel_measurement(run, 0, "noise")
    assert read_measurement(run, 0, "noise").state == "cancelled"
    time.sleep(0.3)  # a batch lasts milliseconds
    kept = lines(run, "noise-0")
    assert 2 <= len(kept) < 21
    start_measurement(cluster, run, 0, "noise")
    waited(lambda: read_measurement(run, 0, "noise").state == "done")
    assert lines(run, "noise-0")[: len(kept)] == kept
    assert len(lines(run, "noise-0")) == 21


def test_trainings_go_first(cluster: str, run: Run) -> None:
    config = model("bike").config
    long = [create_run(run.path.parents[1], "bike", config(epochs=5000).model_dump()) for _ in range(2)]
    for each in long:
        submit(cluster, each)
    waited(lambda: all(read_run(each.path).status.step > 10 for each in long))
    assert start_measurement(cluster, run, 0, "rotation").state == "waiting"
    time.sleep(0.5)
    assert (read_measurement(run, 0, "rotation", cluster).state, read_measurement(run, 0, "rotation").done) == (
        "waiting",
        0,
    )
    for each in long:
        request_cancel(each)
    waited(lambda: read_measurement(run, 0, "rotation").state == "running")
    short = create_run(run.path.parents[1], "bike", config(epochs=1).model_dump())
    submit(cluster, short)
    waited(lambda: read_run(short.path).state == "done")
    assert read_measurement(run, 0, "rotation").state == "running"  # the training came second and was done first
    cancel_measurement(run, 0, "rotation")


def test_a_deleted_run_stays_deleted(cluster: str, run: Run) -> None:
    start_measurement(cluster, run, 0, "noise")
    waited(lambda: read_measurement(run, 0, "noise").done >= 1)
    remove_run(run)
    time.sleep(1.0)
    assert list(run.path.parent.iterdir()) == []


def test_no_scheduler_is_told_and_kept_as_a_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.workers.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(SchedulerError, match="does not answer"):
        start_measurement(f"tcp://127.0.0.1:{free_port()}", run, 0, "noise")
    result = read_measurement(run, 0, "noise")
    assert (result.state, result.done) == ("failed", 0)
    assert "does not answer" in result.message.format(**result.message_values)


def test_in_this_process(run: Run, quick: list[Change]) -> None:
    measure_missing_points(str(run.path), "shift", last(run))
    result = read_measurement(run, last(run), "shift")
    assert (result.state, result.done, len(quick)) == ("done", 169, 169)
    grid = result.grid()
    assert grid.shape == (13, 13)
    assert grid[6, 0] == pytest.approx(0.44) and grid[0, 12] == pytest.approx(0.56)  # row y, column x
    measure_missing_points(str(run.path), "shift", last(run))
    assert len(quick) == 169


def test_curves_are_measured_once_for_all_checkpoints(run: Run, quick: list[Change]) -> None:
    measure_missing_points(str(run.path), "curves", 0)
    result = read_measurement(run, last(run), "curves")  # whatever the checkpoint
    assert (result.state, result.total) == ("done", 3 * len(run.checkpoints))
    for part in ("train", "validation", "test"):
        steps, accuracy, _ = result.series(part)
        assert steps.tolist() == list(run.checkpoints)
        assert not np.isnan(accuracy).any()


def test_broken_lines_are_measured_again(run: Run, quick: list[Change]) -> None:
    measure_missing_points(str(run.path), "noise", 0)
    file = run.path / "measured" / "noise-0.jsonl"
    whole = file.read_bytes().splitlines(keepends=True)
    bad = [b"{}\n", b"\xff\xfe\n", b'{"at": 1}\n', b'{"at": [7], "part": "both", "accuracy": 1, "loss": 1}\n', b"[1]\n"]
    file.write_bytes(b"".join([*bad, *whole[:5], whole[6][:20]]))
    os.utime(file.with_suffix(".alive"), (0, 0))
    result = read_measurement(run, 0, "noise")
    assert (result.state, result.done) == ("interrupted", 5)
    file.write_bytes(b"".join([*bad, *whole[:5]]))
    quick.clear()
    measure_missing_points(str(run.path), "noise", 0)
    assert (read_measurement(run, 0, "noise").state, len(quick)) == ("done", 16)


def state_of(run: Run, record: MeasurementRecord, silent: float, scheduler: str = "") -> Measurement:
    files = MeasurementFiles(run.path, measurement_kind("noise", run), 0)
    files.new_attempt(record)
    files.alive.touch()
    os.utime(files.alive, (time.time() - silent,) * 2)
    return read_measurement(run, 0, "noise", scheduler)


def test_the_state_of_a_silent_measurement(run: Run) -> None:
    here, gone = "tcp://here:1", "tcp://gone:1"
    waiting, begun = MeasurementRecord("a", here), MeasurementRecord("a", here, time.time() - 100)
    assert state_of(run, waiting, 100).state == "waiting"
    assert state_of(run, waiting, 100, here).state == "waiting"
    assert state_of(run, waiting, 100, gone).state == "interrupted"
    assert state_of(run, begun, 1).state == "running"
    assert state_of(run, begun, 1, gone).state == "running"
    assert state_of(run, begun, 20, here).state == "waiting"  # behind trainings
    assert state_of(run, begun, 20, gone).state == "interrupted"
    assert state_of(run, begun, 20).state == "interrupted"
    assert state_of(run, begun, 20).seconds == pytest.approx(80, abs=1)


def test_the_time_left_follows_the_pace(run: Run) -> None:
    files = MeasurementFiles(run.path, measurement_kind("noise", run), 0)
    files.folder.mkdir()
    for point in measurement_kind("noise", run).points(run)[:11]:
        files.append(point, Score(0.5, 1.0))
    result = state_of(run, MeasurementRecord("a", "tcp://here:1", time.time() - 10, before=6, spent=3.0), 0)
    assert (result.done, result.state) == (11, "running")
    assert result.seconds == pytest.approx(13, abs=0.5)
    assert result.seconds_left == pytest.approx(20, abs=1)  # 5 points in 10 s, 10 are left


def test_a_task_of_an_earlier_attempt_does_nothing(run: Run, quick: list[Change]) -> None:
    MeasurementFiles(run.path, measurement_kind("noise", run), 0).new_attempt(MeasurementRecord("new", "tcp://here:1"))
    measure_point(str(run.path), "noise", 0, 0, "old")
    assert (quick, read_measurement(run, 0, "noise").state) == ([], "waiting")
    measure_point(str(run.path), "noise", 0, 0, "new")
    measure_point(str(run.path), "noise", 0, 0, "new")  # its worker died after the first
    assert (len(quick), read_measurement(run, 0, "noise").done) == (1, 1)


def test_what_goes_wrong_is_told_and_can_be_tried_again(run: Run, quick: list[Change]) -> None:
    facts = (run.path / "facts.json").read_bytes()
    (run.path / "facts.json").unlink()
    measurements._opened.cache_clear()
    measure_missing_points(str(run.path), "noise", 0)
    result = read_measurement(run, 0, "noise")
    assert result.state == "failed"
    assert result.message.format(**result.message_values).endswith("has no readable facts.json; it cannot be opened.")
    (run.path / "facts.json").write_bytes(facts)
    measure_missing_points(str(run.path), "noise", 0)
    assert read_measurement(run, 0, "noise").state == "done"


def test_a_break_is_told_and_raised(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> Score:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(image_sweeps, "score_on_changed", broken)
    with pytest.raises(ZeroDivisionError):
        measure_missing_points(str(run.path), "noise", 0)
    result = read_measurement(run, 0, "noise")
    assert result.message.format(**result.message_values) == "The measurement broke off: ZeroDivisionError: oh"


def test_what_cannot_be_begun(run: Run, bike_run: Run) -> None:
    with pytest.raises(RunError, match="has no readable checkpoint 77"):
        measure_missing_points(str(run.path), "noise", 77)
    with pytest.raises(RunError, match="only runs of digits can"):
        measure_missing_points(str(bike_run.path), "noise", 0)
    (run.path / "measured").write_text("a file")
    with pytest.raises(RunError, match="cannot be written: File exists"):
        measure_missing_points(str(run.path), "noise", 0)
