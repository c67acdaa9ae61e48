"""Long work of a command: its progress on the terminal, and Ctrl-C that ends it in order."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

REDRAW_SECONDS = 0.5
CLEAR_LINE = "\r\x1b[K"


@contextmanager
def cancellable(progress: Callable[[], str], cancel: Callable[[], None]) -> Iterator[None]:
    """While the block lasts, Ctrl-C calls ``cancel`` instead of raising KeyboardInterrupt, so that results are kept.

    progress: one line, shown again and again in place on standard error, where that is a terminal. The block must be
    in the main thread.
    """

    def interrupted(number: int, frame: FrameType | None) -> None:
        cancel()

    previous = signal.signal(signal.SIGINT, interrupted)
    try:
        with _shown(progress):
            yield
    finally:
        signal.signal(signal.SIGINT, previous)


@contextmanager
def _shown(progress: Callable[[], str]) -> Iterator[None]:
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def show() -> None:
        while not ended.wait(REDRAW_SECONDS):
            print(f"{CLEAR_LINE}{progress()}", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        print(CLEAR_LINE, end="", file=sys.stderr, flush=True)
