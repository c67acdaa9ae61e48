"""Run folders: what is written is read again, and whatever is broken in one harms only that run."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.runs.checkpoint import open_run
from explorer.runs.folder import (
    Run,
    Status,
    create_run,
    find_run,
    list_runs,
    read_metrics,
    read_run,
    request_cancel,
    write_json,
)
from explorer.runs.removal import remove_run
from explorer.runs.report import message, run_record, table
from explorer.runs.status import parsed_status
from explorer.runs.training import carry_out
from models.errors import RunError


@pytest.fixture
def broken(trained_store: Path, tmp_path: Path) -> Run:
    """A bike run that a test may break, in a store with a whole one of digits."""
    shutil.copytree(trained_store / "runs", tmp_path / "store" / "runs")
    return next(run for run in list_runs(tmp_path / "store") if run.model == "bike")


def change(run: Run, file: str, **values: object) -> None:
    write_json(run.path / file, json.loads((run.path / file).read_text()) | values)


def test_a_new_run_is_queued_and_reads_as_written(store: Path, tmp_path: Path) -> None:
    source = tmp_path / "hour.csv"
    run = create_run(store, "bike", {"epochs": 3, "seed": 7}, source)
    assert (run.model, run.settings, run.source, run.state) == ("bike", {"epochs": 3, "seed": 7}, source, "queued")
    assert run.active
    assert run.checkpoints == ()
    assert find_run(store, run.id) == run == read_run(run.path)
    assert [path.name for path in (store / "runs").iterdir()] == [run.id]


def test_a_store_that_cannot_be_written(no_place: Path) -> None:
    with pytest.raises(RunError, match=r"store folder .* cannot be written: Not a directory"):
        create_run(no_place, "bike", {})


def test_an_absent_store_has_no_runs(store: Path) -> None:
    assert list_runs(store) == ()
    assert table(()) == "no runs yet"


def test_runs_are_listed_newest_first(store: Path) -> None:
    runs = [create_run(store, "bike", {}) for _ in range(3)]
    for run, hour in zip(runs, (8, 10, 9), strict=True):
        change(run, "run.json", created=f"2026-01-01T{hour:02d}:00:00+00:00")
    assert [run.id for run in list_runs(store)] == [runs[1].id, runs[2].id, runs[0].id]


@given(
    names=st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=5, unique=True),
    wanted=st.text("ab", max_size=4),
)
def test_find_run_takes_an_id_or_its_only_beginning(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], wanted: str
) -> None:
    store = tmp_path_factory.mktemp("prefix")
    for name in names:
        (store / "runs" / name).mkdir(parents=True)
    begun = [name for name in names if wanted and name.startswith(wanted)]
    expected = wanted if wanted in names else begun[0] if len(begun) == 1 else None
    if expected is None:
        with pytest.raises(RunError, match="names several runs" if begun else "There is no run"):
            find_run(store, wanted)
    else:
        assert find_run(store, wanted).path.name == expected


def test_find_run_does_not_leave_the_store(bike_run: Run) -> None:
    for name in ("", ".", "..", f"../runs/{bike_run.id}", str(bike_run.path)):
        with pytest.raises(RunError, match="There is no run"):
            find_run(bike_run.path.parents[1], name)


BREAKS: dict[str, Callable[[Run], Any]] = {
    "checkpoint truncated": lambda run: cut(run.checkpoint_path(run.checkpoints[1]), 100),
    "checkpoint cut in its header": lambda run: cut(run.checkpoint_path(run.checkpoints[1]), 20),
    "checkpoint empty": lambda run: cut(run.checkpoint_path(run.checkpoints[1]), 0),
    "checkpoint of noise": lambda run: run.checkpoint_path(0).write_bytes(b"\xff" * 300),
    "run.json is no JSON": lambda run: (run.path / "run.json").write_text("{"),
    "run.json is a list": lambda run: (run.path / "run.json").write_text("[]"),
    "run.json is not text": lambda run: (run.path / "run.json").write_bytes(b"\xff\xfe\x00"),
    "run.json is deep": lambda run: (run.path / "run.json").write_text("[" * 100_000),
    "run.json missing": lambda run: (run.path / "run.json").unlink(),
    "settings are a number": lambda run: change(run, "run.json", settings=3),
    "source is a number": lambda run: change(run, "run.json", source=3),
    "unknown model": lambda run: change(run, "run.json", model="weather"),
    "status missing": lambda run: (run.path / "status.json").unlink(),
    "status is a number": lambda run: (run.path / "status.json").write_text("3"),
    "a number as text": lambda run: change(run, "status.json", step="12"),
    "a huge number": lambda run: change(run, "status.json", steps=10**400),
    "a huge time": lambda run: change(run, "status.json", seconds=10**400),
    "a negative step": lambda run: change(run, "status.json", step=-1),
    "a truth": lambda run: change(run, "status.json", step=True),
    "half a step": lambda run: change(run, "status.json", step=1.5),
    "time that is no number": lambda run: change(run, "status.json", seconds=float("nan")),
    "unknown state": lambda run: change(run, "status.json", state="sleeping"),
    "a list as state": lambda run: change(run, "status.json", state=["done"]),
    "metrics are a list": lambda run: change(run, "status.json", metrics=[1]),
    "a metric is text": lambda run: change(run, "status.json", metrics={"test": {"loss": "small"}}),
    "message is a number": lambda run: change(run, "status.json", message=3),
    "message values are a list": lambda run: change(run, "status.json", message_values=["a"]),
}


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_run_is_damaged_and_the_others_work(broken: Run, name: str) -> None:
    BREAKS[name](broken)
    runs = {run.id: run for run in list_runs(broken.path.parents[1])}
    assert len(runs) == 3
    damaged = runs[broken.id]
    assert damaged.state == "damaged"
    assert not damaged.active
    assert broken.id in str(damaged.damage) or "weather" in str(damaged.damage)
    with pytest.raises(RunError):
        open_run(damaged)
    assert [run.state for run in runs.values() if run.id != broken.id] == ["done", "done"]
    assert table(list(runs.values())).count("\n") == 2
    json.dumps(run_record(damaged), allow_nan=False)
    remove_run(damaged)
    assert len(list_runs(broken.path.parents[1])) == 2


def test_a_truncated_checkpoint_is_named(broken: Run) -> None:
    cut(broken.checkpoint_path(broken.checkpoints[1]), 100)
    assert str(read_run(broken.path).damage) == f"Run {broken.id} is damaged: checkpoint 1 is truncated."


def test_what_a_newer_version_adds_is_passed_over(broken: Run) -> None:
    change(broken, "status.json", power={"watts": 3})
    change(broken, "run.json", author="x")
    assert read_run(broken.path) == broken


def test_missing_fields_have_their_default() -> None:
    assert parsed_status({}) == Status()
    assert parsed_status({"step": 3}) == Status(step=3)


def test_files_that_are_no_checkpoints_are_passed_over(broken: Run) -> None:
    for name in ("12abc", "5", "-0000001", "²²²²²²²²", "99999999999999999999"):
        (broken.path / "checkpoints" / f"{name}.safetensors").write_bytes(b"")
    assert read_run(broken.path).checkpoints == broken.checkpoints


def test_a_line_that_is_still_being_written_is_left_out(broken: Run) -> None:
    whole = read_metrics(broken)
    file = broken.path / "metrics.jsonl"
    file.write_text(file.read_text()[:-9])
    assert read_metrics(broken) == whole[:-1]
    file.unlink()
    assert read_metrics(broken) == []


def test_a_training_that_went_wrong_is_printed_as_strict_json(broken: Run) -> None:
    change(broken, "status.json", metrics={"test": {"loss": float("nan"), "r2": -float("inf")}})
    run = read_run(broken.path)
    assert run.state == "done"
    record = json.loads(json.dumps(run_record(run), allow_nan=False))
    assert record["metrics"] == {"test": {"loss": None, "r2": None}}


def test_a_message_of_another_version_is_shown_as_it_is(broken: Run) -> None:
    change(broken, "status.json", state="failed", message="It broke at {place}.", message_values={})
    assert message(read_run(broken.path)) == "It broke at {place}."


def test_a_run_that_is_not_there(store: Path) -> None:
    with pytest.raises(RunError, match="There is no run 'bike-1'"):
        read_run(store / "runs" / "bike-1")


def test_a_queued_run_is_cancelled_at_once(store: Path) -> None:
    run = create_run(store, "bike", {})
    request_cancel(run)
    assert read_run(run.path).state == "cancelled"


def test_what_a_killed_process_left_is_removed(store: Path) -> None:
    run = create_run(store, "bike", {"epochs": 1, "batch_size": 512})
    stale, recent = store / "runs" / ".partial-stale", store / "runs" / ".partial-recent"
    for folder in (stale, recent):
        (folder / "checkpoints").mkdir(parents=True)
    os.utime(stale, (1000, 1000))
    create_run(store, "bike", {})
    assert not stale.exists()
    assert recent.exists(), "another process may be deleting a run just now"
    (run.path / ".partial-status").write_text("{")
    carry_out(str(run.path))
    assert read_run(run.path).state == "done"
    assert not list(run.path.glob(".*"))


def test_a_silent_run_is_interrupted(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run(store, "bike", {})
    change(run, "status.json", state="running", step=3, steps=9)
    assert read_run(run.path).state == "interrupted"  # nobody ever touched "alive"
    (run.path / "alive").touch()
    assert read_run(run.path).state == "running"
    monkeypatch.setattr("explorer.runs.folder.SILENCE_SECONDS", -1.0)
    assert read_run(run.path).state == "interrupted"
