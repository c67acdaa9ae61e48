"""A training that diverges, is cancelled, fails or is finished: its page, the start page and the list of runs follow.

Nobody clicks on the three pages meanwhile, and none is loaded again.
"""

import gzip
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext

from explorer.runs.folder import Run
from models.data.bikes import EMBEDDED
from tests.browser.screen import Screen, listed_row, tab_in
from tests.browser.server import Server, wait_until
from tests.browser.test_bad_input import upload
from tests.browser.test_training import ended, train

PATIENCE = 20  # seconds; how long it takes when nothing else runs is printed


@dataclass
class Pages:
    """Three pages of one person, open side by side."""

    bike: Screen
    start: Screen
    runs: Screen

    def lists(self, run_id: str, state: str) -> None:
        """Wait until the list of runs has ``state`` for the run."""

        def listed() -> bool:
            return listed_row(self.runs, run_id).get("State") == state

        wait_until(listed, PATIENCE, f"{state!r} in the list of runs")


@pytest.fixture
def pages(context: BrowserContext, server: Server) -> Iterator[Pages]:
    with ExitStack() as stack:
        bike, start, runs = (stack.enter_context(tab_in(context, server.url)) for _page in range(3))
        start.open()
        runs.open("runs")
        runs.part("runs-table").locator("td").first.wait_for(state="attached")
        bike.open("bike").lens("bike")
        yield Pages(bike, start, runs)


def choose(tab: Screen, field: str, key: str) -> None:
    """Move a slider to one of its ends."""
    tab.part(f"setting-bike-{field}").locator("input[type=range]").press(key)
    tab.settle()


def says(tab: Screen, text: str) -> None:
    """Wait for a text in the line that says how the last training ended."""
    wait_until(lambda: text in tab.part("training-ended").inner_text(), PATIENCE, f"{text!r} above the bar")


def label(tab: Screen) -> str:
    """The selected run in the bar."""
    return tab.part("bar-run").locator("input").first.input_value()


def test_a_finished_training(pages: Pages, server: Server) -> None:
    choose(pages.bike, "epochs", "Home")
    run = ended(server, train(pages.bike))
    pages.lists(run.id, "done")
    for tab in (pages.bike, pages.start, pages.runs):
        says(tab, "Bike demand · done · Explains")
    shown = f"{100 * run.status.metrics['test']['r2']:.1f} %"
    assert shown in pages.bike.part("training-ended").inner_text()
    wait_until(lambda: "1 epoch ·" in label(pages.bike), PATIENCE, "the epochs in the bar")
    assert pages.bike.query()["run"] == run.id
    steps = f"step {run.status.steps:,} of {run.status.steps:,}"
    pages.bike.shown(f"Results at the last checkpoint, {steps}")
    thumb = pages.bike.part("bar-checkpoint").locator("input[type=range]")
    assert (thumb.get_attribute("aria-valuetext") or "").startswith(f"step {run.status.steps:,}")


def test_a_training_that_diverges_and_is_cancelled(pages: Pages, server: Server) -> None:
    best = server.run("bike")
    for field, key in (("epochs", "End"), ("learning_rate", "End"), ("momentum", "End")):
        choose(pages.bike, field, key)
    run_id = train(pages.bike)
    for tab in (pages.bike, pages.start, pages.runs):
        progress = tab.part(f"progress-{run_id}")
        wait_until(lambda progress=progress: "diverging" in progress.inner_text(), 60, "diverging")  # type: ignore[misc]
    checkpoints = server_run(server, run_id).checkpoints
    newest = pages.bike.part("bar-checkpoint").locator("input[type=range]")
    wait_until(lambda: step_of(newest.get_attribute("aria-valuetext")) >= checkpoints[-1], PATIENCE, "the checkpoint")
    pages.bike.part(f"cancel-{run_id}").get_by_role("button").click()
    run = ended(server, run_id, 30)
    state = f"cancelled at epoch {run.status.epoch}"
    pages.lists(run_id, state)
    wait_until(lambda: listed_row(pages.runs, run_id)["Test"] == "diverged", PATIENCE, "the result, which comes later")
    for tab in (pages.bike, pages.start, pages.runs):
        says(tab, f"Bike demand · {state} · Diverged: the loss grew from")
    wait_until(lambda: state in label(pages.bike), PATIENCE, "the state in the bar")
    # The start page goes on to show the run that learnt something.
    pages.start.shown(f"{100 * best.status.metrics['test']['r2']:.1f} %")


def test_a_training_that_fails(pages: Pages, server: Server) -> None:
    upload(pages.bike, "hours.csv", gzip.decompress(EMBEDDED.read_bytes()))
    pages.bike.shown("Accepted: the next training uses these data.", 60)
    pages.bike.settle()
    shutil.rmtree(server.store / "data" / "bike")  # as somebody who tidies up
    run = ended(server, train(pages.bike))
    assert run.state == "failed"
    pages.lists(run.id, "failed")
    for tab in (pages.bike, pages.start, pages.runs):
        says(tab, "Bike demand · failed · ")
        says(tab, "hours.csv")
    wait_until(lambda: "failed" in label(pages.bike), PATIENCE, "the state in the bar")


def server_run(server: Server, run_id: str) -> Run:
    return next(run for run in server.runs() if run.id == run_id)


def step_of(text: str | None) -> int:
    """``step 1,234 · loss 0.5`` → 1234."""
    return int((text or "step 0").split(" · ")[0].removeprefix("step ").replace(",", ""))
