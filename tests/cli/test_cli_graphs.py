"""The command line's graphs: drawn, taken away, traced and compared, checked against torch."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from explorer.cli.main import main
from explorer.graph.onnx_io.export import export_onnx
from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, list_runs
from tests.cli.test_cli import last_object, words


@pytest.fixture
def onnx_file(bike_run: Run, tmp_path: Path) -> Path:
    assert main(words("export", bike_run.id, "--store", bike_run.path.parents[1], "--to", tmp_path / "net.onnx")) == 0
    return tmp_path / "net.onnx"


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
        result = onnxruntime.InferenceSession(to).run(None, {"input": inputs.numpy()})[0]
        with torch.no_grad():
            np.testing.assert_allclose(result, open_run(bike_run, step).network(inputs).numpy(), atol=1e-5)
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
    rows = dict(held["tensors"]["output"]["statistics"])
    assert float(rows["均值"]) == pytest.approx(expected, rel=1e-3)
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


@pytest.mark.slow
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
    result = json.loads(to.read_text("utf-8"))
    assert result["signature"] == "netron:attachment"
    opened = open_run(bike_run)
    with torch.no_grad():
        expected = float(opened.network(opened.sample("").inputs))
    told = {(each["kind"], each["target"], each["name"]): each["value"] for each in result["metrics"]}
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
    result = last_object(capsys.readouterr().out)
    assert (result["added"], result["removed"], result["changed"], result["same"]) == ([], [], [], False)
    before, after = (open_run(bike_run, step).network.state_dict() for step in (0, last))
    weights = result["weights"]
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
