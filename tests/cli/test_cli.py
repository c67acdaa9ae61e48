"""The command line: every command of the design, what it writes, and one clear line for every mistake."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from explorer.cli.arguments import COMMANDS
from explorer.cli.main import main
from explorer.project import PROJECT
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, list_runs, read_metrics, read_run
from explorer.settings import Settings

PROMISED = {
    "run",
    "model",
    "status",
    "epochs",
    "seconds",
    "samples_per_second",
    "device",
    "metrics",
    "onnx_max_difference",
}


def last_object(text: str) -> dict[str, object]:
    result = json.loads(text.splitlines()[-1])
    assert isinstance(result, dict)
    return result


def words(*given: object) -> list[str]:
    return [str(each) for each in given]


@pytest.mark.training
def test_train_prints_what_was_promised_and_leaves_a_run(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = words("train", "bike", "--epochs", 2, "--seed", 3, "--device", "cpu", "--store", store, "--json")
    assert main([*given, "--set", "hidden_units=4", "--set", "batch_size = 512"]) == 0
    out, err = capsys.readouterr()
    result = last_object(out)
    assert set(result) >= PROMISED
    assert err == ""
    (run,) = list_runs(store)
    assert (result["run"], result["status"], result["epochs"], result["device"]) == (run.id, "done", 2, "cpu")
    assert (run.settings["hidden_units"], run.settings["batch_size"], run.settings["seed"]) == (4, 512, 3)
    assert result["metrics"] == run.status.metrics
    assert set(run.status.metrics) == {"train", "validation", "test"}

    assert main([*given, "--set", "hidden_units=4", "--set", "batch_size=512"]) == 0
    assert last_object(capsys.readouterr().out)["metrics"] == result["metrics"]


@pytest.mark.training
def test_digits_reach_the_promised_accuracy_after_an_epoch(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("train", "digits", "--epochs", 1, "--seed", 0, "--json", "--store", store)) == 0
    metrics = last_object(capsys.readouterr().out)["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["test"]["accuracy"] >= 0.90


@pytest.mark.training
def test_a_line_for_people(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("train", "bike", "--epochs", 1, "--store", store)) == 0
    line = capsys.readouterr().out
    assert line.startswith("bike-")
    assert "done; train loss" in line
    assert main(words("runs", "--store", store)) == 0
    assert capsys.readouterr().out == line


def test_runs_as_json(trained_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("runs", "--json", "--store", trained_store)) == 0
    result = last_object(capsys.readouterr().out)["runs"]
    assert isinstance(result, list)
    assert [run["run"] for run in result] == [run.id for run in list_runs(trained_store)]
    assert all(set(run) >= PROMISED for run in result)


def test_runs_of_an_empty_store(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("runs", "--store", store)) == 0
    assert capsys.readouterr().out == "no runs yet\n"


@pytest.mark.parametrize("ending", ["onnx", "safetensors", "py", "csv", "zip"])
def test_export_in_every_format(bike_run: Run, tmp_path: Path, ending: str) -> None:
    store = bike_run.path.parents[1]
    to = tmp_path / f"x.{ending}"
    assert main(words("export", bike_run.id[:8], "--checkpoint", 1, "--store", store, "--to", to)) == 0
    assert to.stat().st_size > 0


def test_export_of_a_checkpoint_is_that_checkpoint(bike_run: Run, tmp_path: Path) -> None:
    store, to = bike_run.path.parents[1], tmp_path / "m.onnx"
    inputs = open_run(bike_run).sample("").inputs
    for step in (0, 1, bike_run.checkpoints[-1]):
        assert main(words("export", bike_run.id, "--checkpoint", step, "--store", store, "--to", to)) == 0
        onnx.checker.check_model(str(to), full_check=True)
        result = onnxruntime.InferenceSession(to).run(None, {"input": inputs.numpy()})[0]
        with torch.no_grad():
            np.testing.assert_allclose(result, open_run(bike_run, step).network(inputs).numpy(), atol=1e-5)


def test_serve_is_the_default_and_takes_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Settings] = []

    def serve(settings: Settings) -> int:
        seen.append(settings)
        return 0

    monkeypatch.setattr("explorer.launcher.serve", serve)
    options = words("--host", "0.0.0.0", "--port", 9000, "--store", "s", "--scheduler", "tcp://h:1", "--no-browser")  # noqa: S104
    for given in (options, ["serve", *options, "--workers", "3"], [], ["serve"]):
        assert main(given) == 0
    assert (seen[0].host, seen[0].port, seen[0].store, seen[0].scheduler, seen[0].browser) == (
        "0.0.0.0",  # noqa: S104 (what the README shows; nothing is bound)
        9000,
        Path("s"),
        "tcp://h:1",
        False,
    )
    assert seen[1] == seen[0].model_copy(update={"workers": 3})
    assert seen[2] == seen[3] == Settings()


@pytest.mark.training
def test_ctrl_c_keeps_what_was_learnt(store: Path) -> None:
    command = [sys.executable, "-m", "explorer", "train", "bike", "--epochs", "5000", "--json", "--store", str(store)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not (runs := list_runs(store)) or runs[0].status.step < 100:
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    result = last_object(out)
    assert result["status"] == "cancelled"
    run = read_run(runs[0].path)
    assert read_metrics(run)[-1]["step"] == run.checkpoints[-1] >= 100
    assert open_run(run).step == run.checkpoints[-1]


def test_help_lists_every_command_and_model(capsys: pytest.CaptureFixture[str]) -> None:
    for given in (["--help"], ["train", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(given)
        assert ended.value.code == 0
    out = capsys.readouterr().out
    assert all(command in out for command in COMMANDS)
    assert all(name in out for name in ("bike", "sentiment", "digits"))
