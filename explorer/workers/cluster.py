"""Work that outlives the process that asked for it: dask.distributed, embedded in the launcher or reached by address.

The launcher owns the embedded cluster, so that a training outlives the tab and the web process. Each worker process
carries out one task at a time, and a task that is submitted with a higher priority goes first.
"""

import atexit
import os
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from tempfile import TemporaryDirectory
from typing import Any

import dask
from distributed import Client, LocalCluster, fire_and_forget
from distributed.deploy.spec import close_clusters

from models.errors import N_, UserError

MOST_WORKERS = 4
DASK = {
    # A worker busy inside torch may answer late; it is not dead for that.
    "distributed.scheduler.worker-ttl": None,
    "distributed.comm.timeouts.connect": "30s",
    # Dask has freed memory given back to the system at once, and fetched anew in the next step: a third of the speed.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**30,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
    # An idle cluster would spend a fifth of a core on watching itself (stacks every 10 ms, loops every 20 ms).
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}
CONNECT_SECONDS = 20
ACCEPTED_CHECKS = 500  # of 20 ms each, until a task must have reached its scheduler


class SchedulerError(UserError):
    """The scheduler that should carry out the work does not answer."""


def worker_count(wanted: int) -> int:
    """Worker processes of an embedded cluster: as wanted, or (0) one a core, at most ``MOST_WORKERS``."""
    return wanted or min(MOST_WORKERS, os.cpu_count() or 1)


@contextmanager
def embedded_cluster(port: int, workers: int = 0, preload: str = "") -> Iterator[str]:
    """A local cluster as long as the block lasts; yields its address. Binds to 127.0.0.1 only.

    preload: a module that each worker process imports before its first task; dask calls its ``dask_setup``.
    """
    # The block below closes the cluster. Dask's own closing at exit fails on one that was interrupted while starting.
    atexit.unregister(close_clusters)
    with (
        TemporaryDirectory(prefix="toushi-dask-") as folder,
        dask.config.set(DASK),
        LocalCluster(
            n_workers=worker_count(workers),
            threads_per_worker=1,
            host="127.0.0.1",
            scheduler_port=port,
            dashboard_address="127.0.0.1:0",
            local_directory=folder,
            memory_limit=0,
            silence_logs=40,
            preload=[preload] if preload else [],
        ) as cluster,
    ):
        yield str(cluster.scheduler_address)


@lru_cache(maxsize=4)
def _client(address: str) -> Client:
    """One connection a process and scheduler."""
    return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)


def submit(
    address: str,
    function: Callable[..., None],
    tasks: Mapping[Hashable, tuple[object, ...]],
    priority: int = 0,
) -> None:
    """Have ``function`` called with each task's arguments by the scheduler at ``address``; raises SchedulerError.

    tasks: arguments by key; a key that the scheduler has under way is not begun a second time. Keys that are tuples
    with the same first part are handed out one by one, as workers become free. priority: higher goes first; what has
    begun is never interrupted for it. function: a module's, since only its name travels. Tasks go on when this process
    ends, and start again if their worker dies.
    """
    if not tasks:
        return
    try:
        client = _client(address)
        futures = client.map(
            function, *zip(*tasks.values(), strict=True), key=list(tasks), pure=False, priority=priority
        )
        for future in futures:
            fire_and_forget(future)
        _wait_until_accepted(client, futures[-1].key)  # messages arrive in order: when the last is accepted, all are
    except (OSError, ValueError, RuntimeError) as error:
        _client.cache_clear()
        raise SchedulerError(
            N_("The scheduler at {address} does not answer: {reason}."), address=address, reason=error
        ) from None


def _wait_until_accepted(client: Client, key: Hashable) -> None:
    """Return once the scheduler itself keeps the task; until then it would be forgotten if this process died."""

    # A nested function travels with its code: a scheduler elsewhere need not have this project.
    def kept(key: Any, dask_scheduler: Any = None) -> bool:
        task = dask_scheduler.tasks.get(key)
        wanted = task is not None and any(client.client_key == "fire-and-forget" for client in task.who_wants or ())
        return wanted or (task is not None and task.state in ("memory", "erred"))

    for _ in range(ACCEPTED_CHECKS):
        if client.run_on_scheduler(kept, key=key):
            return
        time.sleep(0.02)
    raise TimeoutError("the task was not accepted")
