"""A chapter that only the tests declare, walked in the browser: nothing of the product knows its name."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext

from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.folder import Run
from tests.browser.screen import Screen, tab_in
from tests.browser.server import Server, started, wait_until
from tests.fourth_chapter.letters import DEFAULT_WORD, LETTERS

CHAPTERS = {"TOUSHI_CHAPTERS": "tests.fourth_chapter.chapter"}
PAGES = ["Start", "Bike", "Sentiment", "Digits", "Letters", "Graph explorer", "Runs"]
SHARE = re.compile(r"Probability of b in (\w+)\n+([\d.]+)")


@pytest.fixture(scope="module")
def extended(first_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the added chapter, on a copy of the book's first runs; this process knows the chapter, too."""
    store = tmp_path_factory.mktemp("extended") / "store"
    shutil.copytree(first_store, store)
    with pytest.MonkeyPatch.context() as patch, started(store, CHAPTERS) as server:
        for name, value in CHAPTERS.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture
def letters_tab(context: BrowserContext, extended: Server) -> Iterator[Screen]:
    with tab_in(context, extended.url) as opened:
        yield opened


@pytest.fixture(scope="module")
def letters_run(context: BrowserContext, extended: Server) -> Run:
    """A run of the added model, trained with the button of its page."""
    with tab_in(context, extended.url) as tab:
        tab.open()
        links = tab.page.locator("[data-testid=stSidebarNavLink]")
        wait_until(lambda: links.all_inner_texts() == PAGES, 30, "the page at the place of its number")
        links.filter(has_text="Letters").click()
        tab.shown("Which of the letters a and b came last in the word?")
        tab.shown("No run yet: press Train.")
        tab.part("train").get_by_role("button").click()
        run_id = tab.run_shown()
        tab.figure("curve")
        return wait_until(
            lambda: next((run for run in extended.runs("letters") if run.id == run_id and not run.active), None),
            120,
            "the end of the training",
        )


def by_onnxruntime(run: Run, word: str, *names: str) -> list[NDArray[np.float32]]:
    """Tensors of the exported file for a word, by onnxruntime."""
    proto = onnx.load(run.onnx_path)
    outputs = {entry.name for entry in proto.graph.output}
    proto.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in outputs)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    indices = np.asarray([[LETTERS.index(letter) + 1 for letter in word]], np.int64)
    lengths = np.asarray([len(word)], np.int64)
    values: list[NDArray[np.float32]] = session.run(list(names) or None, {"indices": indices, "lengths": lengths})
    return values


def shown_share(tab: Screen, word: str) -> float:
    """The probability of b that the page shows for ``word``."""

    def share() -> str:
        shown = SHARE.search(tab.text())
        return shown[2] if shown and shown[1] == word else ""

    return float(wait_until(share, 30, f"the answer for {word}"))


def test_its_page_shows_the_trained_run(letters_tab: Screen, letters_run: Run) -> None:
    tab = letters_tab.open("letters", run=letters_run.id)
    assert letters_run.state == "done"
    for word in (DEFAULT_WORD, "ab"):
        if word != DEFAULT_WORD:
            field = tab.part("letters-sample-letters").get_by_role("textbox")
            field.fill(word)
            field.press("Enter")
        assert shown_share(tab, word) == pytest.approx(np.exp(by_onnxruntime(letters_run, word)[0][0, 1]), abs=6e-4)
    assert tab.query()["sample"] == "ab"
    mistakes = letters_run.status.metrics["test"]["mistakes"]
    assert tab.metrics()["Share of mistakes · Test"] == f"{100 * mistakes:.2f} %"
    tab.figure("curve")


def test_its_second_model_is_trained_from_the_same_page(
    letters_tab: Screen, letters_run: Run, extended: Server
) -> None:
    tab = letters_tab.open("letters", run=letters_run.id, view="training")
    tab.part("training-model-letters").get_by_text("Curve on an interval").click()
    tab.page.locator("[class*=st-key-setting-curve-]").first.wait_for()
    tab.settle()
    tab.part("train").get_by_role("button").click()
    run_id = tab.run_shown(other_than=letters_run.id)
    assert [run.id for run in extended.runs("curve")] == [run_id]
    wait_until(lambda: not extended.runs("curve")[0].active, 60, "the end of the training")
    tab.part("letters-view").get_by_text("Interval").click()
    tab.part("letters-table").wait_for()
    tab.part("letters-view").get_by_text("Alphabet").click()
    tab.shown("The letters are a, b, c, d, e, f.")
    wait_until(lambda: not tab.page.locator(".st-key-selection-bar").count(), 30, "a view without the selection bar")


def test_the_start_page_shows_its_panel(letters_tab: Screen, letters_run: Run) -> None:
    tab = letters_tab.open()
    tab.shown("Which of the letters a and b came last?")
    tab.shown("Chapter 6")
    tab.shown(re.compile(r"Cover: \d+ losses of (letters|curve)\."))
    tab.page.get_by_role("link", name="Look inside").last.click()
    tab.shown("Sequences")


def test_its_run_is_in_the_list_and_can_be_downloaded(letters_tab: Screen, letters_run: Run, tmp_path: Path) -> None:
    tab = letters_tab.open("runs", run=letters_run.id)
    cells = tab.page.locator("[data-testid^=glide-cell-]")
    mistakes = f"{100 * letters_run.status.metrics['test']['mistakes']:.2f} %"
    wait_until(lambda: {"Last letter", mistakes} <= set(cells.all_text_contents()), 30, "the run's row")
    with tab.page.expect_download() as download:
        tab.part("runs-download").get_by_role("button").click()
    path = tmp_path / "letters.onnx"
    download.value.save_as(path)
    assert "LSTM" in {node.op_type for node in onnx.load(path).graph.node}
    tab.page.get_by_role("link", name="Look inside").click()
    tab.shown("Sequences")


def test_its_graph_is_drawn_with_the_values_of_a_node(letters_tab: Screen, letters_run: Run) -> None:
    graph = read_onnx(letters_run.onnx_path)
    node = next(node for node in graph.nodes if node.op_type == "LogSoftmax")
    tab = letters_tab.open("graph", run=letters_run.id, node=node.id)
    tab.page.locator("g.node").filter(has_text="LSTM").first.wait_for()
    tab.page.locator(f"#node-{node.id}.selected").wait_for(state="attached")  # the drawing may show its upper part
    expected = by_onnxruntime(letters_run, DEFAULT_WORD, node.outputs[0])[0]
    for value in (expected.min(), expected.max()):
        tab.shown(f"{value:.4g}")  # in the statistics below the bars
