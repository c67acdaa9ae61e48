"""A few worker processes that live on between requests, each with limits on time and memory.

Two sides in one file. The web process holds a ``Pool``: requests from any thread wait in line for a free worker; one
that takes too long or dies is replaced, and harms no other request. A worker, started as ``python -m MODULE``, calls
``serve``. What travels is bytes (nothing is ever unpickled); what they mean is for the two users to agree on.

On the pipes, numbers big-endian. Request: length (8 bytes), limit in seconds (8 bytes, a float), content. Answer:
status (1 byte: done, the user's mistake, failure), length (8 bytes), content.
"""

import atexit
import contextlib
import json
import math
import os
import signal
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

from explorer.project import PROJECT
from models import errors
from models.errors import UserError

LARGEST_ANSWER = 2**30  # bytes; a longer one is that of a worker that has lost its mind
GRACE = 5  # seconds after its limit when a worker whose web process is gone ends itself
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

_DONE, _MISTAKE, _FAILURE = range(3)
_KINDS = (errors.SettingError, errors.DataError, errors.RunError, errors.GraphError)


class TookTooLongError(Exception):
    """The request was ended by its time limit."""


class WorkerDiedError(Exception):
    """The worker's process ended in the middle of the request: a crash, or memory that ran out."""


class RequestFailedError(Exception):
    """The worker raised something that is no UserError; the text is that error's."""


class _Worker:
    """One process and what it was last asked about. Used by one thread at a time."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.process: subprocess.Popen[bytes] | None = None
        self.about = ""

    def ask(self, request: bytes, seconds: float) -> tuple[int, bytes]:
        process = self._running()
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise OSError
            process.stdin.write(struct.pack(">Qd", len(request), seconds))
            process.stdin.write(request)
            process.stdin.flush()
            status, length = struct.unpack(">BQ", _exactly(process.stdout, 9))
            if length > LARGEST_ANSWER:
                raise EOFError
            return status, _exactly(process.stdout, length)
        except (OSError, EOFError):
            self.stop()
            raise (TookTooLongError if late.is_set() else WorkerDiedError) from None
        finally:
            timer.cancel()
            timer.join()  # so that it cannot fire into the next request
            if late.is_set():
                self.stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is not None and self.process.poll() is not None:
            self.stop()
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=PROJECT,
                env=os.environ | THREADS,
            )
        return self.process

    def stop(self) -> None:
        process, self.process, self.about = self.process, None, ""
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class Pool:
    """At most ``size`` processes of ``python -m module``, started when first needed."""

    def __init__(self, module: str, size: int) -> None:
        self._all = [_Worker(module) for _ in range(size)]
        self._free = list(self._all)
        self._line: deque[object] = deque()
        self._changed = threading.Condition()
        atexit.register(self.stop)

    def ask(self, request: bytes, seconds: float, about: str = "") -> bytes:
        """The worker's answer. seconds: from when a worker has taken the request, not the time in line before.

        about: a free worker that was last asked about the same is preferred: it may still hold what is needed.
        Raises the UserError that the worker raised, TookTooLongError, WorkerDiedError or RequestFailedError.
        """
        worker = self._taken(about)
        try:
            status, answer = worker.ask(request, seconds)
            worker.about = about
        finally:
            with self._changed:
                self._free.append(worker)
                self._changed.notify_all()
        if status == _DONE:
            return answer
        if status == _MISTAKE:
            raise _mistake(answer)
        raise RequestFailedError(answer.decode("utf-8", "replace"))

    def _taken(self, about: str) -> _Worker:
        """A free worker, first come, first served."""
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                while self._line[0] is not ticket or not self._free:
                    self._changed.wait()
                worker = max(self._free, key=lambda one: _fitness(one, about))
                self._free.remove(worker)
                return worker
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()

    def pids(self) -> list[int]:
        """Process ids of the workers that were started."""
        return [worker.process.pid for worker in self._all if worker.process is not None]

    def stop(self) -> None:
        """End every worker. A request that runs raises WorkerDiedError; the next one starts a new worker."""
        for worker in self._all:
            process = worker.process
            if process is not None:
                with contextlib.suppress(OSError):
                    process.kill()
                process.wait()


def _fitness(worker: _Worker, about: str) -> tuple[bool, bool, bool]:
    """The one that knows the matter, else a warm one, and of those one that nobody's matter is kept in."""
    known = bool(about) and worker.about == about
    return known, worker.process is not None, not worker.about


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _mistake(answer: bytes) -> UserError:
    """The worker's UserError: one of our own kinds, rebuilt from template and values."""
    record = json.loads(answer)
    kinds: dict[str, type[UserError]] = {kind.__name__: kind for kind in _KINDS}
    values = {str(name): str(value) for name, value in record["values"].items()}
    return kinds.get(record["kind"], UserError)(str(record["template"]), **values)


# ---- the worker's side ----


def serve(answer_to: Callable[[bytes], bytes], *, memory: int, stack: int = 0, largest_file: int = 0) -> None:
    """Answer requests until the web process closes the pipe. memory: bytes of address space for this process.

    stack, largest_file: bytes, 0 leaves the system's own limit. Standard output and error lead nowhere afterwards:
    libraries print what would be taken for an answer.
    """
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the web process's; its end closes our pipe
    _limit(memory, stack, largest_file)
    while True:
        try:
            length, seconds = struct.unpack(">Qd", _exactly(requests, 16))
            request = _exactly(requests, length)
        except EOFError:
            return
        _end_after(seconds + GRACE)
        status, answer = _answered(answer_to, request)
        del request
        _end_after(0)
        answers.write(struct.pack(">BQ", status, len(answer)))
        answers.write(answer)
        answers.flush()
        del answer  # a large one must not stay while this process waits


def _answered(answer_to: Callable[[bytes], bytes], request: bytes) -> tuple[int, bytes]:
    try:
        return _DONE, answer_to(request)
    except UserError as error:
        record = {"kind": type(error).__name__, "template": error.template, "values": error.values}
        return _MISTAKE, json.dumps(record).encode("utf-8")
    except Exception as error:
        return _FAILURE, f"{type(error).__name__}: {error}".encode("utf-8", "replace")


def _end_after(seconds: float) -> None:
    """Let the system end this process, whatever it does, if the web process can no longer; 0 takes that back."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, min(seconds, 1e6))


def _limit(memory: int, stack: int, largest_file: int) -> None:
    """Keep this process within its limits, where the system can (Windows cannot)."""
    try:
        import resource
    except ImportError:
        return
    wanted = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)]
    wanted += [
        (kind, size) for kind, size in ((resource.RLIMIT_STACK, stack), (resource.RLIMIT_FSIZE, largest_file)) if size
    ]
    for kind, limit in wanted:
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            low = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (low, low if kind == resource.RLIMIT_AS else hard))
    with contextlib.suppress(OSError):  # if memory runs out all the same, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container that it runs in; 8 GiB where nobody tells."""
    sizes = []
    with contextlib.suppress(AttributeError, ValueError, OSError):
        sizes.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int(Path(limit).read_text(encoding="ascii")))
    return min((size for size in sizes if size > 0), default=8 * 2**30)


def memory_limit(wanted: int) -> int:
    """``wanted`` bytes, but at most three quarters of the machine's memory."""
    return min(wanted, math.floor(machine_memory() * 3 / 4))
