"""Starts the server: the web process, the cluster that trains, and the book's models on the very first start.

The web process is Streamlit in a child process, started at once so that the first page is there soon; the cluster
follows when that page could be drawn, at an address fixed beforehand. If the web process dies it is started again,
while trainings go on. Neither is imported by a page.
"""

import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from os import environ
from pathlib import Path
from types import FrameType

from explorer.project import PROJECT
from explorer.runs.folder import create_run, list_runs
from explorer.runs.removal import delete_old
from explorer.settings import Settings
from explorer.storage import unwritable_store
from explorer.workers.process import THREADS
from models.catalogue import first_starts, model
from models.errors import N_, UserError

QUICK_DEATH_SECONDS = 5.0  # a web process that dies sooner is not started again: it would die forever
# The cluster's imports of torch would take the processor from the first page: they wait until the server listens and
# a browser could draw, but never longer than the second figure.
FIRST_PAGE_SECONDS, LONGEST_WAIT_SECONDS = 1.5, 4.0


class ServeError(UserError):
    """The server cannot start."""


def serve(settings: Settings) -> int:
    """Serve until interrupted; returns the exit status. Raises UserError if the port or the store cannot be used."""
    _check_port(settings.host, settings.port)
    _check_store(settings.store)
    delete_old(settings.store)
    _stop_on_signals()
    embedded = not settings.scheduler
    address = f"tcp://127.0.0.1:{_free_port()}" if embedded else settings.scheduler
    settings = settings.model_copy(update={"scheduler": address})
    with ExitStack() as stack:
        web = _Web(settings)
        stack.callback(web.stop)
        print(f"Toushi 透视  http://{settings.host}:{settings.port}", flush=True)
        if settings.browser:
            threading.Thread(target=_open_browser, args=(settings,), daemon=True).start()
        try:
            _let_first_page_through(settings)
            if embedded:
                _start_cluster(settings, stack)
            else:
                train_first_runs(settings)
            return web.watch()
        except KeyboardInterrupt:
            return 0


def _stop_on_signals() -> None:
    """A termination is handled like Ctrl-C, so that no child is left behind."""

    names = ("SIGTERM", "SIGINT", "SIGHUP")  # Windows lacks the last
    ending = [getattr(signal, name) for name in names if hasattr(signal, name)]

    def stop(number: int, frame: FrameType | None) -> None:
        for each in ending:  # a second one must not break off the cleaning up
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in ending:
        signal.signal(each, stop)


def _start_cluster(settings: Settings, stack: ExitStack) -> None:
    from explorer.runs.training_cluster import embedded_cluster

    port = int(settings.scheduler.rpartition(":")[2])
    stack.enter_context(embedded_cluster(port, settings.workers))
    train_first_runs(settings)


def train_first_runs(settings: Settings) -> None:
    """On an empty store, start the runs that the catalogue declares; queued ones of an earlier server are submitted."""
    from explorer.runs.training_cluster import submit
    from models.base import parsed_config

    runs = list_runs(settings.store)
    if not runs:
        for entry in first_starts():
            config = parsed_config(model(entry.name).config, entry.first_start or {})
            submit(settings.scheduler, create_run(settings.store, entry.name, config.model_dump()))
    for run in runs:
        if run.state == "queued":
            submit(settings.scheduler, run)


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                N_("Port {port} on {host} cannot be used: {reason}. Choose another with --port."),
                port=port,
                host=host,
                reason=error,
            ) from None


def _check_store(store: Path) -> None:
    try:
        (store / "runs").mkdir(parents=True, exist_ok=True)
        probe = store / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise unwritable_store(store, error) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Web:
    """The Streamlit child process, started again when it dies."""

    def __init__(self, settings: Settings) -> None:
        self.command = [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            str(PROJECT / "explorer" / "app.py"),
            f"--server.address={settings.host}",
            f"--server.port={settings.port}",
        ]
        # One thread for the web process: its small forward passes gain nothing from two, which wait for each other
        # while something trains.
        self.environment = {**environ, **THREADS, **settings.environment(), "PYTHONPATH": str(PROJECT)}
        self._start()

    def _start(self) -> None:
        self.born = time.monotonic()
        self.process = subprocess.Popen(
            self.command, env=self.environment, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def watch(self, wait: Callable[[float], None] = time.sleep) -> int:
        """Keep the web process alive; returns its exit status if it dies right after its start."""
        while True:
            status = self.process.poll()
            if status is not None:
                if time.monotonic() - self.born < QUICK_DEATH_SECONDS:
                    return status or 1
                self._start()
            wait(0.2)

    def stop(self) -> None:
        """End the web process; killed if it does not go within three seconds."""
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _open_browser(settings: Settings) -> None:
    """Open a browser once the server listens."""
    if _listens(settings, 20.0):
        webbrowser.open(f"http://{settings.host}:{settings.port}")


def _let_first_page_through(settings: Settings) -> None:
    begin = time.monotonic()
    if _listens(settings, LONGEST_WAIT_SECONDS):
        time.sleep(max(0.0, min(FIRST_PAGE_SECONDS, begin + LONGEST_WAIT_SECONDS - time.monotonic())))


def _listens(settings: Settings, patience: float) -> bool:
    """Whether the web process accepts connections, within ``patience`` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((settings.host, settings.port)) == 0:
                return True
        time.sleep(0.05)
    return False
