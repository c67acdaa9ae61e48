"""Measurements that are followed together, and a first answer that is never taken for the whole one."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from explorer.chapters.digits.image_sweeps import SAMPLED, labelled_images, sample_sizes, sampled_name
from explorer.chapters.measurement_groups import WORST_FIRST, MeasurementGroup, fuller
from explorer.chapters.measurement_kinds import measurement_kind
from explorer.chapters.measurements import Measurement, State, measure_missing_points, read_measurement
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, read_run


@pytest.fixture
def run(trained_store: Path, tmp_path: Path) -> Run:
    """A copy of the digits run, for a test to measure."""
    source = next((trained_store / "runs").glob("digits-*"))
    shutil.copytree(source, tmp_path / "runs" / source.name)
    shutil.rmtree(tmp_path / "runs" / source.name / "measured", ignore_errors=True)
    return read_run(tmp_path / "runs" / source.name)


def test_a_first_answer_is_measured_on_every_twentieth_picture_and_kept_apart(run: Run) -> None:
    step = run.checkpoints[-1]
    measure_missing_points(str(run.path), "noise-of-500", step)
    whole, first = (read_measurement(run, step, kind) for kind in ("noise", sampled_name("noise")))
    assert (whole.state, whole.done) == ("absent", 0)
    assert (first.state, first.done) == ("done", len(whole.points)) and first.points == whole.points
    opened = open_run(run)
    data = opened.book.load(opened.config)
    inputs = torch.cat([data.validation.inputs, data.test.inputs])[::20]
    targets = torch.cat([data.validation.targets, data.test.targets])[::20]
    with torch.no_grad():
        right = opened.network(inputs.float() / 255).argmax(1) == targets
    assert first.accuracy[0] == pytest.approx(float(right.double().mean()), abs=1 / 500)  # no noise yet
    assert (first.accuracy * 500 == np.round(first.accuracy * 500)).all()
    names = {path.name for path in (run.path / "measured").iterdir()}
    assert names == {f"noise-of-500-{step}.{ending}" for ending in ("json", "jsonl", "alive")}
    sizes = sample_sizes(opened)
    assert (sizes.sampled, sizes.whole, sizes.times) == (len(targets), 10_000, 20) == (SAMPLED, 10_000, 20)
    assert len(labelled_images(opened, "both", 20_000).targets) == 10_000  # no more than there are


def measurement(run: Run, state: State, done: int, **more: float) -> Measurement:
    kind = measurement_kind("noise", run)
    accuracy = np.full(21, np.nan)
    accuracy[:done] = 0.5
    return replace(Measurement(kind, 0, state, kind.points(run), accuracy, accuracy), **more)  # type: ignore[arg-type]


def test_what_is_measured_at_the_same_time_counts_once(run: Run) -> None:
    group = MeasurementGroup(
        (
            measurement(run, "running", 7, begun=100.0, seconds=10.0),  # 100 to 110
            measurement(run, "running", 3, begun=104.0, seconds=13.0, spent=5.0),  # 104 to 112, and 5 s before
            measurement(run, "done", 21, begun=120.0, seconds=1.0),  # 120 to 121
            measurement(run, "waiting", 0),
        )
    )
    assert (group.state, group.active, group.done, group.total) == ("running", True, 31, 84)
    assert group.seconds == pytest.approx(12 + 1 + 5)
    assert group.seconds_left == pytest.approx(18 / 31 * 53)


def test_the_state_of_a_group(run: Run) -> None:
    assert sorted(WORST_FIRST) == sorted(get_args(State))
    for states, expected in (
        (("done", "done"), "done"),
        (("done", "absent"), "absent"),
        (("done", "cancelled", "absent"), "cancelled"),
        (("failed", "waiting"), "waiting"),
        (("failed", "cancelled"), "failed"),
    ):
        group = MeasurementGroup(tuple(measurement(run, state, 21 * (state == "done")) for state in states))  # type: ignore[arg-type]
        assert group.state == expected
        assert group.seconds_left is None
        assert (group.failed is not None) == ("failed" in states)


def test_the_fuller_measurement_is_shown_the_same_for_every_run(run: Run) -> None:
    def of(*done: int) -> list[Measurement]:
        return [measurement(run, "running", each) for each in done]

    for whole, sampled, shows_whole in (
        ((0,), (0,), False),
        ((3,), (0,), True),
        ((3,), (21,), False),
        ((21,), (21,), True),
        ((21, 0), (0, 21), False),  # neither covers both runs: the first answer is the quicker one to complete
        ((21, 21), (0, 21), True),
    ):
        assert (fuller(a := of(*whole), of(*sampled)) is a) == shows_whole
