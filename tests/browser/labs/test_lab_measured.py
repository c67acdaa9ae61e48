"""The laboratory's measured views in a real browser: what they show is what the run and its measurements say."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator

from explorer.chapters.evaluation import confusion_counts, most_wrong, predictions, samples_in_cell
from explorer.chapters.measurements import Measurement, read_measurement
from explorer.runs.checkpoint import open_run, weights_at
from models.digits.classifier import MODEL, DigitsConfig
from tests.browser.screen import Screen
from tests.browser.server import Server, wait_until

# Every sheet's pictures as plain numbers, its captions and the ends of its colours.
SHEETS = """host => host.view.data.sheets.map((sheet, place) => ({captions: sheet.captions, limits: sheet.limits,
  shape: sheet.tiles.shape, values: [...host.view.sheets[place].values.values]}))"""
# Where the cell (row, column) of a figure with two number axes is on the screen.
CELL = """(plot, [row, column]) => { const box = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
  return [box.left + xaxis._offset + xaxis.l2p(column), box.top + yaxis._offset + yaxis.l2p(row)]; }"""


def tiles(tab: Screen, key: str, shown: str | re.Pattern[str]) -> list[dict[str, Any]]:
    """The sheets of a view of tiles once it says that it shows ``shown``."""
    host = tab.part(key).locator(".lab[data-shown]")
    host.wait_for(timeout=90_000)
    wait_until(
        lambda: re.fullmatch(shown, host.get_attribute("data-shown") or "") is not None, 60, f"{key} shows {shown}"
    )
    sheets: list[dict[str, Any]] = host.evaluate(SHEETS)
    for sheet in sheets:
        sheet["values"] = np.asarray(sheet["values"], np.float32).reshape(sheet["shape"])
    return sheets


def stored_pictures(places: np.ndarray) -> np.ndarray:
    """The pictures of the test part, straight from the data."""
    stored = MODEL.load(DigitsConfig()).test.inputs[torch.from_numpy(np.ascontiguousarray(places))]
    pixels: np.ndarray = stored[:, 0].numpy() / np.float32(255)
    return pixels


def plot_of(tab: Screen, key: str) -> Locator:
    tab.figure(key)
    return tab.part(key).locator(".js-plotly-plot").first


def test_a_cell_of_the_confusion_matrix_opens_its_pictures(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    found = predictions(open_run(run), "test")
    tab.open("digits", run=run.id, view="quality")
    plot = plot_of(tab, "lab-confusion")
    mistakes = confusion_counts(found)
    np.fill_diagonal(mistakes, 0)
    row, column = (int(i) for i in np.unravel_index(int(mistakes.argmax()), mistakes.shape))
    worst = most_wrong(found, 1)[0]
    tiles(tab, "lab_cell", f"{run.checkpoints[-1]} {found.targets[worst]} {found.answers[worst]}")
    for truth, said in ((row, column), (4, 4)):
        tab.settle()
        tab.page.mouse.click(*plot.evaluate(CELL, [truth, said]))
        (sheet,) = tiles(tab, "lab_cell", f"{run.checkpoints[-1]} {truth} {said}")
        places = samples_in_cell(found, truth, said)[:28]
        np.testing.assert_allclose(sheet["values"], stored_pictures(places), atol=1e-6)
        assert all(caption.startswith(f"{truth} → {said} · ") for caption in sheet["captions"])
    tab.part("lab_cell").locator(".tile").nth(2).click()
    wait_until(lambda: tab.query().get("sample") == found.key(int(places[2])), 30, "the clicked digit in the address")
    tab.settle()
    number = tab.part("digits-number").locator("input")
    wait_until(lambda: number.input_value() == str(places[2]), 30, "the clicked digit in the bar")
    wrong, _unsure = tiles(tab, "lab_failures", str(run.checkpoints[-1]))
    np.testing.assert_allclose(wrong["values"], stored_pictures(most_wrong(found, 28)), atol=1e-6)


def measured(server: Server, kind: str) -> Measurement:
    run = server.run("digits")
    return read_measurement(run, run.checkpoints[-1], kind)


def test_a_first_answer_is_cancelled_goes_on_and_fills_every_figure(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    kinds = ("shift-of-500", "rotation-of-500", "scale-of-500", "noise-of-500")

    def points() -> int:
        return sum(measured(server, kind).done for kind in kinds)

    tab.open("digits", run=run.id, view="robustness")
    tab.figure("lab-noise")
    row = tab.part(f"measure-sample-{run.id}-{run.checkpoints[-1]}")
    row.get_by_role("button", name="Measure 500 pictures").click()
    wait_until(lambda: points() >= 3, 120, "three points")
    row.get_by_role("button", name="Cancel").click()
    tab.shown(re.compile(r"\d+ of 248 measured, then cancelled"))
    stopped = measured(server, kinds[0])
    assert 3 <= points() < 248
    tab.page.reload()
    tab.figure("lab-noise")
    row.get_by_role("button", name="Go on").click()
    wait_until(lambda: points() == 248, 240, "all points")
    tab.shown(re.compile(r"500 of the 10,000 pictures .* · Measured in .* · step"))
    known = np.isfinite(stopped.accuracy)
    np.testing.assert_array_equal(measured(server, kinds[0]).accuracy[known], stopped.accuracy[known])
    lines = [
        (run.path / "measured" / f"{kind}-{run.checkpoints[-1]}.jsonl").read_text("utf-8").splitlines()
        for kind in kinds
    ]
    assert sum(map(len, lines)) == 248  # nothing was measured twice
    tab.settle()
    for kind in kinds[1:]:
        places, accuracy, _loss = measured(server, kind).series()
        (line,) = tab.figure(f"lab-{kind.removesuffix('-of-500')}")
        np.testing.assert_allclose(np.asarray(line["x"], float), places)
        np.testing.assert_allclose(np.asarray(line["y"], float), accuracy)
    (shifts,) = tab.figure("lab-shift-A")
    np.testing.assert_allclose(np.asarray(shifts["z"], float), measured(server, kinds[0]).grid())
    tab.shown("Accuracy after a shift, 500 pictures")
    every = predictions(open_run(run), "both")
    places, accuracy, _loss = measured(server, "noise-of-500").series()
    assert accuracy[places == 0] == pytest.approx(every.correct[::20].mean(), abs=0.003)
    assert measured(server, "noise").state == "absent"  # a first answer is not the whole one
    tab.page.get_by_role("button", name="Measure all 10,000 pictures").wait_for()


def test_scrubbing_checkpoints_shows_their_kernels(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    tab.open("digits", run=run.id, view="growing", sample="test/7")
    last = tiles(tab, "lab_growing", f"{run.id} {run.checkpoints[-1]} test/7")
    thumb = tab.part("bar-checkpoint").locator("input[type=range]")
    for back in range(2, 12, 3):
        step = run.checkpoints[-back]
        while tab.query().get("checkpoint") != str(step):
            tab.settle()
            thumb.press("ArrowLeft")
            tab.settle()
        sheets = tiles(tab, "lab_growing", f"{run.id} {step} test/7")
        weights, one = weights_at(run, step), open_run(run, step)
        kernels = weights["conv1.weight"]  # (4, 1, 5, 5)
        np.testing.assert_allclose(sheets[1]["values"], kernels[:, 0].numpy(), atol=1e-7)
        second = weights["conv2.weight"].transpose(0, 1).reshape(-1, 5, 5)  # a row an input map
        np.testing.assert_allclose(sheets[3]["values"], second.numpy(), atol=1e-7)
        with torch.no_grad():
            maps = torch.nn.functional.conv2d(one.sample("test/7").inputs, kernels, weights["conv1.bias"], padding=2)
        np.testing.assert_allclose(sheets[0]["values"], maps.relu()[0].numpy(), atol=1e-5)
        assert [sheet["limits"] for sheet in sheets] == [sheet["limits"] for sheet in last]


def test_batches_are_those_of_the_training(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    tab.open("digits", run=run.id, view="loading")
    data = MODEL.load(open_run(run).config).train
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(0)).numpy()  # the first epoch's
    for number in (0, 3):
        tab.slide("lab-loading-batch", str(number + 1))
        places = order[64 * number : 64 * (number + 1)]
        (sheet,) = tiles(tab, "lab_batch", " ".join(str(place) for place in places))
        np.testing.assert_allclose(sheet["values"], data.inputs[places][:, 0].numpy() / np.float32(255), atol=1e-6)
        assert sheet["captions"] == [str(label) for label in data.targets[places].tolist()]
    tab.part("lab-loading-shuffle").locator("label").first.click()
    tiles(tab, "lab_batch", " ".join(str(place) for place in range(64 * 3, 64 * 4)))
    index = tab.part("lab-loading-index").locator("input")
    index.fill("4711")
    index.press("Enter")
    (sheet,) = tiles(tab, "lab_dataset", "4711")
    np.testing.assert_allclose(sheet["values"][0], data.inputs[4711, 0].numpy() / np.float32(255), atol=1e-6)
