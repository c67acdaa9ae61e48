"""A run carried out in this process: what it leaves, that it can be repeated, cancelled and fail well."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from explorer.runs import training
from explorer.runs.checkpoint import open_run, weights_at
from explorer.runs.folder import Run, create_run, read_metrics, read_run, request_cancel
from explorer.runs.loop import log_spaced
from explorer.runs.recorder import Heartbeat, MetricsRecorder
from explorer.runs.removal import remove_run
from explorer.runs.training import carry_out, checked_config
from models.catalogue import model
from models.errors import RunError, SettingError
from tests.conftest import Train

BIKE_STEPS = 16  # 8,141 hours in batches of 512


def numbers(run: Run) -> tuple[Any, ...]:
    """All that a training computed: metrics of the end and on the way, and every weight of every checkpoint."""
    weights = {step: {k: v.tolist() for k, v in weights_at(run, step).items()} for step in run.checkpoints}
    return run.status.metrics, read_metrics(run), weights


def test_a_finished_run_holds_all_that_was_promised(bike_run: Run) -> None:
    status = bike_run.status
    assert (status.state, status.step, status.steps, status.epoch, status.device) == (
        "done",
        2 * BIKE_STEPS,
        2 * BIKE_STEPS,
        2,
        "cpu",
    )
    assert bike_run.checkpoints == log_spaced(2, BIKE_STEPS)
    assert status.samples_per_second == pytest.approx(2 * 8141 / status.seconds, rel=0.1)  # seconds are rounded
    assert status.onnx_max_difference is not None
    assert status.onnx_max_difference <= 1e-5
    assert set(status.metrics) == {"train", "validation", "test"}
    opened = open_run(bike_run)
    data = opened.book.load(opened.config)
    with torch.no_grad():
        error = (opened.network(data.test.inputs) - data.test.targets).square().mean()
    assert status.metrics["test"]["loss"] == pytest.approx(float(error), rel=1e-5)


def test_each_checkpoint_has_a_training_loss_and_the_last_a_validation(bike_run: Run) -> None:
    records = read_metrics(bike_run)
    trained = {record["step"]: record["loss"] for record in records if record["part"] == "train"}
    assert set(bike_run.checkpoints) <= set(trained)
    assert trained[0] == trained[1]  # the first step's loss is that of the untrained weights
    validated = [record for record in records if record["part"] == "validation"]
    assert [record["step"] for record in validated] == [BIKE_STEPS, 2 * BIKE_STEPS]
    last = bike_run.status.metrics["validation"]
    assert {name: validated[-1][name] for name in last} == pytest.approx(dict(last))


def test_the_same_seed_gives_the_same_numbers_another_one_others(train: Train, store: Path) -> None:
    first, again, other = (train(store, "bike", epochs=2, batch_size=512, seed=seed) for seed in (1, 1, 2))
    assert numbers(first) == numbers(again)
    assert numbers(first)[0] != numbers(other)[0]


def test_the_same_seed_gives_the_same_digits(train: Train, store: Path, trained_store: Path) -> None:
    known = read_run(next((trained_store / "runs").glob("digits-*")))
    assert numbers(train(store, "digits", **known.settings)) == numbers(known)


def test_a_run_that_is_carried_out_again_starts_anew(train: Train, store: Path) -> None:
    run = train(store, "bike", epochs=2, batch_size=512)
    before = numbers(run)
    (run.path / "checkpoints" / "00000007.safetensors").write_bytes(run.checkpoint_path(0).read_bytes())
    carry_out(str(run.path))
    assert numbers(read_run(run.path)) == before


def test_denormals_are_flushed_while_training_and_kept_otherwise(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flushed() -> bool:
        return float(torch.tensor([1e-30]) * torch.tensor([1e-10])) == 0

    seen = []
    monkeypatch.setattr(training, "_train", lambda run: seen.append(flushed()))
    carry_out(str(create_run(store, "bike", {"epochs": 1}).path))
    assert seen == [True]
    assert not flushed()


def test_a_mistake_is_told_in_the_status(store: Path, tmp_path: Path) -> None:
    run = create_run(store, "bike", {"epochs": 1}, tmp_path / "gone.csv")
    carry_out(str(run.path))
    status = read_run(run.path).status
    assert status.state == "failed"
    assert status.message.format(**status.message_values) == f"There is no file '{tmp_path / 'gone.csv'}'."


def test_a_fault_is_told_in_the_status_and_raised(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(run: Run) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(training, "_train", fail)
    run = create_run(store, "bike", {"epochs": 1})
    with pytest.raises(ZeroDivisionError):
        carry_out(str(run.path))
    status = read_run(run.path).status
    assert status.state == "failed"
    assert status.message_values == {"reason": "ZeroDivisionError: by nought"}


def test_what_cannot_be_trained_is_refused_before() -> None:
    with pytest.raises(SettingError, match="20×20 is larger than the 14×14"):
        checked_config(model("digits"), {"kernel_size": 20})
    with pytest.raises(SettingError, match="no setting 'colour'"):
        checked_config(model("bike"), {"colour": "red"})
    if not torch.cuda.is_available():
        with pytest.raises(SettingError, match="no CUDA device"):
            checked_config(model("bike"), {"device": "cuda"})


def in_background(run: Run) -> threading.Thread:
    thread = threading.Thread(target=carry_out, args=(str(run.path),))
    thread.start()
    return thread


def waited(run: Run, wanted: Any, seconds: float = 60) -> Run:
    """The run once ``wanted(run)`` holds."""
    end = time.monotonic() + seconds
    while not wanted(now := read_run(run.path)):
        assert time.monotonic() < end, now.status
        time.sleep(0.01)
    return now


def test_a_cancel_is_seen_within_a_second_and_keeps_what_was_learnt(store: Path) -> None:
    run = create_run(store, "digits", {"epochs": 50, "batch_size": 64})
    thread = in_background(run)
    waited(run, lambda now: now.status.step > 100)
    asked = read_run(run.path).status.step
    request_cancel(run)
    seen = waited(run, lambda now: now.state == "cancelled")
    thread.join(60)
    a_second = seen.status.samples_per_second / 64  # steps, by the run's own pace
    assert seen.status.step - asked < 2 * a_second  # the step that was read may be as old as the cancel's check
    assert seen.checkpoints[-1] == seen.status.step > 100
    ended = read_run(run.path)
    assert ended.state == "cancelled"
    assert set(ended.status.metrics) == {"train", "validation", "test"}
    assert open_run(ended).step == seen.status.step


def test_a_cancel_before_the_first_step_is_seen_at_once(store: Path) -> None:
    run = create_run(store, "sentiment", {})
    thread = in_background(run)
    waited(run, lambda now: now.state == "running")
    request_cancel(run)
    assert read_run(run.path).state == "cancelled"
    thread.join(60)
    ended = read_run(run.path)
    assert ended.status.state == "cancelled"
    with pytest.raises(RunError, match="no checkpoint yet"):
        open_run(ended)


def test_a_run_cancelled_while_it_waited_is_not_trained(store: Path) -> None:
    run = create_run(store, "bike", {"epochs": 1})
    request_cancel(run)
    carry_out(str(run.path))
    ended = read_run(run.path)
    assert json.loads((run.path / "status.json").read_text())["state"] == ended.state == "cancelled"
    remove_run(ended)
    carry_out(str(run.path))  # the task of a deleted run finds nothing to do
    assert not run.path.exists()


def test_the_pulse_beats_while_the_block_lasts(tmp_path: Path) -> None:
    with Heartbeat(tmp_path):
        first = (tmp_path / "alive").stat().st_mtime_ns
        time.sleep(1.3)
        assert (tmp_path / "alive").stat().st_mtime_ns > first
    last = (tmp_path / "alive").stat().st_mtime_ns
    time.sleep(1.2)
    assert (tmp_path / "alive").stat().st_mtime_ns == last


@pytest.mark.parametrize(("epochs", "steps"), [(1, 3), (2, 16), (20, 938), (1000, 64), (5000, 64)])
def test_metrics_are_recorded_often_enough_and_not_too_often(tmp_path: Path, epochs: int, steps: int) -> None:
    checkpoints = log_spaced(epochs, steps)
    recorder = MetricsRecorder(tmp_path, checkpoints, epochs, steps)
    called, step = [], 0
    while (step := recorder.next_step(step)) <= epochs * steps:
        called.append(step)
    assert set(checkpoints) - {0} <= set(called)
    assert called[-1] == epochs * steps
    assert min(steps * epochs, 8) / 4 <= len(called) <= 450
    assert recorder.validated <= set(called)
    assert len(recorder.validated) <= 121
    assert all(each % steps == 0 for each in recorder.validated)


def test_weights_that_do_not_fit_or_are_not_there(train: Train, store: Path) -> None:
    run = train(store, "bike", epochs=1, batch_size=4096)
    with pytest.raises(RunError, match="no readable checkpoint 999"):
        open_run(run, 999)
    run.checkpoint_path(0).write_bytes(safetensors.torch.save({"w": torch.zeros(2)}))
    with pytest.raises(RunError, match=r"Checkpoint 0 of run .* does not fit its network"):
        open_run(read_run(run.path), 0)
    (run.path / "facts.json").write_text("{")
    with pytest.raises(RunError, match=r"no readable facts\.json"):
        open_run(run)
