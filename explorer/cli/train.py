"""The command that trains: ``cli.py`` parses, this carries out."""

import json
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from explorer.runs.folder import Run, create_run, read_run, request_cancel
from explorer.runs.report import one_line, run_record
from explorer.runs.training import carry_out, checked_config, flushed_denormals
from models.catalogue import model
from models.errors import RunError


def train(store: Path, name: str, settings: Mapping[str, str], source: Path | None, as_json: bool) -> int:
    """Train a new run in this process, with progress on standard error. Ctrl-C cancels and keeps what was learnt."""
    book = model(name)
    config = checked_config(book, dict(settings))
    with flushed_denormals():  # also in the threads that torch starts when it loads data
        book.load(config, source)  # a broken data file is refused before a run exists; the loaded data are kept
    run = create_run(store, name, config.model_dump(), source)
    with _cancelled_by_ctrl_c(run), _Progress(run):
        carry_out(str(run.path))
    run = read_run(run.path)
    if run.state == "failed":
        raise RunError(run.status.message, **run.status.message_values)
    print(json.dumps(run_record(run), ensure_ascii=False) if as_json else one_line(run))
    return 0


class _cancelled_by_ctrl_c:
    """While the block lasts, an interrupt asks the run to stop instead of breaking it off."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __enter__(self) -> None:
        def ask(number: int, frame: FrameType | None) -> None:
            request_cancel(self.run)

        self.before = signal.signal(signal.SIGINT, ask)

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self.before)


class _Progress:
    """Repeats the run's progress on standard error, in place, where that is a terminal."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._show, daemon=True)

    def _show(self) -> None:
        while not self.ended.wait(0.5):
            print(f"\r\x1b[K{one_line(read_run(self.run.path))}", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> None:
        if sys.stderr.isatty():
            self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join()
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
