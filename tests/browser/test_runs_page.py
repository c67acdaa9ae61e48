"""The page of all runs: a removal names its run, can be declined and undone; names and notes are kept."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator

from explorer.runs.folder import Run, create_run, read_run
from explorer.runs.removal import removed_runs, restore_run
from tests.browser.screen import Screen, listed_row
from tests.browser.server import Server, wait_until


@pytest.fixture
def spare(server: Server) -> Iterator[Run]:
    """A copy of the bike run with another learning rate, which the test may remove."""
    good = server.run("bike")
    run = create_run(server.store, "bike", {**good.settings, "learning_rate": 0.02})
    for name in ("status.json", "metrics.jsonl", "facts.json", "model.onnx"):
        shutil.copy(good.path / name, run.path / name)
    shutil.copytree(good.path / "checkpoints", run.path / "checkpoints", dirs_exist_ok=True)
    yield read_run(run.path)
    shutil.rmtree(run.path, ignore_errors=True)
    shutil.rmtree(server.store / "removed" / run.id, ignore_errors=True)


def button(tab: Screen, name: str) -> Locator:
    return tab.page.get_by_role("button", name=name, exact=True)


def test_a_removal_names_its_run_and_is_declined_and_undone(tab: Screen, server: Server, spare: Run) -> None:
    before = [run.id for run in server.runs()]
    tab.open("runs", run=spare.id)
    button(tab, "Remove").click()
    dialog = tab.page.get_by_role("dialog")
    assert spare.id in dialog.inner_text()
    button(tab, "Keep").click()
    dialog.wait_for(state="hidden")
    assert [run.id for run in server.runs()] == before

    button(tab, "Remove").click()
    dialog.get_by_role("button", name="Remove").click()
    wait_until(lambda: spare.id not in [run.id for run in server.runs()], 20, "the removal")
    button(tab, "Undo").wait_for()
    assert tab.query().get("run", "") == ""  # no other run is selected in its place
    assert tab.page.locator("h3").count() == 0
    assert not listed_row(tab, spare.id)
    button(tab, "Undo").click()
    wait_until(lambda: [run.id for run in server.runs()] == before, 20, "the run's return")
    wait_until(lambda: tab.query().get("run") == spare.id, 20, "the run in the address")
    tab.open("bike", run=spare.id).lens("bike")


def test_a_removed_run_is_brought_back_from_the_list(tab: Screen, server: Server, spare: Run) -> None:
    tab.open("runs", run=spare.id)
    button(tab, "Remove").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    wait_until(lambda: spare.id in [run.id for run in removed_runs(server.store)], 20, "the removal")
    tab.open("runs")  # as somebody who comes back later; other tests remove runs, too
    tab.page.get_by_role("button", name="Removed runs (").click()
    tab.part(f"runs-restore-{spare.id}").get_by_role("button").click()
    wait_until(lambda: spare.id in [run.id for run in server.runs()], 20, "the run's return")
    assert spare.id not in [run.id for run in removed_runs(server.store)]
    with pytest.raises(Exception, match="cannot be brought back"):
        restore_run(server.store, spare.id)


def test_a_name_and_a_note_are_kept_and_settings_that_differ_are_listed(
    tab: Screen, server: Server, spare: Run
) -> None:
    tab.open("runs", run=spare.id)
    assert "Learning rate 0.02" in listed_row(tab, spare.id)["Settings other than the book's"]
    others = listed_row(tab, server.run("digits").id)["Settings other than the book's"]
    assert "Kernel" not in others  # the first start changes how long and how fast it learns, not the network
    name = tab.page.get_by_role("textbox", name="Name", exact=True)
    name.fill("<b>quick</b> *learner*")
    name.press("Enter")
    note = tab.page.get_by_role("textbox", name="Note", exact=True)
    note.fill("the larger rate")
    note.press("Control+Enter")
    wait_until(lambda: read_run(spare.path).note == "the larger rate", 20, "the note")
    assert read_run(spare.path).name == "<b>quick</b> *learner*"
    tab.shown("<b>quick</b> *learner*")
    wait_until(lambda: listed_row(tab, spare.id).get("Note") == "the larger rate", 20, "the note in the list")
    tab.open("bike", run=spare.id)
    field = tab.part("bar-run").locator("input").first
    wait_until(lambda: field.input_value().startswith("<b>quick</b> *learner* · R²"), 20, "the name in the bar")
