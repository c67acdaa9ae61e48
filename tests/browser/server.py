"""A real server on a store of its own, and the command line beside it. Neither looks at a page."""

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TypeVar

from explorer.cli.main import main
from explorer.project import PROJECT
from explorer.runs.folder import Run, list_runs

Answer = TypeVar("Answer")
EXPLORER = (sys.executable, "-m", "explorer")


def wait_until(ask: Callable[[], Answer | None], seconds: float, what: str, pause: float = 0.25) -> Answer:
    """The first true answer of ``ask``; fails with ``what`` and the last answer after ``seconds``.

    pause: the longest time between two questions, in seconds. The first ones are shorter; to ask for minutes without
    a pause would take the processor from those who are waited for.
    """
    end = time.monotonic() + seconds
    now = min(0.02, pause)
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}; last seen: {answer!r}")
        time.sleep(now)
        now = min(1.3 * now, pause)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a Streamlit server answers at ``url``."""
    try:
        urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()  # noqa: S310 - our own server
    except OSError:
        return False
    return True


class Server:
    """``python -m explorer serve`` as a child process on a free port of 127.0.0.1."""

    def __init__(self, store: Path, environment: Mapping[str, str] | None = None, workers: int = 1) -> None:
        """environment: variables besides this process' own. workers: that train, 0 for the product's own number.

        Each worker takes seconds to start, and two test processes keep two cores busy already.
        """
        self.store = store
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.born = time.monotonic()
        self.log = (store.parent / f"{store.name}-{self.port}.log").open("wb")
        self.process = subprocess.Popen(
            [
                *(*EXPLORER, "serve", "--no-browser", "--port", str(self.port), "--store", str(store)),
                *("--workers", str(workers)),
            ],
            cwd=PROJECT,
            env=_environment() | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    @property
    def age(self) -> float:
        """Seconds since the command was given."""
        return time.monotonic() - self.born

    def answers(self) -> bool:
        """Whether the web process answers."""
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with status {self.process.returncode}: {self.said()}")
        return answers(self.url)

    def said(self) -> str:
        """The end of what the server wrote."""
        return Path(self.log.name).read_text("utf-8", errors="replace")[-20_000:]

    def stop(self) -> None:
        """End it as Ctrl-C would; killed where it does not go."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def runs(self, model: str = "") -> list[Run]:
        """The store's runs, newest first."""
        return [run for run in list_runs(self.store) if not model or run.model == model]

    def run(self, model: str) -> Run:
        """The model's run of the very first start, its oldest: what tests train comes after it."""
        return self.runs(model)[-1]

    def wait_for_first_runs(self, seconds: float = 180.0) -> None:
        """Return once the three runs of the very first start, the oldest, have ended."""

        def ended() -> list[Run]:
            first = self.runs()[-3:]
            return first if len(first) == 3 and not any(run.active for run in first) else []

        failed = [run.status for run in wait_until(ended, seconds, "first runs") if run.state == "failed"]
        if failed:
            raise AssertionError(f"first runs failed: {failed}")

    def web_process(self) -> int:
        """The process id of the Streamlit child."""
        listing = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="],  # noqa: S607 - the system's own
            capture_output=True,
            text=True,
            check=True,
        )
        for line in listing.stdout.splitlines():
            pid, parent, command = line.split(None, 2)
            if int(parent) == self.process.pid and "streamlit run" in command:
                return int(pid)
        raise AssertionError("the server has no web process")


@contextmanager
def started(store: Path, environment: Mapping[str, str] | None = None, workers: int = 1) -> Iterator[Server]:
    """A server on ``store`` that answers; at its end it must not have written a traceback."""
    server = Server(store, environment, workers)
    try:
        wait_until(server.answers, 60, "an answer from the server")
        yield server
        # What a page only calls "an error" stands in the server's words.
        assert "Traceback" not in server.said(), server.said()
    finally:
        server.stop()


@contextmanager
def streamlit_app(script: Path, *options: str) -> Iterator[str]:
    """The address of a Streamlit app of one file, started in the file's folder, once it answers."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", script.name),
            *("--server.headless=true", "--browser.gatherUsageStats=false"),
            *("--server.address=127.0.0.1", f"--server.port={port}", *options),
        ],
        cwd=script.parent,
        env=_environment() | {"PYTHONPATH": str(PROJECT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(url), 60, f"an answer from {script.name}")
        yield url
    finally:
        process.terminate()
        process.wait(20)


def command_line(*arguments: str, store: Path) -> dict[str, Any]:
    """The JSON object that ``python -m explorer … --json`` prints on its last line; run in this process."""
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        status = main([*arguments, "--json", "--store", str(store)])
    if status:
        raise AssertionError(f"{arguments} ended with status {status}: {errors.getvalue()[-2000:]}")
    answer: dict[str, Any] = json.loads(output.getvalue().splitlines()[-1])
    return answer


def listed(server: Server, run_id: str) -> Mapping[str, Any]:
    """What the command line lists about one run."""
    records: list[Mapping[str, Any]] = command_line("runs", store=server.store)["runs"]
    return next(record for record in records if record["run"] == run_id)


def _environment() -> dict[str, str]:
    """This process' environment without a developer's own settings of the server."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TOUSHI_", "STREAMLIT_"))}
