"""DOT to a drawing, by Graphviz in a worker process with limits on time and memory, cached.

``draw`` may be called from any thread. The worker (``explorer/graph/layout_worker.py``) lives on between calls, and is
replaced when it has taken too long or has died.
"""

import atexit
import contextlib
import hashlib
import struct
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path
from typing import IO, Literal

from explorer.graph.polish import polished
from models.errors import N_, GraphError

Format = Literal["svg", "png", "pdf", "json"]
FORMATS: tuple[Format, ...] = ("svg", "png", "pdf", "json")
CACHED_BYTES = 64 * 2**20

_PROJECT = Path(__file__).resolve().parents[2]


class _Worker:
    """One process; every method is called with the lock held."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "explorer.graph.layout_worker"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=_PROJECT,
            )
        return self.process

    def stop(self) -> None:
        if self.process is not None:
            with contextlib.suppress(OSError):
                self.process.kill()
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            self.process = None

    def ask(self, dot: bytes, output: str, seconds: float) -> tuple[int, bytes]:
        """Status and answer. Raises TimeoutError when it took too long, OSError when the process died."""
        process = self.start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise OSError
            process.stdin.write(struct.pack(">I", len(dot)) + output.ljust(8).encode("ascii") + dot)
            process.stdin.flush()
            status, length = struct.unpack(">BI", _exactly(process.stdout, 5))
            return status, _exactly(process.stdout, length)
        except (OSError, EOFError):
            self.stop()
            raise (TimeoutError if late.is_set() else OSError) from None
        finally:
            timer.cancel()


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


_worker = _Worker()
_lock = threading.Lock()
_cache: OrderedDict[str, bytes] = OrderedDict()
atexit.register(_worker.stop)


def draw(dot: str, format: Format = "svg", seconds: float = 20) -> bytes:
    """The drawing of ``dot``. Raises GraphError where Graphviz fails, crashes, or takes longer than ``seconds``."""
    if format not in FORMATS:
        raise GraphError(N_("A graph cannot be drawn as {format}."), format=repr(format))
    text = dot.encode("utf-8", "replace")
    key = format + hashlib.sha256(text).hexdigest()
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
        try:
            status, drawing = _worker.ask(text, format, seconds)
        except TimeoutError:
            raise GraphError(
                N_("The graph could not be laid out within {seconds} s; fold some of its modules."),
                seconds=f"{seconds:g}",
            ) from None
        except OSError:
            raise GraphError(N_("Graphviz gave up on this graph; fold some of its modules.")) from None
    if status != 0:
        raise GraphError(N_("Graphviz could not draw the graph: {reason}."), reason=drawing.decode("utf-8", "replace"))
    if format == "svg":
        drawing = polished(drawing)
    with _lock:
        _remember(key, drawing)
    return drawing


def _remember(key: str, drawing: bytes) -> None:
    """Keep ``drawing`` and drop the oldest ones beyond ``CACHED_BYTES``."""
    _cache[key] = drawing
    size = sum(len(entry) for entry in _cache.values())
    while size > CACHED_BYTES and len(_cache) > 1:
        size -= len(_cache.popitem(last=False)[1])
