"""Sliders, Train, the live curve and Cancel; settings and results are those that the command line lists."""

import json
import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from explorer.runs.folder import Run, read_metrics
from tests.browser.screen import Screen, tab_in
from tests.browser.server import Server, command_line, listed, wait_until

# Slider → what it shall say, on each model's page; the run must have just these settings and the defaults.
CHOICES: dict[str, dict[str, str]] = {
    "bike": {"epochs": "20", "learning_rate": "0.02", "batch_size": "200", "hidden_units": "20", "momentum": "0.10"},
    "sentiment": {"epochs": "2", "learning_rate": "0.02", "batch_size": "2000", "hidden_units": "20", "min_count": "4"},
    "digits": {
        "epochs": "1",
        "training_images": "5000",
        "learning_rate": "0.005",
        "batch_size": "200",
        "kernels1": "6",
        "kernels2": "10",
        "kernel_size": "3",
        "hidden_units": "100",
        "dropout": "0.40",
        "momentum": "0.88",
    },
}


def choose(tab: Screen, model: str, choices: dict[str, str]) -> None:
    """Move the sliders by keyboard."""
    tab.settle()
    for field, value in choices.items():
        tab.slide(f"setting-{model}-{field}", value)
    tab.settle()
    for field, value in choices.items():
        thumb = tab.part(f"setting-{model}-{field}").locator("input[type=range]")
        assert thumb.get_attribute("aria-valuetext") == value, field


def train(tab: Screen) -> str:
    """Press Train; the new run's id."""
    before = tab.query().get("run", "")
    tab.part("train").get_by_role("button").click()
    return tab.run_shown(other_than=before)


def ended(server: Server, run_id: str, seconds: float = 180.0) -> Run:
    """The run once it has ended."""
    return wait_until(
        lambda: next((run for run in server.runs() if run.id == run_id and not run.active), None),
        seconds,
        f"the end of {run_id}",
    )


@pytest.mark.parametrize("model", list(CHOICES))
def test_sliders_train_and_the_same_on_the_command_line(
    tab: Screen, server: Server, model: str, tmp_path: Path
) -> None:
    tab.form(model)
    choose(tab, model, CHOICES[model])
    seed = tab.part(f"setting-{model}-seed").locator("input")
    seed.fill("7")
    seed.press("Enter")
    tab.part(f"setting-{model}-device").get_by_role("radio", name="cpu").click(force=True)
    tab.settle()
    run = ended(server, train(tab))
    assert run.state == "done"
    record = listed(server, run.id)
    chosen = {field: float(value) for field, value in CHOICES[model].items()} | {"seed": 7.0}
    assert {field: float(record["settings"][field]) for field in chosen} == chosen
    assert record["settings"]["device"] == "cpu"
    tab.lens(model)
    name = "r2" if model == "bike" else "accuracy"
    value = record["metrics"]["test"][name]
    label = "R² · Test" if name == "r2" else "Accuracy · Test"
    text = f"{value:.4g}" if name == "r2" else f"{100 * value:.2f} %"
    wait_until(lambda: tab.metrics().get(label) == text, 30, f"{label} {text} on the page")
    settings = [part for field, one in record["settings"].items() for part in ("--set", f"{field}={one}")]
    again = command_line("train", model, *settings, store=tmp_path)
    assert again["metrics"] == json.loads(json.dumps(record["metrics"]))


@pytest.mark.parametrize("model", list(CHOICES))
def test_the_curve_grows_and_cancel_stops_it(tab: Screen, server: Server, model: str) -> None:
    tab.form(model)
    thumb = tab.part(f"setting-{model}-epochs").locator("input[type=range]")
    thumb.press("End")
    tab.settle()
    run_id = train(tab)
    progress = tab.part(f"progress-{run_id}")
    progress.get_by_role("progressbar").wait_for()

    def points() -> int:
        traces = tab.figure("curve")
        return len(traces[0]["x"]) if traces and "x" in traces[0] else 0

    def own() -> int:
        """Points of this run's curve; 0 while the curve of the run before still stands there."""
        run = next(run for run in server.runs() if run.id == run_id)
        shown = points()  # read first: the training goes on
        return shown if shown <= sum(record["part"] == "train" for record in read_metrics(run)) else 0

    first = wait_until(own, 60, "a first point of the live curve")
    wait_until(lambda: points() > first, 60, f"more than {first} points of the live curve")
    tab.part(f"cancel-{run_id}").get_by_role("button").click()
    run = ended(server, run_id, 20)
    assert run.state == "cancelled"
    wait_until(lambda: not progress.is_visible(), 15, "the progress to go")
    tab.lens(model)
    assert tab.query()["run"] == run_id
    assert run.checkpoints


def test_an_impossible_kernel_is_told_in_red_and_cannot_be_trained(tab: Screen) -> None:
    tab.form("digits")
    choose(tab, "digits", {"kernel_size": "27"})
    box = tab.page.locator("[data-testid=stAlertContentError]")
    # On its way to 27 the slider passes other sizes that are impossible, too.
    reason = "A kernel of 27×27 is larger than the 14×14 maps before convolution 2."
    box.filter(has_text=reason).wait_for()
    button = tab.part("train").get_by_role("button")
    wait_until(button.is_disabled, 10, "a Train button that cannot be pressed")
    choose(tab, "digits", {"kernel_size": "14"})
    box.wait_for(state="detached")
    wait_until(button.is_enabled, 10, "a Train button that can be pressed")


def test_settings_outlive_a_change_of_page(tab: Screen) -> None:
    tab.open("bike").lens("bike")
    choose(tab, "bike", {"hidden_units": "20"})
    tab.page.get_by_role("link", name="Runs").click()
    tab.page.locator("h1", has_text="Runs").wait_for()
    tab.page.get_by_role("link", name="Bike").click()
    tab.lens("bike")
    thumb = tab.part("setting-bike-hidden_units").locator("input[type=range]")
    assert thumb.get_attribute("aria-valuetext") == "20"
    tab.part("train-reset").get_by_role("button").click()
    wait_until(lambda: thumb.get_attribute("aria-valuetext") == "10", 15, "the book's value")


def test_a_training_goes_on_without_its_tab_and_without_the_web_process(
    context: BrowserContext, server: Server
) -> None:
    with tab_in(context, server.url) as tab:
        tab.open("bike").lens("bike")
        tab.part("setting-bike-epochs").locator("input[type=range]").press("End")
        tab.settle()
        run_id = train(tab)

    def step() -> int:
        return next(run.status.step for run in server.runs() if run.id == run_id)

    before = step()
    after_tab = wait_until(lambda: (now := step()) > before and now, 30, "steps after the tab was closed")
    web = server.web_process()
    os.kill(web, signal.SIGKILL)  # our own server's child, as a crash would end it
    wait_until(lambda: step() > after_tab, 30, "steps after the web process was killed")
    wait_until(server.answers, 30, "a new web process")
    assert server.web_process() != web
    with tab_in(context, server.url) as tab:
        tab.open("bike", run=run_id)
        tab.part(f"progress-{run_id}").get_by_role("progressbar").wait_for()
        tab.figure("curve")
        tab.part(f"cancel-{run_id}").get_by_role("button").click()
        assert ended(server, run_id, 20).state == "cancelled"
