"""What a person waits for on an open graph: a module that opens, an inspector that fills, a very large file."""

import random
from collections.abc import Sequence
from itertools import cycle, pairwise
from pathlib import Path
from statistics import median

import onnx
from onnx import TensorProto, helper

from explorer.files.uploads import keep_upload
from explorer.files.zoo import zoo_id
from tests.bench.bare_app import bare_app
from tests.bench.graph.netron_race import MODELS, bench_store, warm_page
from tests.bench.graph.screen import GraphPage, graph_page, served
from tests.bench.ratios import Pairs, Row, single
from tests.browser.screen import chromium

CLICKS = 20
WALK = 5  # clicks until a person goes back to the first view
BOOK = ("digits", "bike", "sentiment")
MANY = 100_000


def folded_and_opened(page: GraphPage, clicks: int, seed: int = 0) -> list[float]:
    """Seconds of ``clicks`` on boxes and frames, in walks from the first view on; no picture comes twice while that is
    possible."""
    chance = random.Random(seed)
    changed: frozenset[str] = frozenset()
    seen, found = {changed}, []
    for click in range(clicks):
        if click and click % WALK == 0:
            page.overview()
            changed = frozenset()
        choices = sorted(page.toggles())  # the same clicks in each run
        new = [box for box in choices if changed ^ {box} not in seen]
        if not choices:
            break
        box = chance.choice(new or choices)
        changed ^= {box}
        seen.add(changed)
        found.append(page.toggle(box))
    return found


def folding(pairs: int, accuracy: bool) -> list[Row]:
    """Median and largest time of ``CLICKS`` clicks on each model, against those on the button of a bare app."""
    found = {}
    with bench_store() as store, chromium() as browser, bare_app(browser) as bare:
        others = bare.button_seconds(CLICKS)
        with warm_page(browser, store) as page:
            for model in MODELS:
                page.architecture(model)
                found[model] = folded_and_opened(page, CLICKS)
        bare.page.bring_to_front()  # a tab in the background paints nothing
        others += bare.button_seconds(CLICKS)
    rows = []
    for model, seconds in found.items():
        what, count = f"{model}: fold or open, against a bare button", len(seconds)
        rows.append(single(f"{what}, median of {count} clicks", "s", median(seconds), median(others), 1.0))
        rows.append(single(f"{what}, largest of {count} clicks", "s", max(seconds), max(others), 3.0))
    return rows


def inspected(page: GraphPage, nodes: Sequence[str]) -> list[float]:
    """Seconds of a click on each of ``nodes`` until the inspector is filled."""
    return [page.inspect(node) for node in nodes]


def inspecting(pairs: int, accuracy: bool) -> list[Row]:
    """``CLICKS`` clicks on one operation after the other, in rounds, until the inspector is filled."""
    rows = []
    with (
        bench_store(("resnet18",), BOOK) as store,
        chromium() as browser,
        bare_app(browser) as bare,
        served(store) as server,
    ):
        subjects = [(name, server.run(name).id, 2.0) for name in BOOK]
        for name, run, most in (*subjects, ("resnet18", zoo_id("resnet18"), 3.0)):
            bare.page.bring_to_front()  # a tab in the background paints nothing
            others = bare.button_seconds(CLICKS)
            with graph_page(browser, server.url, run=run) as page:
                if page.page.get_by_role("button", name="Open all", exact=True).count():
                    page.open_all()
                nodes = page.operations()
                inspected(page, nodes[-1:])  # traces the graph, which is done once
                seconds = inspected(page, (nodes[:-1] * CLICKS)[:CLICKS])
            what = f"{name}: click to filled inspector, against a bare button, median of {len(seconds)}"
            rows.append(single(what, "s", median(seconds), median(others), most, f"largest {max(seconds):.2f} s"))
    return rows


