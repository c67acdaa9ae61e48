"""The rows of the table: which two things are measured, and what their ratio must be (the issues' "Speed")."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from explorer.runs.folder import ACTIVE, create_run, read_run
from explorer.runs.loop import evaluated, fit, started
from explorer.runs.torch_threads import torch_threads
from explorer.runs.training import carry_out, training_threads
from explorer.runs.training_cluster import embedded_cluster, submit
from tests.bench import first_paint
from tests.bench.graph.folding import folding, inspecting, inspecting_bodies, many_nodes
from tests.bench.graph.memory import memory
from tests.bench.graph.netron_race import race, uploads
from tests.bench.graph.scale import scale
from tests.bench.graph.tracing import tracing
from tests.bench.labs.network import lab
from tests.bench.labs.sweeps import sweeps
from tests.bench.ratios import Pairs, Row, interleaved
from tests.bench.training.book_loops import bike_loop, digits_loop, sentiment_loop
from tests.bench.training.cuda_steps import cuda
from tests.bench.training.our_training import Task, bare_seconds, hooked_and_inner_seconds, hooked_seconds, task
from tests.browser.screen import chromium
from tests.browser.server import free_port

READER_THREADS = torch.get_num_threads()  # torch's default on this machine, as a reader would run the book's loop
BOOK_EPOCHS = 10  # the book's passes over the reviews


def ours_rate(what: Task) -> float:
    """Samples a second of our training phase with all its hooks, with the threads that the product gives it."""
    with torch_threads(training_threads()):
        return what.samples / hooked_seconds(what)


def book_digits_rate(what: Task, count: int, bare: bool) -> float:
    """Images a second of the book's loop with ``count`` threads; ``bare``: without what it does beside training."""
    config = what.config
    with torch_threads(count):
        return what.samples / digits_loop(what.network(), what.data.train, config.epochs, config.batch_size, bare)


def book_bike_rate(what: Task, count: int) -> float:
    """Hours (samples) a second of the book's loop with ``count`` threads."""
    inputs, targets = (tensor.double().numpy() for tensor in (what.data.train.inputs, what.data.train.targets))
    with torch_threads(count):
        seconds = bike_loop(what.network(), inputs, targets, what.config.epochs, what.config.batch_size)
    return what.samples / seconds


def book_sentiment_rate(what: Task, reviews: int, count: int) -> float:
    """Reviews a second of the book's loop over the first ``reviews``, their dense bags made beforehand."""
    part = what.data.train
    bags = part.inputs.to_dense()[:reviews].double().numpy()
    with torch_threads(count):
        return len(bags) / sentiment_loop(what.network(), bags, part.targets[:reviews].tolist())


def book_sentiment_accuracy(what: Task, epochs: int = BOOK_EPOCHS, at_once: int = 500) -> float:
    """Test accuracy after the book's whole training; the bags are made ``at_once`` a time, to save memory."""
    network, part = what.network(), what.data.train
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    generator = torch.Generator().manual_seed(what.config.seed)
    for _ in range(epochs):
        for places in torch.randperm(len(part), generator=generator).split(at_once):
            bags = torch.stack([part.inputs[int(place)].to_dense() for place in places]).double().numpy()
            sentiment_loop(network, bags, part.targets[places].tolist(), optimizer)
    return evaluated(what.book, network, what.data.test)["accuracy"]


def ours_sentiment_accuracy(what: Task) -> float:
    """Test accuracy after our whole training."""
    state = started(what.book, what.network(), what.data, what.config)
    fit(state)
    return evaluated(what.book, state.network, what.data.test)["accuracy"]


def digits(pairs: int, accuracy: bool) -> list[Row]:
    """Our training with its hooks against the book's DataLoader loop, with its threads and with ours."""
    what = task("digits", epochs=1)
    kinds = (
        (READER_THREADS, False, 1.3, "1 epoch, metrics and checkpoints on; the book's loop without its validations"),
        (READER_THREADS, True, None, "also without the gradient of the input and the count of right answers"),
        *([(training_threads(), True, 1.3, "")] if training_threads() != READER_THREADS else []),
    )
    return [
        Row(
            f"digits: against the book's {'bare ' * bare}loop ({count} thread{'s' * (count > 1)})",
            "images/s",
            interleaved(partial(ours_rate, what), partial(book_digits_rate, what, count, bare), pairs),
            target,
            note=note,
        )
        for count, bare, target, note in kinds
    ]


