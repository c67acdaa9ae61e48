"""A damaged run and a wrong file get a clear sentence, and everything else goes on; a good file can be trained on."""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.runs.folder import Run, read_run
from explorer.runs.removal import remove_run
from models.data.bikes import EMBEDDED
from tests.browser.screen import Screen, listed_row
from tests.browser.server import Server, command_line, listed, wait_until


@pytest.fixture
def damaged(server: Server) -> Iterator[Run]:
    """A copy of a run whose third checkpoint lost its last 100 bytes."""
    good = server.run("digits")
    path = good.path.with_name(f"{good.id}-broken")
    fresh = path.with_name(f".{path.name}")
    shutil.copytree(good.path, fresh)
    record = json.loads((fresh / "run.json").read_text("utf-8"))
    (fresh / "run.json").write_text(json.dumps(record | {"id": path.name}), encoding="utf-8")
    checkpoint = fresh / "checkpoints" / good.checkpoint_path(good.checkpoints[2]).name
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    fresh.rename(path)
    yield read_run(path)
    remove_run(read_run(path))


def test_a_damaged_run_is_told_and_the_others_work(tab: Screen, server: Server, damaged: Run) -> None:
    sentence = f"Run {damaged.id} is damaged: checkpoint {damaged.checkpoints[2]} is truncated."
    assert listed(server, damaged.id)["status"] == "damaged"
    assert listed(server, damaged.id)["message"] == sentence
    tab.open("runs")
    assert listed_row(tab, damaged.id)["State"] == "damaged"
    tab.open("digits", run=damaged.id)
    tab.shown(sentence)
    tab.sound()
    tab.open("graph", run=damaged.id)
    tab.shown(sentence)
    tab.open("digits", run=server.run("digits").id).lens("digits")
    tab.open("bike").lens("bike")


def upload(tab: Screen, name: str, content: bytes) -> None:
    """Give a file to the bike page and press the button that checks it."""
    tab.settle()
    tab.page.get_by_text("Use other data").click()
    tab.part("upload-bike").locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    button = tab.part("upload-bike-use").get_by_role("button")
    wait_until(button.is_enabled, 20, "the button that checks the file")
    button.click()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,b\n1,2\n", "The file 'my.csv' has no column dteday"),
        ("", "The file 'my.csv' is empty."),
    ],
)
def test_a_wrong_file_gets_its_sentence(tab: Screen, server: Server, content: str, sentence: str) -> None:
    tab.open("bike").lens("bike")
    before = len(server.runs())
    upload(tab, "my.csv", content.encode())
    tab.shown(sentence, 60)
    tab.sound()
    tab.lens("bike")  # what was on the screen is still there
    assert len(server.runs()) == before


def test_a_good_file_is_accepted_and_trained_on(tab: Screen, server: Server, tmp_path: Path) -> None:
    lines = gzip.decompress(EMBEDDED.read_bytes()).decode().splitlines()[: 1 + 3000]
    mine = tmp_path / "my.csv"
    mine.write_text("\n".join(lines) + "\n", encoding="utf-8")
    tab.open("bike").lens("bike")
    upload(tab, "my.csv", mine.read_bytes())
    wait_until(lambda: "my.csv" in tab.part("data-bike").locator("input").input_value(), 60, "my.csv among the data")
    tab.settle()
    tab.slide("setting-bike-epochs", "10")
    tab.settle()
    before = tab.query().get("run", "")
    tab.part("train").get_by_role("button").click()
    run_id = tab.run_shown(other_than=before)
    run = wait_until(
        lambda: next((run for run in server.runs() if run.id == run_id and not run.active), None), 60, "the end"
    )
    assert run.state == "done"
    assert run.source is not None
    assert run.source.read_bytes() == mine.read_bytes()
    tab.lens("bike")
    again = command_line("train", "bike", "--epochs", "10", "--data", str(mine), store=tmp_path / "store")
    assert again["metrics"] == listed(server, run_id)["metrics"]
