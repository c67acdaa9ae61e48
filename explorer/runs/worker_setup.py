"""What a dask worker process does before its first task: step back behind the web process, and import torch early."""

from explorer.workers.process import lower_priority


def dask_setup(worker: object) -> None:
    """Called by dask in each new worker (``preload``)."""
    lower_priority()
    import explorer.runs.training  # noqa: F401  (takes about two seconds: now, not when the first training waits for it)
