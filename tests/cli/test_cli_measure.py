"""The laboratory on the command line: measuring a run and making a film, what they print and write, every mistake."""

import argparse
import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
from PIL import Image, ImageSequence

from explorer.chapters.digits import MEASUREMENTS, image_sweeps
from explorer.chapters.digits.image_sweeps import LabelledImages
from explorer.chapters.evaluation import confusion_counts, predictions
from explorer.chapters.measurement_kinds import Score
from explorer.cli import measure as measure_command
from explorer.cli.arguments import parser
from explorer.cli.main import main
from explorer.project import PROJECT
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, list_runs, read_run
from models.digits.changes import Change


@pytest.fixture
def run(trained_store: Path, store: Path) -> Run:
    """A copy of the digits run, for a test to measure."""
    trained = next((trained_store / "runs").glob("digits-*"))
    return read_run(Path(shutil.copytree(trained, store / "runs" / trained.name)))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """Measures at once; the changes that it was asked for."""
    asked: list[Change] = []

    def at_once(network: object, on: LabelledImages, change: Change, stopped: Callable[[], bool]) -> Score:
        asked.append(change)
        return Score((50 + change.x) / 100, float("nan") if change.y == 2 else change.y / 10)

    monkeypatch.setattr(image_sweeps, "score_on_changed", at_once)
    return asked


def command(run: Run, *more: object) -> list[str]:
    return ["measure", run.id, "--store", str(run.path.parents[1]), *(str(each) for each in more)]


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    out, err = capsys.readouterr()
    assert err == ""
    result: dict[str, Any] = json.loads(out.splitlines()[-1])
    return result


def test_the_shift_map_as_json_and_as_a_table(
    run: Run, quick: list[Change], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(run, "--what", "shift", "--json", "--to", tmp_path / "a.csv")) == 0
    result = printed(capsys)
    assert (result["run"], result["what"], result["checkpoint"]) == (run.id, "shift", run.checkpoints[-1])
    assert (result["status"], result["done"], result["total"]) == ("done", 169, 169)
    assert result["points"][0] == {"x": -6, "y": -6, "accuracy": 0.44, "loss": -0.6}
    assert [p["loss"] for p in result["points"] if p["y"] == 2] == [None] * 13  # no number: JSON's null
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(int(r["x"]), int(r["y"]), float(r["accuracy"])) for r in rows] == [
        (p["x"], p["y"], p["accuracy"]) for p in result["points"]
    ]
    assert main(command(run, "--what", "shift")) == 0  # read, not measured again
    assert len(quick) == 169
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 15
    assert lines[2].split() == ["-6", *(f"{50 + x:.1f}" for x in range(-6, 7))]


@pytest.mark.parametrize(
    ("what", "name", "count"), [("rotation", "degrees", 37), ("scale", "scale", 21), ("noise", "noise", 21)]
)
def test_a_curve(
    run: Run, quick: list[Change], capsys: pytest.CaptureFixture[str], what: str, name: str, count: int
) -> None:
    assert main(command(run, "--what", what, "--checkpoint", 0, "--json")) == 0
    result = printed(capsys)
    assert (result["checkpoint"], len(result["points"])) == (0, count)
    assert list(result["points"][0]) == [name, "accuracy", "loss"]
    assert (run.path / "measured" / f"{what}-0.jsonl").is_file()


def test_curves_over_the_checkpoints(run: Run, quick: list[Change], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(run, "--what", "curves", "--json")) == 0
    result = printed(capsys)
    assert result["checkpoint"] is None
    assert [(p["step"], p["part"]) for p in result["points"]] == [
        (step, part) for step in run.checkpoints for part in ("train", "validation", "test")
    ]


