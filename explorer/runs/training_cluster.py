"""Trainings on a cluster: embedded in the launcher, or reached by address. ``training.py`` does the training."""

from collections.abc import Iterator
from contextlib import contextmanager

from explorer.runs.folder import Run
from explorer.runs.training import carry_out
from explorer.workers import cluster


@contextmanager
def embedded_cluster(port: int, workers: int = 0) -> Iterator[str]:
    """A local cluster whose workers are ready for trainings; see ``explorer/workers/cluster.py``."""
    with cluster.embedded_cluster(port, workers, preload="explorer.runs.worker_setup") as address:
        yield address


def submit(address: str, run: Run) -> None:
    """Have ``run`` carried out by the scheduler at ``address``; raises SchedulerError if it does not answer.

    It goes on when this process ends, and starts again if its worker dies.
    """
    cluster.submit(address, carry_out, {run.id: (str(run.path.resolve()),)})
