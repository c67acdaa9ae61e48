"""Trainings in an embedded cluster: they outlive their client, their worker, and give the same numbers as elsewhere."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client

from explorer.project import PROJECT
from explorer.runs.checkpoint import weights_at
from explorer.runs.folder import Run, create_run, read_metrics, read_run, request_cancel
from explorer.runs.training_cluster import embedded_cluster, submit
from explorer.workers.cluster import SchedulerError, worker_count
from models.catalogue import model
from tests.conftest import Train


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with embedded_cluster(free_port(), workers=1) as address:
        yield address


def bike(store: Path, **settings: object) -> Run:
    return create_run(store, "bike", model("bike").config(**settings).model_dump())


def waited(run: Run, wanted: Callable[[Run], bool], seconds: float = 60) -> Run:
    end = time.monotonic() + seconds
    while not wanted(now := read_run(run.path)):
        assert time.monotonic() < end, now.status
        time.sleep(0.02)
    return now


def over(run: Run) -> bool:
    return not run.active


def same_numbers(one: Run, other: Run) -> None:
    assert one.state == other.state == "done"
    assert one.status.metrics == other.status.metrics
    assert read_metrics(one) == read_metrics(other)
    assert one.checkpoints == other.checkpoints
    for step in one.checkpoints:
        pairs = zip(weights_at(one, step).values(), weights_at(other, step).values(), strict=True)
        assert all(a.equal(b) for a, b in pairs)


def test_a_worker_gives_the_same_numbers_as_this_process(cluster: str, store: Path, train: Train) -> None:
    settings = {"epochs": 3, "batch_size": 256, "seed": 4}
    run = bike(store, **settings)
    submit(cluster, run)
    same_numbers(waited(run, over), train(store, "bike", **settings))


def test_a_killed_workers_training_is_done_again_with_the_same_numbers(cluster: str, store: Path, train: Train) -> None:
    settings = {"epochs": 150, "batch_size": 64, "seed": 5}
    run = bike(store, **settings)
    submit(cluster, run)
    waited(run, lambda now: now.status.step > 200)
    with Client(cluster, set_as_default=False) as client:
        (worker,) = client.run(os.getpid, nanny=False).values()
    os.kill(worker, signal.SIGKILL)
    assert 200 < read_run(run.path).status.step < 150 * 128
    ended = waited(run, over)
    same_numbers(ended, train(store, "bike", **settings))


def test_a_training_outlives_who_asked_for_it(cluster: str, store: Path) -> None:
    run = bike(store, epochs=20)
    code = (
        "import os, sys; from pathlib import Path; from explorer.runs.training_cluster import submit; "
        "from explorer.runs.folder import read_run; submit(sys.argv[1], read_run(Path(sys.argv[2]))); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, cluster, str(run.path)], cwd=PROJECT, check=True)
    assert waited(run, over).state == "done"


def test_runs_wait_for_a_worker_and_can_be_cancelled_there(cluster: str, store: Path) -> None:
    first, second, third = bike(store, epochs=5000), bike(store, epochs=1), bike(store, epochs=1)
    for run in (first, second, third):
        submit(cluster, run)
    waited(first, lambda now: now.status.step > 10)
    request_cancel(second)
    assert read_run(second.path).state == "cancelled"
    assert read_run(third.path).state == "queued"
    request_cancel(first)
    cancelled = waited(first, lambda now: now.state == "cancelled")
    assert cancelled.status.step < cancelled.status.steps
    assert waited(third, over).state == "done"
    assert not read_run(second.path).checkpoints


def test_a_scheduler_that_does_not_answer(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.workers.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(SchedulerError, match=r"The scheduler at tcp://127\.0\.0\.1:\d+ does not answer"):
        submit(f"tcp://127.0.0.1:{free_port()}", bike(store))
    with pytest.raises(SchedulerError, match="The scheduler at nonsense://x does not answer"):
        submit("nonsense://x", bike(store))


def test_the_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker_count(7) == 7
    for cores, wanted in ((1, 1), (2, 2), (64, 4), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert worker_count(0) == wanted
