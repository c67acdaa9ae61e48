"""How long a full shift map takes: 169 shifts of all 10,000 test images, from the request to the last point."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from explorer.chapters.measurements import measure_missing_points, read_measurement, start_measurement
from explorer.runs.cluster import embedded_cluster
from explorer.runs.folder import Run, create_run, read_run
from explorer.runs.training import carry_out
from models.catalogue import model
from tests.bench.first_paint import free_port
from tests.bench.netron_race import bounded
from tests.bench.ratios import Row

MOST_SECONDS = 60.0
WORKERS = 2  # the bound is for two cores


@contextmanager
def trained_digits() -> Iterator[Run]:
    """A run with the book's settings, trained for one epoch."""
    with TemporaryDirectory(prefix="toushi-bench-") as name:
        run = create_run(Path(name), "digits", model("digits").config(epochs=1).model_dump())
        carry_out(str(run.path))
        yield read_run(run.path)


def cluster_seconds(address: str, run: Run, kind: str = "shift") -> float:
    """Wall seconds on the cluster, as a page has it measured; nothing is kept of an earlier time."""
    rmtree(run.path / "measured", ignore_errors=True)
    step, begin = run.checkpoints[-1], time.perf_counter()
    found = start_measurement(address, run, step, kind)
    while found.active:
        time.sleep(0.05)
        found = read_measurement(run, step, kind, address)
    if found.state != "done":
        raise RuntimeError(f"the measurement ended {found.state}: {found.message}")
    return time.perf_counter() - begin


def here_seconds(run: Run, kind: str = "shift") -> float:
    """Wall seconds in this process, as the command line measures."""
    rmtree(run.path / "measured", ignore_errors=True)
    begin = time.perf_counter()
    measure_missing_points(str(run.path), kind, run.checkpoints[-1])
    return time.perf_counter() - begin


def sweeps(pairs: int, accuracy: bool) -> list[Row]:
    """The shift map against its bound, on the cluster and on the command line."""
    with trained_digits() as run, embedded_cluster(free_port(), WORKERS) as address:
        cluster = [cluster_seconds(address, run) for _ in range(pairs)]
        here = [here_seconds(run) for _ in range(pairs)]
    note = "169 shifts of 10,000 images"
    return [
        bounded("digits: full shift map on two workers against 60 s", cluster, MOST_SECONDS, note=note),
        bounded("digits: full shift map on the command line against 60 s", here, MOST_SECONDS),
    ]