def loop(path: Path, nodes: int = WALK + 1) -> None:
    """A file with ``nodes`` operations before a loop and as many of the same kinds in its body, all drawn at once."""

    def row(first: str, name: str, kinds: str) -> list[onnx.NodeProto]:
        names = pairwise([first, *(f"{name}{i}" for i in range(nodes))])
        return [helper.make_node(kind, [x], [y]) for kind, (x, y) in zip(cycle(kinds.split()), names, strict=False)]

    def value(name: str, *shape: int, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, shape)

    given = [value("i", kind=TensorProto.INT64), value("c", kind=TensorProto.BOOL), value("a", 4)]
    results = [value("on", kind=TensorProto.BOOL), value(f"s{nodes - 1}", 4)]
    steps = [helper.make_node("Identity", ["c"], ["on"]), *row("a", "s", "Sin Cos")]
    body = helper.make_graph(steps, "body", given, results)
    outside = [*row("x", "t", "Cos Sin"), helper.make_node("Loop", ["m", "", f"t{nodes - 1}"], ["y"], body=body)]
    count = helper.make_tensor("m", TensorProto.INT64, [], [5])
    graph = helper.make_graph(outside, "loop", [value("x", 4)], [value("y", 4)], [count])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)


def inspected_in_turns(page: GraphPage, walks: int) -> tuple[list[float], list[float]]:
    """Seconds of the clicks of ``walks`` walks through a loop's body and, in turns, as many outside it."""
    operations = page.operations()
    outside = [node for node in operations if "." not in node]
    inside = [node for node in operations if "." in node][1:]  # the first one copies a bool
    inspected(page, [outside[-1], inside[-1]])  # traces the graph and the body, which is done once
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(walks):
        for seconds, nodes in zip(found, (inside, outside), strict=True):
            seconds += inspected(page, nodes[:WALK])
    return found


def inspecting_bodies(pairs: int, accuracy: bool) -> list[Row]:
    """Clicks on operations inside a loop's body until the inspector is filled, against those outside."""
    with bench_store(()) as store, chromium() as browser:
        file = store.parent / "loop.onnx"
        loop(file)
        kept = keep_upload(store, file.read_bytes(), file.name)
        with served(store) as server, graph_page(browser, server.url, run=kept.id) as page:
            inside, outside = inspected_in_turns(page, 2 * CLICKS // WALK)
    what = f"click to filled inspector in a loop's body, against outside, median of {len(inside)}"
    largest = f"largest {max(inside):.2f} and {max(outside):.2f} s"
    return [single(what, "s", median(inside), median(outside), 1.1, largest)]


def chain(path: Path, nodes: int = MANY) -> None:
    """A file of ``nodes`` operations, a hundred to a module."""
    made = [helper.make_node("Relu", [f"t{i}"], [f"t{i + 1}"], name=f"block{i // 100}/relu{i}") for i in range(nodes)]
    given = helper.make_tensor_value_info("t0", TensorProto.FLOAT, ["N", 3])
    result = helper.make_tensor_value_info(f"t{nodes}", TensorProto.FLOAT, ["N", 3])
    onnx.save(helper.make_model(helper.make_graph(made, "chain", [given], [result])), path)


def many_nodes(pairs: int, accuracy: bool) -> list[Row]:
    """100,000 nodes from choosing the file until the first view is drawn, against a tenth of them."""
    seconds: dict[int, list[float]] = {MANY: [], MANY // 10: []}
    with bench_store(()) as store, chromium() as browser:
        for _ in range(pairs):
            with warm_page(browser, store) as page:
                page.source("An ONNX file")
                for count, measured in seconds.items():
                    file = store.parent / f"chain{count}.onnx"
                    chain(file, count)
                    measured.append(page.upload(file))
            for kept in (store / "uploads").iterdir():
                kept.unlink()
    both = Pairs(tuple(seconds[MANY]), tuple(seconds[MANY // 10]))
    return [Row(f"{MANY:,} nodes: upload to first view, against a tenth of them", "s", both, 12.0, "≤")]
