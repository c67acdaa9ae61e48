"""How long a full shift map takes: 169 shifts of all 10,000 test images, from the request to the last point."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import torch

from explorer.chapters.measurements import measure_missing_points, read_measurement, start_measurement
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, create_run, read_run
from explorer.runs.torch_threads import torch_threads
from explorer.runs.training import carry_out, training_threads
from explorer.runs.training_cluster import embedded_cluster
from models.catalogue import model
from tests.bench.ratios import Row, interleaved
from tests.browser.server import free_port

SHIFTS, BATCH = 169, 1000
MOST = 0.7  # times the plain passes: moving the images is a part of it
WORKERS = 2


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


def plain_seconds(run: Run, passes: int = 3) -> float:
    """Wall seconds of as many plain passes over the images as a shift map has shifts, told from ``passes`` of them."""
    opened = open_run(run)
    data = opened.book.load(opened.config)
    inputs = torch.cat([data.validation.inputs, data.test.inputs])  # (10000, 1, 28, 28) uint8
    with torch_threads(training_threads()), torch.no_grad():
        begin = time.perf_counter()
        for _ in range(passes):
            for batch in inputs.split(BATCH):
                opened.network(opened.book.prepare(batch)).argmax(1)
        return (time.perf_counter() - begin) / passes * SHIFTS


def sweeps(pairs: int, accuracy: bool) -> list[Row]:
    """The shift map against plain passes of the same network, on the cluster and on the command line."""
    with trained_digits() as run, embedded_cluster(free_port(), WORKERS) as address:
        cluster = interleaved(partial(cluster_seconds, address, run), partial(plain_seconds, run), pairs)
        here = interleaved(partial(here_seconds, run), partial(plain_seconds, run), pairs)
    note = f"{SHIFTS} shifts of 10,000 images"
    return [
        Row("digits: full shift map on two workers against plain passes", "s", cluster, MOST, "≤", note),
        Row("digits: full shift map on the command line against plain passes", "s", here, MOST, "≤"),
    ]
