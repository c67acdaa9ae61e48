"""The bench's parts on tiny inputs, and its arithmetic. No time is tested; what measures runs with ``make verify``."""

import copy
import socket
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from playwright.sync_api import Browser
from torch import nn

from explorer.graph.onnx_io.export import export_onnx
from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import create_run, list_runs
from explorer.runs.loop import fit, started
from explorer.runs.torch_threads import torch_threads
from explorer.runs.training import carry_out
from tests.bench.comparisons import COMPARISONS, book_bike_rate, book_digits_rate, book_sentiment_rate, ours_rate
from tests.bench.graph.folding import chain, folded_and_opened, inspected
from tests.bench.graph.memory import bytes_to_read, peak
from tests.bench.graph.screen import graph_page, netron, netron_page
from tests.bench.graph.tracing import forward, run_only, seconds_of, traced
from tests.bench.labs.network import layer_times, pressed, swept, watched
from tests.bench.labs.sweeps import here_seconds
from tests.bench.ratios import Pairs, Row, interleaved, late, single, table
from tests.bench.training.book_loops import Pictures, bike_loop, digits_loop, sentiment_loop
from tests.bench.training.our_training import bare_seconds, hooked_and_inner_seconds, task
from tests.browser.screen import Screen
from tests.browser.server import Server, free_port


def test_a_ratio_is_the_median_of_the_pairs_ratios() -> None:
    pairs = Pairs((10.0, 40.0, 90.0), (5.0, 10.0, 90.0))  # 2, 4, 1
    assert pairs.ratio == 2.0
    assert pairs.spread == (1.0, 4.0)


def test_a_target_is_a_bound_on_the_ratio() -> None:
    twice = Pairs((4.0,), (2.0,))
    assert Row("", "s", twice, 2.0, "≥").met is True
    assert Row("", "s", twice, 2.1, "≥").met is False
    assert Row("", "s", twice, 2.0, "≤").met is True
    assert Row("", "s", twice, 1.9, "≤").met is False
    assert Row("", "s", twice).met is None


def test_both_sides_are_measured_in_turn_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return float(len(order))

    pairs = interleaved(lambda: side("a"), lambda: side("b"), 2)
    assert order == ["a", "b"] * 3
    assert pairs == Pairs((3.0, 5.0), (4.0, 6.0))


def test_the_table_shows_ratio_target_and_verdict() -> None:
    rows = [
        Row("fast", "images/s", Pairs((30_000.0,), (10_000.0,)), 1.3),
        Row("slow", "s", Pairs((3.0,), (1.0,)), 1.5, "≤", "why"),
        Row("told", "s", Pairs((1.0,), (2.0,))),
    ]
    head, fast, slow, told, empty, note = table(rows).splitlines()
    assert "ratio" in head and "target" in head
    assert fast.split() == ["fast", "3.00", "3.00–3.00", "≥", "1.3", "30,000", "10,000", "images/s", "met"]
    assert slow.split()[-1] == "MISSED"
    assert told.split() == ["told", "0.50", "0.50–0.50", "1", "2", "s"]
    assert (empty, note) == ("", "slow: why")


def test_the_books_pictures_are_the_products_inputs() -> None:
    what = task("digits", rows=5, epochs=1)
    pictures = Pictures(what.data.train)
    shown = torch.stack([pictures[i][0] for i in range(5)])
    assert torch.equal(shown, what.book.prepare(what.data.train.inputs))
    assert [pictures[i][1] for i in range(5)] == what.data.train.targets.tolist()


def test_the_books_loops_train() -> None:
    what = task("digits", rows=128, epochs=1)
    network = what.network()
    before = copy.deepcopy(network.state_dict())
    assert digits_loop(network, what.data.train, 1) > 0
    assert any(not torch.equal(before[name], after) for name, after in network.state_dict().items())

    # One feature that tells the answer: both loops must learn it.
    linear = nn.Linear(1, 1)
    x = np.linspace(-1, 1, 64)[:, None]
    assert bike_loop(linear, x, 2 * x, epochs=300, batch_size=16) > 0
    assert linear(torch.tensor([[1.0]])).item() == pytest.approx(2.0, abs=0.1)
    classes = nn.Sequential(nn.Linear(2, 2), nn.LogSoftmax(dim=1))
    labels = [0, 1] * 200
    sentiment_loop(classes, np.eye(2)[labels], labels)
    assert classes(torch.eye(2)).argmax(dim=1).tolist() == [0, 1]


def test_one_of_the_books_steps_is_one_of_ours() -> None:
    """On the same batch in order, without shuffling or dropout, the book's loop and ours give the same weights."""
    what = task("bike", rows=300, epochs=2)
    theirs, ours = what.network(), what.network()
    inputs, targets = (tensor.double().numpy() for tensor in (what.data.train.inputs, what.data.train.targets))
    bike_loop(theirs, inputs, targets, 2, what.config.batch_size)
    fit(started(what.book, ours, what.data, what.config))
    for name, weight in ours.state_dict().items():
        assert torch.allclose(weight, theirs.state_dict()[name], atol=1e-6), name


@pytest.mark.long
@pytest.mark.parametrize("name", ["digits", "bike", "sentiment"])
def test_our_training_is_measured_with_and_without_hooks(name: str) -> None:
    what = task(name, rows=None if name == "sentiment" else 128, epochs=1)
    assert what.samples == len(what.data.train)
    assert bare_seconds(what) > 0
    total, steps = hooked_and_inner_seconds(what)
    assert total > steps > 0
    assert ours_rate(what) > 0


