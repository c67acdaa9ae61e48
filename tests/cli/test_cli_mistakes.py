"""Every mistake on the command line is one clear line on standard error and status 2, and loses nothing."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from explorer.cli.main import main
from explorer.project import PROJECT
from explorer.runs.folder import Run, list_runs

MISTAKES: dict[str, tuple[Sequence[str], str]] = {
    "no command": (["fly"], "fly"),
    "no model": (["train", "weather"], "weather"),
    "unknown setting": (["train", "bike", "--set", "colour=red"], "no setting 'colour'"),
    "no assignment": (["train", "bike", "--set", "epochs"], "'epochs' is not of the form key=value"),
    "out of range": (["train", "bike", "--set", "epochs=0"], "Setting epochs cannot be '0'"),
    "no number": (["train", "bike", "--epochs", "many"], "Setting epochs cannot be 'many'"),
    "infinite": (["train", "bike", "--set", "learning_rate=inf"], "learning_rate cannot be 'inf'"),
    "kernel too large": (["train", "digits", "--set", "kernel_size=20"], "20×20"),
    "no device": (["train", "bike", "--device", "tpu"], "tpu"),
    "no data": (["train", "bike", "--data", "{tmp}/gone.csv"], "gone.csv"),
    "data without columns": (["train", "bike", "--data", "{tmp}/bad.csv"], "'bad.csv' has no column"),
    "empty reviews": (["train", "sentiment", "--data", "{tmp}/empty"], "'good.txt' is empty"),
    "digits from nowhere": (["train", "digits", "--data", "{tmp}/gone"], "There is no folder"),
    "store below a file": (["train", "bike", "--epochs", "1", "--store", "{tmp}/file/s"], "cannot be written"),
    "no run": (["export", "nothing", "--to", "{tmp}/x.onnx"], "no run 'nothing'"),
    "several runs": (["export", "bike", "--to", "{tmp}/x.onnx", "--store", "{tmp}/two"], "names several runs"),
    "no format": (["export", "{run}", "--to", "{tmp}/x.doc"], "'x.doc'"),
    "no folder to export to": (["export", "{run}", "--to", "{tmp}/gone/x.zip"], "cannot be written: No such file"),
    "export below a file": (["export", "{run}", "--to", "{tmp}/file/x.csv"], "cannot be written: Not a directory"),
    "no checkpoint": (["export", "{run}", "--checkpoint", "77", "--to", "{tmp}/x.onnx"], "no readable checkpoint 77"),
    "checkpoint no number": (["export", "{run}", "--checkpoint", "x", "--to", "{tmp}/x.onnx"], "--checkpoint"),
    "export to nothing": (["export", "{run}"], "--to"),
    "no file": (["graph", "gone.onnx", "--to", "{tmp}/x.svg"], "no file 'gone.onnx'"),
    "no graph": (["graph", "{tmp}/bad.csv", "--to", "{tmp}/x.svg"], "not an ONNX file"),
    "no drawing": (["graph", "{run}", "--to", "{tmp}/x.gif"], "'x.gif'"),
    "no folder to draw to": (["graph", "{run}", "--to", "{tmp}/gone/x.json"], "cannot be written"),
    "several to no format": (["graph", "{run}", "{run}", "--to", "{tmp}/d"], "need --format"),
    "several below a file": (["graph", "{run}", "{run}", "--format", "svg", "--to", "{tmp}/file/d"], "Not a directory"),
    "no language": (["graph", "{run}", "--to", "{tmp}/x.svg", "--lang", "fr"], "fr"),
    "no direction": (["graph", "{run}", "--to", "{tmp}/x.svg", "--direction", "up"], "up"),
    "no page to draw to": (["graph", "{run}", "--to", "{tmp}/file/x.html"], "cannot be written"),
    "no file to copy to": (["graph", "{run}", "--to", "{tmp}/file/x.onnx"], "cannot be written"),
    "no kind of trace": (["trace", "{run}", "--to", "{tmp}/x.csv"], "'x.csv'"),
    "no attachment to write": (["trace", "{run}", "--to", "{tmp}/file/x.json"], "cannot be written"),
    "nothing to compare with": (["compare", "{run}"], "B.onnx|RUN"),
    "compare with no file": (["compare", "{run}", "gone.onnx"], "no file 'gone.onnx'"),
    "compare with no graph": (["compare", "{tmp}/bad.csv", "{run}"], "not an ONNX file"),
    "compare no checkpoint": (["compare", "{run}", "{run}", "--checkpoint-b", "77"], "no readable checkpoint 77"),
    "no inputs": (["trace", "{run}", "--input", "{tmp}/bad.csv", "--to", "{tmp}/x.npz"], "not an .npz"),
    "wrong input name": (["trace", "{run}", "--input", "{tmp}/wrong.npz", "--to", "{tmp}/x.npz"], "no input 'pixels'"),
    "trace below a file": (["trace", "{run}", "--to", "{tmp}/file/x.npz"], "cannot be written"),
    "no port": (["--port", "99999"], "port"),
    "port no number": (["serve", "--port", "x"], "--port"),
    "serve below a file": (["serve", "--no-browser", "--store", "{tmp}/file/s"], "cannot be written"),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the files that the mistakes are made with."""
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "empty").mkdir()
    for name in ("good.txt", "bad.txt"):
        (tmp_path / "empty" / name).write_text("")
    np.savez(tmp_path / "wrong.npz", pixels=np.zeros(3))
    for name in ("bike-1", "bike-2"):
        (tmp_path / "two" / "runs" / name).mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_status_2(
    name: str, place: Path, trained_store: Path, bike_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(list_runs(trained_store))
    pattern, sentence = MISTAKES[name]
    given = [each.format(tmp=place, run=bike_run.id) for each in pattern]
    if "--store" not in given and given[0] not in ("fly", "--port"):
        given += ["--store", str(trained_store)]
    assert main(given) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("toushi: ")
    assert err.count("\n") == 1
    assert sentence in err
    assert len(list_runs(trained_store)) == before
    assert not list(place.glob("x.*"))


@pytest.mark.slow
def test_no_traceback_in_a_process_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "explorer", "train", "bike", "--set", "epochs=x", "--store", str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("toushi: Setting epochs cannot be 'x'")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_run_does_not_hide_the_others(
    trained_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained_store, tmp_path / "store")
    run = next(run for run in list_runs(tmp_path / "store") if run.model == "bike")
    run.checkpoint_path(1).write_bytes(b"half")
    assert main(["runs", "--json", "--store", str(tmp_path / "store")]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])["runs"]
    assert sorted(each["status"] for each in result) == ["damaged", "done", "done"]
    to = ["--to", str(tmp_path / "x.onnx"), "--store", str(tmp_path / "store")]
    assert main(["export", run.id, *to]) == 2
    assert "damaged: checkpoint 1 is truncated" in capsys.readouterr().err
    assert main(["export", "digits", *to]) == 0
