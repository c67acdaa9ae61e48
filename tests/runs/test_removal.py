"""A removed run leaves the list, can be brought back for a day, and is then deleted for good."""

import os
import time
from pathlib import Path

import pytest

from explorer.runs.folder import Run, create_run, list_runs, read_run, write_json
from explorer.runs.removal import KEPT_SECONDS, remove_run, removed_runs, restore_run
from models.errors import RunError


@pytest.fixture
def ended(store: Path) -> Run:
    run = create_run(store, "bike", {"epochs": 3})
    write_json(run.path / "status.json", {"state": "done", "epoch": 3})
    return read_run(run.path)


def test_a_removed_run_comes_back_as_it_was(store: Path, ended: Run) -> None:
    other = create_run(store, "bike", {})
    remove_run(ended)
    assert list_runs(store) == (other,)
    assert [run.id for run in removed_runs(store)] == [ended.id]
    assert restore_run(store, ended.id) == ended
    assert ended in list_runs(store)
    assert removed_runs(store) == ()


def test_the_run_removed_last_stands_first(store: Path, ended: Run) -> None:
    later = create_run(store, "bike", {})
    write_json(later.path / "status.json", {"state": "failed"})
    remove_run(ended)
    os.utime(store / "removed" / ended.id, (time.time() - 60,) * 2)
    remove_run(read_run(later.path))
    assert [run.id for run in removed_runs(store)] == [later.id, ended.id]


def test_after_a_day_it_is_deleted_with_the_next_removal(store: Path, ended: Run) -> None:
    remove_run(ended)
    folder = store / "removed" / ended.id
    os.utime(folder, (time.time() - KEPT_SECONDS - 5,) * 2)
    assert removed_runs(store) == ()
    other = create_run(store, "bike", {})
    write_json(other.path / "status.json", {"state": "done"})
    remove_run(read_run(other.path))
    assert not folder.exists()
    with pytest.raises(RunError, match="deleted for good"):
        restore_run(store, ended.id)


@pytest.mark.parametrize("name", ["", "..", "../runs", "x/y", "nothing"])
def test_nothing_else_of_the_store_is_brought_back(store: Path, ended: Run, name: str) -> None:
    with pytest.raises(RunError, match="cannot be brought back"):
        restore_run(store, name)
    assert list_runs(store) == (ended,)


def test_a_run_that_trains_is_not_removed(store: Path) -> None:
    run = create_run(store, "bike", {})
    with pytest.raises(RunError, match="still training"):
        remove_run(run)
    assert read_run(run.path) == run
