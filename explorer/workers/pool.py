"""A few worker processes that live on between calls: a call waits in line for a free one.

A worker that takes too long or dies is replaced, and harms no other call.
"""

import atexit
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast

from explorer.workers.limits import Limits
from explorer.workers.messages import encoded_call, result_of
from explorer.workers.process import kill
from explorer.workers.worker_process import WorkerProcess

P = ParamSpec("P")
T = TypeVar("T")


class PoolWorker(WorkerProcess):
    """A worker of a pool. affinity: what its last call was about; it may still hold what that needed."""

    affinity = ""

    def fitness(self, affinity: str) -> tuple[bool, bool, bool]:
        """The free worker with the largest is taken: the same affinity, else already running, else with no affinity."""
        same = bool(affinity) and self.affinity == affinity
        return same and self.process is not None, self.process is not None, not self.affinity


class Pool:
    """At most ``size`` processes with ``limits``, started when first needed. Usable from any thread."""

    def __init__(self, size: int, limits: Limits) -> None:
        self.limits = limits
        self._workers = [PoolWorker(limits) for _ in range(size)]
        self._free = list(self._workers)
        self._line: deque[object] = deque()
        self._changed = threading.Condition()
        atexit.register(self.stop)

    def call(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """The result of a module's ``function``, called in a worker; see ``PoolCaller.call``."""
        return self.within(self.limits.seconds).call(function, *arguments, **named)

    def within(self, seconds: float, affinity: str = "") -> "PoolCaller":
        """For calls with another time limit, or that prefer the worker whose last call had the same ``affinity``."""
        return PoolCaller(self, seconds, affinity)

    def answer(self, call: bytes, seconds: float, affinity: str) -> tuple[int, bytes]:
        """Status and content of a free worker's answer to an encoded call."""
        worker = self._take(affinity)
        try:
            answer = worker.answer(call, seconds)
            worker.affinity = affinity
            return answer
        finally:
            with self._changed:
                self._free.append(worker)
                self._changed.notify_all()

    def _take(self, affinity: str) -> PoolWorker:
        """A free worker, first come, first served."""
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                while self._line[0] is not ticket or not self._free:
                    self._changed.wait()
                worker = max(self._free, key=lambda worker: worker.fitness(affinity))
                self._free.remove(worker)
                return worker
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()

    def pids(self) -> list[int]:
        """Process ids of the workers that were started."""
        return [worker.process.pid for worker in self._workers if worker.process is not None]

    def stop(self) -> None:
        """End every worker. A call under way raises WorkerDiedError; the next one starts a new worker."""
        for worker in self._workers:
            process = worker.process
            if process is not None:
                kill(process)  # a thread may read from its pipes: they are closed before the next call


@dataclass(frozen=True)
class PoolCaller:
    """Calls in a pool. seconds: from when a worker has taken the call, without the time in line before."""

    pool: Pool
    seconds: float
    affinity: str = ""

    def call(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """The result of a module's ``function``; arguments and result are what ``messages.py`` can send.

        Raises the UserError that the function raises, TookTooLongError, WorkerDiedError or CallFailedError, and
        OSError where no process can be started.
        """
        if named:
            raise TypeError("named arguments do not travel")
        status, content = self.pool.answer(encoded_call(function, arguments), self.seconds, self.affinity)
        return cast(T, result_of(cast(Callable[..., Any], function), status, content))