def sentiment(pairs: int, accuracy: bool) -> list[Row]:
    """Our batches of sparse bags against one dense review a step."""
    what = task("sentiment")
    note = f"the book's loop is timed on 500 reviews; test accuracy ours {ours_sentiment_accuracy(what):.4f}"
    if accuracy:
        with torch_threads(1):
            note += f", the book's loop {book_sentiment_accuracy(what):.4f} after {BOOK_EPOCHS} epochs"
    else:
        note += ", the book's loop: --accuracy"
    other = partial(book_sentiment_rate, what, 500, READER_THREADS)
    return [
        Row(
            "sentiment: training against the book's loop",
            "reviews/s",
            interleaved(partial(ours_rate, what), other, pairs),
            20.0,
            note=note,
        )
    ]


def bike(pairs: int, accuracy: bool) -> list[Row]:
    """Our training with its hooks against the book's slices of numpy arrays."""
    what = task("bike", epochs=200)
    return [
        Row(
            f"bike: training against the book's loop ({count} thread{'s' * (count > 1)})",
            "hours/s",
            interleaved(partial(ours_rate, what), partial(book_bike_rate, what, count), pairs),
            1.0,
            note="200 of the 1000 epochs" if count == READER_THREADS else "",
        )
        for count in sorted({READER_THREADS, training_threads()}, reverse=True)
    ]


def hooks(pairs: int, accuracy: bool) -> list[Row]:
    """What metrics, checkpoints and status cost: within one run, where other programs weigh on both figures alike, and
    against runs without hooks, whose difference of percents drowns in the noise of a busy machine."""
    rows = []
    for name, epochs, note in (
        ("digits", 4, "4 of the 20 epochs, with as many checkpoints as 20"),
        ("bike", 500, "500 of the 1000 epochs, with as many checkpoints and records as 1000"),
        ("sentiment", 10, ""),
    ):
        what = task(name, epochs=epochs)
        with torch_threads(training_threads()):
            apart = interleaved(partial(hooked_seconds, what), partial(bare_seconds, what), pairs)
            inner = [hooked_and_inner_seconds(what) for _ in range(pairs)]  # after the first run, which warms up
        within = Pairs(tuple(total for total, _ in inner), tuple(steps for _, steps in inner))
        rows += [
            Row(f"{name}: all of a training against its steps alone", "s", within, 1.05, "≤", note),
            Row(f"{name}: with metrics and checkpoints against a run without", "s", apart),
        ]
    return rows


def first_page(pairs: int, accuracy: bool) -> list[Row]:
    """From process start to the heading, with an empty store and with one that holds a run."""
    with chromium() as browser, TemporaryDirectory(prefix="toushi-bench-") as name:
        folder = Path(name)
        used = folder / "used"
        run = create_run(used, "bike", {"epochs": 1})
        carry_out(str(run.path))

        def one_line() -> float:
            port = free_port()
            return first_paint.seconds_to_heading(browser, first_paint.one_line_command(folder, port), port, folder)

        def ours(store: Callable[[], Path]) -> float:
            port = free_port()
            return first_paint.seconds_to_heading(browser, first_paint.our_command(store(), port), port)

        def fresh() -> Path:
            with TemporaryDirectory(dir=folder) as gone:
                return Path(gone)

        return [
            Row(
                "first paint, empty store, against a one-line Streamlit app",
                "s",
                interleaved(partial(ours, fresh), one_line, pairs),
                1.5,
                "≤",
            ),
            Row(
                "first paint, store with a run, against a one-line Streamlit app",
                "s",
                interleaved(partial(ours, lambda: used), one_line, pairs),
                1.5,
                "≤",
            ),
        ]


def dask(pairs: int, accuracy: bool) -> list[Row]:
    """The pace of a training in the embedded cluster's worker against this process, as the runs record it."""
    with (
        TemporaryDirectory(prefix="toushi-bench-") as name,
        embedded_cluster(free_port(), 1) as address,
        torch_threads(training_threads()),
    ):
        store = Path(name)

        def rate(scheduler: str) -> float:
            run = create_run(store, "digits", {"epochs": 1})
            if scheduler:
                submit(scheduler, run)
            else:
                carry_out(str(run.path))
            while read_run(run.path).state in ACTIVE:
                time.sleep(0.2)
            return read_run(run.path).status.samples_per_second

        measured = interleaved(partial(rate, address), partial(rate, ""), pairs)
    return [Row("digits: in a worker of the cluster against in-process", "images/s", measured)]


COMPARISONS = {
    "digits": digits,
    "sentiment": sentiment,
    "bike": bike,
    "hooks": hooks,
    "paint": first_page,
    "dask": dask,
    "cuda": cuda,
    "netron": race,
    "uploads": uploads,
    "folding": folding,
    "inspecting": inspecting,
    "bodies": inspecting_bodies,
    "nodes": many_nodes,
    "tracing": tracing,
    "memory": memory,
    "lab": lab,
    "sweeps": sweeps,
    "scale": scale,
}
