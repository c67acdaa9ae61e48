"""Our graph page against Netron's, side by side in one browser: from choosing a model until its graph is on the screen.

Each round starts a server of its own, so that nothing is kept of the round before. Both pages are warmed with another
model first. The models are torchvision's, exported once into the folder that ``TOUSHI_BENCH_MODELS`` names, or for this
run only.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from explorer.files.graph_cache import cached_graph
from explorer.files.zoo import exported, zoo_id, zoo_path
from explorer.runs.folder import create_run
from explorer.runs.training import carry_out
from tests.bench.graph.screen import GraphPage, Watch, at_rest, graph_page, netron, netron_page, second_tab, served
from tests.bench.ratios import Pairs, Row
from tests.browser.screen import chromium
from tests.browser.server import streamlit_app

MODELS = ("resnet18", "resnet152", "inception_v3", "vit_b_16", "efficientnet_b7", "swin_t", "densenet201")
WARM = "mobilenet_v3_small"
KEPT = "TOUSHI_BENCH_MODELS"
# A page that only takes a file and writes it down: what an upload costs by itself.
COPYING = """import shutil, streamlit as st
given = st.file_uploader("file", key="copy")
if given is not None:
    with open("copy", "wb") as to:
        shutil.copyfileobj(given, to)
    st.html(f"<i id='copied'>{given.name}</i>")
"""
COPIED = """() => document.querySelector("#copied")?.textContent === "{name}" """


@contextmanager
def bench_store(models: Sequence[str] = MODELS, runs: Sequence[str] = ("bike",)) -> Iterator[Path]:
    """A store that holds the exported models, and a shortly trained run of each of ``runs``."""
    with TemporaryDirectory(prefix="toushi-bench-") as name:
        folder = Path(name)
        cache = Path(os.environ.get(KEPT, folder / "models"))
        store = folder / "store"
        (store / "zoo").mkdir(parents=True)
        for model in (WARM, *models):
            kept = exported(cache, zoo_id(model)).resolve()
            zoo_path(store, zoo_id(model)).symlink_to(kept)
            cached_graph(store, zoo_path(store, zoo_id(model)), model)  # as the export and an upload leave it
        for book in runs:  # with a run there, the server trains none at its very first start
            carry_out(str(create_run(store, book, {"epochs": 1}).path))
        yield store


def file_of(store: Path, model: str) -> Path:
    """The exported file, named as a person's file would be."""
    named = store.parent / f"{model}.onnx"
    if not named.exists():
        named.symlink_to(zoo_path(store, zoo_id(model)).resolve())
    return named


@contextmanager
def warm_page(browser: Browser, store: Path) -> Iterator[GraphPage]:
    """Our page on a fresh server, warmed with the small model: first view and all open."""
    with served(store) as server, graph_page(browser, server.url, run=zoo_id(WARM)) as page:
        page.open_all()
        at_rest(server)  # it loads its libraries and starts its cluster once its first page is out
        yield page


def raced(store: Path, models: Sequence[str], rounds: int) -> dict[tuple[str, str], list[float]]:
    """Seconds by (model, what): "netron", "first", "opened" (from the button on), in the same order of rounds."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with chromium() as browser, netron() as address:
        for _ in range(rounds):
            with warm_page(browser, store) as ours, netron_page(browser, address) as theirs:
                theirs.choose(file_of(store, WARM))
                for model in models:
                    found[model, "netron"].append(theirs.choose(file_of(store, model)))
                    found[model, "first"].append(ours.architecture(model))
                    found[model, "opened"].append(ours.open_all())
    return found


def race(pairs: int, accuracy: bool) -> list[Row]:
    """First view and all open, against Netron, which always shows everything."""
    with bench_store() as store:
        found = raced(store, MODELS, pairs)
    rows = []
    for model in MODELS:
        theirs, first, opened = (tuple(found[model, what]) for what in ("netron", "first", "opened"))
        whole = tuple(a + b for a, b in zip(first, opened, strict=True))
        rows.append(
            Row(
                f"{model}: first view against Netron's graph",
                "s",
                Pairs(first, theirs),
                0.5,
                "≤",
            )
        )
        rows.append(Row(f"{model}: all open, from the button on, against it", "s", Pairs(opened, theirs), 1.0, "≤"))
        rows.append(Row(f"{model}: first view and all open together, against it", "s", Pairs(whole, theirs), 1.0, "≤"))
    return rows


@contextmanager
def copying_page(browser: Browser, folder: Path) -> Iterator[Page]:
    """An app on a fresh server that only takes a file and copies it into ``folder``, open and ready for a file."""
    script = folder / "copying.py"
    script.write_text(COPYING, "utf-8")
    with streamlit_app(script, "--server.maxUploadSize=512") as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        page.locator("input[type=file]").wait_for(state="attached")
        yield page
    (folder / "copy").unlink(missing_ok=True)


def uploaded(store: Path, models: Sequence[str], rounds: int) -> dict[tuple[str, str], list[float]]:
    """Seconds by (model, what): "upload" until the drawing, "copy" in an app that does nothing else, "first" view."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with chromium() as browser:
        for _ in range(rounds):
            # Both servers are new in each round: one that has held such a file before has its memory at hand already.
            with (
                warm_page(browser, store) as ours,
                second_tab(ours) as taking,
                copying_page(browser, store.parent) as copier,
            ):
                watch, chooser = Watch(copier), copier.locator("input[type=file]")
                taking.source("An ONNX file")
                for model in models:
                    file = file_of(store, model)
                    ready = COPIED.replace("{name}", file.name)
                    os.sync()  # what one has written must not hold up the next
                    copy = watch.timed(
                        "document.querySelector('#copied')?.replaceChildren()",
                        partial(chooser.set_input_files, file),
                        ready,
                        file.name,
                    )
                    found[model, "copy"].append(copy)
                    found[model, "first"].append(ours.architecture(model))
                    os.sync()
                    found[model, "upload"].append(taking.upload(file))
            shutil.rmtree(store / "uploads", ignore_errors=True)
    return found


def uploads(pairs: int, accuracy: bool) -> list[Row]:
    """An upload until its drawing, against the copy and the first view of a file that the server has."""
    with bench_store() as store:
        found = uploaded(store, MODELS, pairs)
    rows = []
    for model in MODELS:
        copies, first, ours = (found[model, what] for what in ("copy", "first", "upload"))
        both = tuple(a + b for a, b in zip(copies, first, strict=True))
        rows.append(
            Row(
                f"{model}: upload against a copy through the browser and the first view",
                "s",
                Pairs(tuple(ours), both),
                1.0,
                "≤",
            )
        )
    return rows