@pytest.mark.parametrize("name", ["digits", "sentiment"])
def test_confusion_of_every_classifier(
    trained_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    run = next(each for each in list_runs(trained_store) if each.model == name)
    assert main(command(run, "--what", "confusion", "--json", "--to", tmp_path / "c.csv")) == 0
    result = printed(capsys)
    expected = predictions(open_run(run), "both")
    assert result["confusion"] == confusion_counts(expected).tolist()
    assert result["accuracy"] == expected.accuracy
    assert sum(each["support"] for each in result["classes"]) == len(expected)
    with (tmp_path / "c.csv").open() as file:
        counts = [int(row["count"]) for row in csv.DictReader(file)]
    assert counts == confusion_counts(expected).flatten().tolist()
    assert main(command(run, "--what", "confusion")) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 2 + len(result["classes"])


def test_a_film(trained_store: Path, tmp_path: Path) -> None:
    run = next(each for each in list_runs(trained_store) if each.model == "digits")
    given = ["export", run.id, "--store", str(trained_store), "--to", str(tmp_path / "a.gif")]
    assert main([*given, "--sample", "test/17"]) == 0
    with Image.open(tmp_path / "a.gif") as image:
        assert len(list(ImageSequence.Iterator(image))) == len(run.checkpoints)


def test_ctrl_c_keeps_the_points(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    given = [sys.executable, "-m", "explorer", *command(run, "--what", "shift", "--json")]
    process = subprocess.Popen(given, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    points = run.path / "measured" / f"shift-{run.checkpoints[-1]}.jsonl"
    end = time.monotonic() + 60
    while not points.is_file() or points.read_text().count("\n") < 2:
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    result = json.loads(out.splitlines()[-1])
    assert result["status"] == "cancelled"
    assert 2 <= result["done"] == len(points.read_text().splitlines()) < 169


MISTAKES = {
    "what": (["--what", "blur"], "blur"),
    "nothing": ([], "--what"),
    "checkpoint": (["--what", "noise", "--checkpoint", "77"], "has no readable checkpoint 77"),
    "curves at a checkpoint": (["--what", "curves", "--checkpoint", "0"], "leave out checkpoint 0"),
    "confusion at a checkpoint": (["--what", "confusion", "--checkpoint", "77"], "has no readable checkpoint 77"),
    "ending": (["--what", "noise", "--to", "{tmp}/x.png"], "'x.png'; the ending is .csv"),
    "place": (["--what", "noise", "--to", "{tmp}/gone/x.csv"], "cannot be written: No such file"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_status_2(
    name: str, run: Run, quick: list[Change], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, sentence = MISTAKES[name]
    assert main([*command(run), *(word.format(tmp=tmp_path) for word in words)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("toushi: ") and sentence in err
    assert quick == []
    assert not (run.path / "measured").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["measure", "{run}", "--what", "shift"], "only runs of digits can"),
        (["measure", "{run}", "--what", "confusion"], "is no classifier"),
        (["measure", "nothing", "--what", "shift"], "no run 'nothing'"),
        (["export", "{run}", "--to", "{tmp}/x.gif"], "has no convolutions"),
        (["export", "{run}", "--to", "{tmp}/x.csv", "--sample", "test/1"], "Only a film (.gif) shows a sample"),
        (["export", "digits", "--to", "{tmp}/x.gif", "--checkpoint", "0"], "leave out checkpoint 0"),
        (["export", "digits", "--to", "{tmp}/x.gif", "--sample", "test/x"], "no digit 'test/x'"),
        (["export", "digits", "--to", "{tmp}/gone/x.gif"], "cannot be written: No such file"),
    ],
)
def test_other_mistakes(
    bike_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    given = [word.format(run=bike_run.id, tmp=tmp_path) for word in words]
    assert main([*given, "--store", str(bike_run.path.parents[1])]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("toushi: ") and sentence in err
    assert list(tmp_path.glob("x.*")) == []


def test_the_parser_offers_what_the_chapters_measure() -> None:
    (commands,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    (what,) = (action for action in commands.choices["measure"]._actions if action.dest == "what")
    assert what.choices is not None
    kinds = [MEASUREMENTS[name] for name in what.choices if name != measure_command.CONFUSION]
    assert [resolve_name(reference).name for reference in kinds] == list(MEASUREMENTS)
