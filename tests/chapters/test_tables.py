"""A chapter of the test's own brings a measurement and an export format; both commands offer and run them."""

import json
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from explorer.chapters.exports import ExportFormat, ExportRequest
from explorer.chapters.measurement_kinds import MeasurementKind, Point, Score
from explorer.chapters.tables import all_export_endings, all_names, export_endings
from explorer.cli.main import main
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run, create_run, read_run
from explorer.runs.training import carry_out
from models.catalogue import EXTRA, Chapter, Headline, ModelEntry, model

CHAPTER, COMPUTATIONS = "tests_halves_chapter", "tests_halves_computations"
ENTRY = ModelEntry("halves", "Halves", "models.bike.demand", Headline("r2", "test", "{share}"), ())


def measure(opened: OpenRun, point: Point, stopped: Callable[[], bool]) -> Score:
    return Score(point.at[0] / 2, float(opened.step))


def save_step(request: ExportRequest) -> None:
    request.to.write_text(str(request.checkpoint))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, store: Path) -> Run:
    """A trained run of a model in a chapter that exists in this test only."""
    computations, chapter = ModuleType(COMPUTATIONS), ModuleType(CHAPTER)
    computations.__dict__.update(
        __spec__=ModuleSpec(COMPUTATIONS, None),
        MEASUREMENTS={"halves": f"{COMPUTATIONS}:HALVES"},
        EXPORTS={".step": f"{COMPUTATIONS}:STEP"},
        HALVES=MeasurementKind("halves", ("place",), lambda _run: (Point(0, (0.0,)), Point(1, (1.0,))), measure),
        STEP=ExportFormat(save_step),
    )
    chapter.__dict__.update(CHAPTER=Chapter(9, "halves", "Halves", (ENTRY,), computations=COMPUTATIONS))
    monkeypatch.setitem(sys.modules, COMPUTATIONS, computations)
    monkeypatch.setitem(sys.modules, CHAPTER, chapter)
    monkeypatch.setenv(EXTRA, CHAPTER)
    created = create_run(store, "halves", model("halves").config(epochs=1).model_dump())
    carry_out(str(created.path))
    return read_run(created.path)


def test_the_commands_offer_what_the_chapter_adds(run: Run) -> None:
    assert all_names("MEASUREMENTS")[-1] == "halves"
    assert all_export_endings()[-2:] == (".gif", ".step")
    assert export_endings("halves")[-1] == ".step" and ".gif" not in export_endings("halves")
    assert ".step" not in export_endings("digits")


def test_its_measurement_is_kept_with_the_run(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["measure", run.id, "--store", str(run.path.parents[1]), "--what", "halves"]
    assert main([*command, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["points"] == [
        {"place": 0.0, "accuracy": 0.0, "loss": run.checkpoints[-1]},
        {"place": 1.0, "accuracy": 0.5, "loss": run.checkpoints[-1]},
    ]
    assert (run.path / "measured" / f"halves-{run.checkpoints[-1]}.jsonl").read_text().count("\n") == 2
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines()[1] == f"place 0.0000  accuracy 0.0000  loss {run.checkpoints[-1]:.4f}"


def test_its_export_is_a_file(run: Run, tmp_path: Path) -> None:
    given = ["export", run.id, "--store", str(run.path.parents[1]), "--checkpoint", "0", "--to"]
    assert main([*given, str(tmp_path / "a.step")]) == 0
    assert (tmp_path / "a.step").read_text() == "0"


def test_measurements_of_another_chapter_are_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", run.id, "--store", str(run.path.parents[1]), "--what", "shift"]) == 2
    assert capsys.readouterr().err == f"toushi: Run {run.id} cannot be measured so: only runs of digits can.\n"
