"""A worker process as its parent sees it: started at the first call, ended by a time limit, replaced after its end."""

import subprocess
import threading

import msgspec

from explorer.workers.limits import Limits
from explorer.workers.messages import TookTooLongError, WorkerDiedError, read_answer, write_call
from explorer.workers.process import end, kill, start_python


class WorkerProcess:
    """One process for calls, with ``limits``. Used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.process: subprocess.Popen[bytes] | None = None

    def answer(self, call: bytes, seconds: float) -> tuple[int, bytes]:
        """Status and content of the answer to an encoded call. seconds: 0 for no limit.

        Raises TookTooLongError or WorkerDiedError, and OSError where no process can be started.
        """
        process = self._running()
        late = threading.Event()

        def end_late() -> None:
            late.set()
            kill(process)

        timer = threading.Timer(seconds or threading.TIMEOUT_MAX, end_late)
        timer.daemon = True
        timer.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise OSError
            write_call(process.stdin, call, seconds)
            return read_answer(process.stdout)
        except (OSError, EOFError):
            self.stop()
            raise (TookTooLongError if late.is_set() else WorkerDiedError) from None
        finally:
            timer.cancel()
            timer.join()  # so that it cannot fire into the next call
            if late.is_set():
                self.stop()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self.process is not None and self.process.poll() is not None:
            self.stop()
        if self.process is None:
            limits = msgspec.json.encode(self.limits).decode()
            self.process = start_python("explorer.workers.worker_main", "calls", limits, stdout=subprocess.PIPE)
        return self.process

    def stop(self) -> None:
        """End the process; the next call starts another."""
        process, self.process = self.process, None
        if process is not None:
            end(process)
