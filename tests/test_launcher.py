"""The launcher: first start, hand-over, a web process that dies at once, and an end that leaves nothing behind."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from explorer import launcher
from explorer.launcher import ServeError, serve, train_first_runs
from explorer.project import PROJECT
from explorer.runs.folder import Run, create_run, list_runs, read_run, write_json
from explorer.settings import Settings
from models.catalogue import entry, model, model_entries
from models.errors import RunError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def waited(wanted: Callable[[], object], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.1)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Runs that were handed to a scheduler; nothing is trained."""
    runs: list[Run] = []
    monkeypatch.setattr("explorer.runs.training_cluster.submit", lambda address, run: runs.append(run))
    return runs


def test_the_first_start_trains_each_model_once(store: Path, submitted: list[Run]) -> None:
    train_first_runs(Settings(store=store, scheduler="tcp://h:1"))
    assert sorted(run.model for run in submitted) == sorted(model_entries())
    assert {run.id for run in list_runs(store)} == {run.id for run in submitted}
    for run in submitted:
        book = model(run.model)
        assert run.settings == book.config(**(entry(run.model).first_start or {})).model_dump()


def test_a_later_start_trains_only_what_still_waits(store: Path, submitted: list[Run]) -> None:
    waiting, running, done = (create_run(store, "bike", {"epochs": 1}) for _ in range(3))
    write_json(running.path / "status.json", {"state": "running", "step": 3, "steps": 9})
    write_json(done.path / "status.json", {"state": "done"})
    train_first_runs(Settings(store=store, scheduler="tcp://h:1"))
    assert [run.id for run in submitted] == [waiting.id]
    assert read_run(running.path).state == "interrupted"
    assert len(list_runs(store)) == 3


def test_a_damaged_run_is_not_handed_over(store: Path, submitted: list[Run]) -> None:
    (create_run(store, "bike", {}).path / "run.json").write_text("{")
    train_first_runs(Settings(store=store, scheduler="tcp://h:1"))
    assert submitted == []


def test_a_port_that_is_taken(store: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"Port {port} on 127\.0\.0\.1 cannot be used: .* with --port"):
            serve(Settings(port=port, store=store, browser=False))
    assert not store.exists()


def test_an_address_that_is_not_ours(store: Path) -> None:
    for host in ("192.0.2.1", "no such host"):
        with pytest.raises(ServeError, match="cannot be used"):
            serve(Settings(host=host, port=free_port(), store=store, browser=False))


def test_a_store_that_cannot_be_written(no_place: Path) -> None:
    with pytest.raises(RunError, match=r"store folder .* cannot be written: Not a directory"):
        serve(Settings(port=free_port(), store=no_place, browser=False))


def test_a_web_process_that_dies_at_once_ends_the_server(monkeypatch: pytest.MonkeyPatch, store: Path) -> None:
    web = launcher._Web(Settings(store=store, port=free_port(), scheduler="tcp://h:1", browser=False))
    web.process.kill()
    assert web.watch(lambda seconds: time.sleep(0.01)) != 0
    web.stop()


def server(store: Path, port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "explorer", "--no-browser", "--port", str(port), "--store", str(store)]
    return subprocess.Popen(
        [*command, "--workers", "1"],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def ended(process: "subprocess.Popen[bytes]", children: list[psutil.Process]) -> None:
    """The server is over, and so is everything that it started."""
    try:
        assert process.wait(30) == 0, process.stderr.read() if process.stderr else ""
        _, alive = psutil.wait_procs(children, timeout=5)
        assert not alive
    finally:
        for each in children:
            if each.is_running():
                each.kill()
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.training
def test_a_waiting_run_is_trained_and_nothing_survives_the_end(store: Path) -> None:
    """That a training survives a web process which is killed: ``tests/browser/test_training.py``."""
    waiting = create_run(store, "bike", model("bike").config(epochs=5000).model_dump())
    port = free_port()
    process = server(store, port)
    children: list[psutil.Process] = []
    try:
        waited(lambda: listens(port))
        waited(lambda: read_run(waiting.path).status.step > 0)  # a queued run of an earlier server was handed over
        assert len(list_runs(store)) == 1  # the store was not empty
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        ended(process, children)
    assert not listens(port)


@pytest.mark.training
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_end_during_the_start_leaves_nothing(store: Path, number: signal.Signals) -> None:
    create_run(store, "bike", {"epochs": "x"})
    process = server(store, free_port())
    parent = psutil.Process(process.pid)
    waited(lambda: len(parent.children(recursive=True)) >= 2)
    time.sleep(0.5)
    children = parent.children(recursive=True)
    process.send_signal(number)
    ended(process, children)