@pytest.mark.long
@pytest.mark.parametrize("bare", [False, True])
def test_the_books_digits_loop_is_measured(bare: bool) -> None:
    assert book_digits_rate(task("digits", rows=64, epochs=1), 1, bare) > 0


@pytest.mark.long
def test_the_books_loops_are_measured() -> None:
    assert book_bike_rate(task("bike", rows=128, epochs=1), 1) > 0
    assert book_sentiment_rate(task("sentiment"), 5, 1) > 0


def test_the_number_of_threads_is_put_back() -> None:
    before = torch.get_num_threads()
    with torch_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_a_free_port_can_be_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))


@pytest.fixture(scope="module")
def chained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 300 operations, a hundred to a module."""
    path = tmp_path_factory.mktemp("bench") / "chain.onnx"
    chain(path, 300)
    return path


def test_the_chain_is_one_valid_graph(chained: Path) -> None:
    onnx.checker.check_model(onnx.load(chained), full_check=False)
    graph = read_onnx(chained)
    assert len(graph.nodes) == 300
    assert {node.scope for node in graph.nodes} == {("block0",), ("block1",), ("block2",)}


@pytest.mark.long
def test_a_trace_and_the_plain_passes_are_measured(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU())
    picture = np.ones((1, 3, 5, 5), np.float32)
    export_onnx(network, torch.from_numpy(picture), tmp_path / "net.onnx")
    assert traced(tmp_path / "net.onnx", picture, times=2)() > 0
    assert forward(network, picture, times=2)() > 0
    assert run_only(tmp_path / "net.onnx", picture, times=2)() > 0
    calls: list[int] = []
    assert seconds_of(lambda: calls.append(1), 3) >= 0
    assert calls == [1, 1, 1]


@pytest.mark.long
def test_memory_is_that_of_another_process(tmp_path: Path) -> None:
    linear = nn.Linear(2000, 2000)  # 16 MB
    export_onnx(linear, torch.zeros(1, 2000), tmp_path / "net.onnx")
    assert 0 <= bytes_to_read(tmp_path / "net.onnx") < peak()


@pytest.mark.long
def test_a_sweep_is_measured_anew_each_time(tmp_path: Path) -> None:
    settings = {
        "epochs": 1,
        "training_images": 1000,
        "batch_size": 500,
        "kernels1": 1,
        "kernels2": 1,
        "hidden_units": 8,
    }
    carry_out(str(create_run(tmp_path, "digits", settings).path))
    (run,) = list_runs(tmp_path)
    file = run.path / "measured" / f"noise-{run.checkpoints[-1]}.jsonl"
    file.parent.mkdir()
    file.write_text("of an earlier time\n")
    assert here_seconds(run, "noise") > 0
    assert len(file.read_text().splitlines()) == 21


def test_a_single_pair_is_a_row() -> None:
    assert single("fast", "s", 0.2, 0.1, 2.0).met is True
    assert single("slow", "s", 0.3, 0.1, 2.0).met is False


@pytest.mark.long
def test_both_pages_are_measured(browser: Browser, chained: Path, server: Server) -> None:
    """Ours and Netron's, on a file of 300 operations: each act ends with what it is to end with."""
    run = server.run("bike").id
    with netron() as address:
        with netron_page(browser, address) as theirs:
            assert theirs.choose(chained) > 0
            assert theirs.page.locator("#canvas .node").count() >= 300
        with graph_page(browser, server.url, run=run) as ours:
            assert len(inspected(ours, ours.operations()[:2])) == 2
            ours.page.locator("h2").first.wait_for()
            ours.source("An ONNX file")
            assert ours.upload(chained) > 0
            assert ours.toggles()
            assert len(folded_and_opened(ours, 3)) == 3
            assert ours.open_all() > 0
            assert ours.page.locator(".stage g.node.operation").count() == 300


def test_the_95th_percentile_is_exceeded_by_one_of_twenty() -> None:
    assert late([float(place) for place in range(20, 0, -1)]) == 19.0
    assert late([1.0]) == 1.0


@pytest.mark.long
def test_the_laboratory_is_measured(tab: Screen, server: Server) -> None:
    """A press of a slider ends with its own picture, and a sweep paints and writes sums."""
    run = server.run("digits")
    whole, plain = layer_times(open_run(run), 3)
    assert whole > 0
    assert plain > 0
    host = watched(tab, run)
    seconds = pressed(tab, host, tab.part("lab-x").locator("input[type=range]"), ["ArrowRight"] * 2)
    assert len(seconds) == 2
    assert min(seconds) > 0
    assert (host.get_attribute("data-shown") or "").endswith("test/0~x2")
    moved, still = swept(tab, 0.5)
    assert moved.frames > 0
    assert moved.sums > 0
    assert still.sums == 0


def test_every_row_of_the_issue_is_there() -> None:
    assert list(COMPARISONS) == [
        "digits",
        "sentiment",
        "bike",
        "hooks",
        "paint",
        "dask",
        "cuda",
        "netron",
        "uploads",
        "folding",
        "inspecting",
        "bodies",
        "nodes",
        "tracing",
        "memory",
        "lab",
        "sweeps",
        "scale",
    ]
