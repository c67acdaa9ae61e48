"""The command line: every command of the design, what it writes, and one clear line for every mistake."""

import json
import shutil
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
from torch import nn

from explorer import cli
from explorer.cli import main
from explorer.graph.export import export_onnx
from explorer.graph.read import read_onnx
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, list_runs, read_metrics, read_run
from explorer.settings import PROJECT, Settings

PROMISED = {
    "run", "model", "status", "epochs", "seconds", "samples_per_second", "device", "metrics", "onnx_max_difference",
}  # fmt: skip


def last_object(text: str) -> dict[str, object]:
    found = json.loads(text.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def words(*given: object) -> list[str]:
    return [str(each) for each in given]


@pytest.fixture
def onnx_file(bike_run: Run, tmp_path: Path) -> Path:
    assert main(words("export", bike_run.id, "--store", bike_run.path.parents[1], "--to", tmp_path / "net.onnx")) == 0
    return tmp_path / "net.onnx"


def test_train_prints_what_was_promised_and_leaves_a_run(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = words("train", "bike", "--epochs", 2, "--seed", 3, "--device", "cpu", "--store", store, "--json")
    assert main([*given, "--set", "hidden_units=4", "--set", "batch_size = 512"]) == 0
    out, err = capsys.readouterr()
    found = last_object(out)
    assert set(found) >= PROMISED
    assert err == ""
    (run,) = list_runs(store)
    assert (found["run"], found["status"], found["epochs"], found["device"]) == (run.id, "done", 2, "cpu")
    assert (run.settings["hidden_units"], run.settings["batch_size"], run.settings["seed"]) == (4, 512, 3)
    assert found["metrics"] == run.status.metrics
    assert set(run.status.metrics) == {"train", "validation", "test"}

    assert main([*given, "--set", "hidden_units=4", "--set", "batch_size=512"]) == 0
    assert last_object(capsys.readouterr().out)["metrics"] == found["metrics"]


def test_digits_reach_the_promised_accuracy_after_an_epoch(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("train", "digits", "--epochs", 1, "--seed", 0, "--json", "--store", store)) == 0
    metrics = last_object(capsys.readouterr().out)["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["test"]["accuracy"] >= 0.90


def test_a_line_for_people(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("train", "bike", "--epochs", 1, "--store", store)) == 0
    line = capsys.readouterr().out
    assert line.startswith("bike-")
    assert "done; train loss" in line
    assert main(words("runs", "--store", store)) == 0
    assert capsys.readouterr().out == line


def test_runs_as_json(trained_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("runs", "--json", "--store", trained_store)) == 0
    found = last_object(capsys.readouterr().out)["runs"]
    assert isinstance(found, list)
    assert [run["run"] for run in found] == [run.id for run in list_runs(trained_store)]
    assert all(set(run) >= PROMISED for run in found)


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
        found = onnxruntime.InferenceSession(to).run(None, {"input": inputs.numpy()})[0]
        with torch.no_grad():
            np.testing.assert_allclose(found, open_run(bike_run, step).network(inputs).numpy(), atol=1e-5)


def test_graph_of_a_run_as_json(bike_run: Run, tmp_path: Path) -> None:
    to = tmp_path / "g.json"
    assert main(words("graph", bike_run.id, "--store", bike_run.path.parents[1], "--to", to)) == 0
    graph = json.loads(to.read_text())
    assert set(graph) >= {"name", "inputs", "outputs", "nodes", "tensors"}
    assert graph["name"] == bike_run.id
    assert [node["op_type"] for node in graph["nodes"]] == ["Gemm", "Sigmoid", "Gemm"]
    promised = {"id", "op_type", "name", "scope", "category", "inputs", "outputs", "attributes", "params", "flops"}
    assert all(set(node) >= {*promised, "source"} for node in graph["nodes"])
    assert sum(node["params"] for node in graph["nodes"]) == 56 * 10 + 10 + 10 + 1
    assert graph["tensors"]["input"]["shape"][1] == 56
    assert not [path for path in bike_run.path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]
)
def test_graph_of_a_file_in_every_format(onnx_file: Path, tmp_path: Path, ending: str, start: bytes) -> None:
    to = tmp_path / f"g.{ending}"
    assert main(words("graph", onnx_file, "--to", to)) == 0
    assert to.read_bytes().lstrip().startswith(start)


def test_graph_as_onnx_is_that_checkpoint(bike_run: Run, onnx_file: Path, tmp_path: Path) -> None:
    store, inputs = bike_run.path.parents[1], open_run(bike_run).sample("").inputs
    for step in (0, bike_run.checkpoints[-1]):
        to = tmp_path / f"{step}.onnx"
        assert main(words("graph", bike_run.id, "--checkpoint", step, "--store", store, "--to", to)) == 0
        found = onnxruntime.InferenceSession(to).run(None, {"input": inputs.numpy()})[0]
        with torch.no_grad():
            np.testing.assert_allclose(found, open_run(bike_run, step).network(inputs).numpy(), atol=1e-5)
    assert main(words("graph", onnx_file, "--to", tmp_path / "copy.onnx")) == 0
    assert onnx.load(tmp_path / "copy.onnx") == onnx.load(onnx_file)


def test_graph_as_a_page_holds_the_values_of_the_sample(bike_run: Run, onnx_file: Path, tmp_path: Path) -> None:
    store, to = bike_run.path.parents[1], tmp_path / "g.html"
    assert main(words("graph", bike_run.id, "--store", store, "--to", to, "--lang", "zh", "--dark")) == 0
    page = to.read_text("utf-8")
    held = json.loads(page.split('id="held">')[1].split("</script>")[0])
    assert (held["generated"], held["theme"], held["language"]) == (False, "dark", "zh")
    opened = open_run(bike_run)
    with torch.no_grad():
        expected = float(opened.network(opened.sample("").inputs))
    assert held["tensors"]["output"]["statistics"]["mean"] == pytest.approx(expected, rel=1e-4)
    assert main(words("graph", onnx_file, "--to", to)) == 0
    assert '"generated":true' in to.read_text("utf-8")


def test_graph_sideways_dark_and_in_the_books_order(onnx_file: Path, tmp_path: Path) -> None:
    def drawn(*options: str) -> str:
        assert main(words("graph", onnx_file, "--to", tmp_path / "g.dot", *options)) == 0
        return (tmp_path / "g.dot").read_text()

    plain = drawn("--expand", "auto")
    for options, text in ((["--direction", "LR"], "rankdir=LR"), (["--book-order"], "dir=back")):
        assert text in drawn(*options)
        assert text not in plain
    assert drawn("--dark") != plain == drawn()


def test_graph_folded_open_and_in_chinese(tmp_path: Path) -> None:
    dot, blocks = tmp_path / "g.dot", [nn.Sequential(nn.Linear(3, 3), nn.Tanh()) for _ in range(2)]
    export_onnx(nn.Sequential(*blocks), torch.zeros(2, 3), tmp_path / "nested.onnx")

    def drawn(*options: str) -> str:
        assert main(words("graph", tmp_path / "nested.onnx", "--to", dot, *options)) == 0
        return dot.read_text()

    folded, opened, half = drawn("--expand", "none"), drawn("--expand", "all"), drawn("--expand", "0")
    assert [text.count("Tanh") for text in (folded, half, opened)] == [0, 1, 2]
    assert drawn() == opened
    chinese = drawn("--expand", "none", "--lang", "zh")
    assert any("一" <= c <= "鿿" for c in chinese)
    assert not any("一" <= c <= "鿿" for c in folded)


def test_several_graphs_with_a_bad_one(
    onnx_file: Path, bike_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no graph")
    other = tmp_path / "other" / "net.onnx"
    other.parent.mkdir()
    shutil.copy(onnx_file, other)
    to = tmp_path / "drawn"
    given = words("graph", onnx_file, tmp_path / "bad.onnx", other, bike_run.id, "missing-run", "--to", to)
    assert main([*given, "--format", "json", "--store", str(bike_run.path.parents[1])]) == 1
    assert sorted(path.name for path in to.iterdir()) == sorted(["net.json", "net-2.json", f"{bike_run.id}.json"])
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert "bad.onnx" in errors[0]
    assert "missing-run" in errors[1]


def test_trace_holds_every_tensor_and_equals_torch(trained_store: Path, tmp_path: Path) -> None:
    (run,) = [run for run in list_runs(trained_store) if run.model == "digits"]
    to = tmp_path / "t.npz"
    assert main(words("trace", run.id, "--store", trained_store, "--to", to)) == 0
    values = np.load(to)
    graph = read_onnx(run.onnx_path)
    produced = {name for node in graph.nodes if not node.folded for name in node.outputs if name}
    assert set(values.files) >= {*graph.inputs, *produced}
    opened = open_run(run)
    inputs = opened.sample("").inputs
    np.testing.assert_array_equal(values["input"], inputs.numpy())
    with torch.no_grad():
        np.testing.assert_allclose(values[graph.outputs[0]], opened.network(inputs).numpy(), atol=1e-5)
        conv1 = opened.network.get_submodule("conv1")(inputs).numpy()
    assert any(values[name].shape == conv1.shape and np.allclose(values[name], conv1, atol=1e-5) for name in produced)


def test_trace_of_a_checkpoint_and_given_inputs(bike_run: Run, tmp_path: Path) -> None:
    x = np.random.default_rng(0).standard_normal((5, 56)).astype(np.float32)
    np.savez(tmp_path / "x.npz", input=x)
    given = words("trace", bike_run.id, "--store", bike_run.path.parents[1], "--input", tmp_path / "x.npz")
    for step in (0, bike_run.checkpoints[-1]):
        assert main([*given, *words("--checkpoint", step, "--to", tmp_path / "y.npz")]) == 0
        with torch.no_grad():
            expected = open_run(bike_run, step).network(torch.from_numpy(x)).numpy()
        np.testing.assert_allclose(np.load(tmp_path / "y.npz")["output"], expected, atol=1e-5)


def test_traces_of_several_files(onnx_file: Path, bike_run: Run, tmp_path: Path) -> None:
    given = words("trace", onnx_file, bike_run.id, "--to", tmp_path / "t", "--format", "npz")
    assert main([*given, "--store", str(bike_run.path.parents[1])]) == 0
    assert sorted(path.name for path in (tmp_path / "t").iterdir()) == sorted(["net.npz", f"{bike_run.id}.npz"])


def test_trace_as_netrons_attachment(bike_run: Run, tmp_path: Path) -> None:
    store, to = bike_run.path.parents[1], tmp_path / "t.json"
    assert main(words("trace", bike_run.id, "--store", store, "--to", to)) == 0
    found = json.loads(to.read_text("utf-8"))
    assert found["signature"] == "netron:attachment"
    opened = open_run(bike_run)
    with torch.no_grad():
        expected = float(opened.network(opened.sample("").inputs))
    told = {(each["kind"], each["target"], each["name"]): each["value"] for each in found["metrics"]}
    assert told["value", "output", "mean"] == pytest.approx(expected, rel=1e-4)
    weight = opened.network.state_dict()
    name = next(name for name in weight if weight[name].ndim == 2)
    assert told["tensor", name, "max"] == pytest.approx(float(weight[name].max()), rel=1e-4)
    assert told["model", "", "parameters"] == 56 * 10 + 10 + 10 + 1
    assert told["model", "", "time in µs"] > 0


def test_compare_checkpoints_and_files(
    bike_run: Run, onnx_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, last = bike_run.path.parents[1], bike_run.checkpoints[-1]
    given = words("compare", bike_run.id, bike_run.id, "--checkpoint-a", 0, "--store", store)
    assert main([*given, "--json"]) == 0
    found = last_object(capsys.readouterr().out)
    assert (found["added"], found["removed"], found["changed"], found["same"]) == ([], [], [], False)
    before, after = (open_run(bike_run, step).network.state_dict() for step in (0, last))
    weights = found["weights"]
    assert isinstance(weights, list)
    assert {each["name"] for each in weights} == set(before)
    for each in weights:
        a, b = before[each["name"]].double(), after[each["name"]].double()
        assert each["relative"] == pytest.approx(float((a - b).norm() / a.norm()), rel=1e-6)
        assert each["largest"] == pytest.approx(float((a - b).abs().max()), rel=1e-6)
    assert [each["relative"] for each in weights] == sorted((each["relative"] for each in weights), reverse=True)

    assert main(given) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 matched, 0 added, 0 removed, 0 changed"
    assert [line.split()[1] for line in lines[1:]] == [each["name"] for each in weights]

    export_onnx(nn.Sequential(nn.Linear(56, 3), nn.Tanh()), torch.zeros(2, 56), tmp_path / "other.onnx")
    assert main(words("compare", onnx_file, tmp_path / "other.onnx")) == 0
    out = capsys.readouterr().out
    assert "added    Tanh" in out
    assert "removed  Sigmoid" in out
    assert main(words("compare", onnx_file, onnx_file, "--json")) == 0
    assert last_object(capsys.readouterr().out)["same"] is True


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
        "0.0.0.0", 9000, Path("s"), "tcp://h:1", False,  # noqa: S104
    )  # fmt: skip
    assert seen[1] == seen[0].model_copy(update={"workers": 3})
    assert seen[2] == seen[3] == Settings()


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
    found = last_object(out)
    assert found["status"] == "cancelled"
    run = read_run(runs[0].path)
    assert read_metrics(run)[-1]["step"] == run.checkpoints[-1] >= 100
    assert open_run(run).step == run.checkpoints[-1]


def test_help_lists_every_command_and_model(capsys: pytest.CaptureFixture[str]) -> None:
    for given in (["--help"], ["train", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(given)
        assert ended.value.code == 0
    out = capsys.readouterr().out
    assert all(command in out for command in cli.COMMANDS)
    assert all(name in out for name in ("bike", "sentiment", "digits"))
