"""A fourth chapter, added by an environment variable alone, through everything that needs no screen.

Its ``letters`` is a recurrent network on words of different lengths; its ``curve`` takes intervals of any number of
points. Nothing outside this folder knows them.
"""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import nn

from explorer.cli.main import main
from explorer.graph.onnx_io.read import read_onnx
from explorer.launcher import train_first_runs
from explorer.project import PROJECT
from explorer.runs.as_written import as_written
from explorer.runs.checkpoint import OpenRun, open_run, save_onnx
from explorer.runs.estimate import estimate
from explorer.runs.folder import Run, list_runs
from explorer.runs.report import headline_result
from explorer.settings import Settings
from explorer.trace.gradients import gradients
from explorer.trace.layers import layers
from explorer.trace.onnx_trace import Tracer
from models.catalogue import EXTRA, chapters, model_entries
from tests.fourth_chapter.letters import LETTERS, LettersNetwork

pytestmark = pytest.mark.training
CHAPTER = "tests.fourth_chapter.chapter"
Command = Callable[..., str]


@pytest.fixture(autouse=True, scope="module")
def chapter() -> Iterator[None]:
    """The added chapter, while this module's tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(EXTRA, CHAPTER)
        yield


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a trained run of each of the chapter's models."""
    folder = tmp_path_factory.mktemp("fourth") / "store"
    assert main(["train", "letters", "--set", "hidden_units=7", "--epochs", "4", "--store", str(folder)]) == 0
    assert main(["train", "curve", "--epochs", "3", "--store", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def letters(store: Path) -> Run:
    return next(run for run in list_runs(store) if run.model == "letters")


@pytest.fixture(scope="module")
def curve(store: Path) -> Run:
    return next(run for run in list_runs(store) if run.model == "curve")


def words(rows: int, longest: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random words of at most ``longest`` letters, one of them that long: indices (rows, longest), lengths (rows,)."""
    generator = torch.Generator().manual_seed(rows * 100 + longest)
    lengths = torch.randint(1, longest + 1, (rows,), generator=generator)
    lengths[0] = longest
    indices = torch.randint(1, len(LETTERS) + 1, (rows, longest), generator=generator)
    return indices * (torch.arange(longest) < lengths.unsqueeze(1)), lengths


def by_onnxruntime(path: Path, feed: dict[str, NDArray[Any]]) -> NDArray[Any]:
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    output: NDArray[Any] = session.run(None, feed)[0]
    return output


def test_the_chapter_stands_among_the_others_by_number() -> None:
    assert [chapter.name for chapter in chapters()] == ["bike", "sentiment", "digits", "letters"]
    assert list(model_entries())[-2:] == ["letters", "curve"]


def test_the_training_says_what_it_learnt(store: Path, letters: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--json", "--store", str(store)]) == 0
    records = json.loads(capsys.readouterr().out.splitlines()[-1])["runs"]
    record = next(each for each in records if each["run"] == letters.id)
    assert (record["status"], record["epochs"], record["settings"]["hidden_units"]) == ("done", 4, 7)
    assert set(record["metrics"]["test"]) == {"loss", "mistakes"}
    assert record["metrics"]["test"]["mistakes"] < 0.05
    assert record["onnx_max_difference"] < 1e-5


def test_the_headline_is_the_chapters_own_metric(letters: Run) -> None:
    result = headline_result(letters)
    assert result is not None and result.metric.title == "Share of mistakes"
    assert result.text == f"{100 * letters.status.metrics['test']['mistakes']:.2f} %"
    worse = type(result)(result.metric, "test", result.value + 0.5, result.sentence)
    assert result.better_than(worse) and not worse.better_than(result)  # fewer mistakes are better


def test_the_environment_is_all_that_another_process_needs(store: Path) -> None:
    command = [sys.executable, "-m", "explorer", "runs", "--json", "--store", str(store)]
    for extra, damaged in ((CHAPTER, False), ("", True)):  # without it, nobody knows the model
        done = subprocess.run(command, cwd=PROJECT, env={**os.environ, EXTRA: extra}, capture_output=True, check=True)
        records = json.loads(done.stdout.decode().splitlines()[-1])["runs"]
        assert {each["status"] == "damaged" for each in records} == {damaged}


def test_the_first_start_trains_what_the_chapter_declares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[Run] = []
    monkeypatch.setattr("explorer.runs.training_cluster.submit", lambda address, run: submitted.append(run))
    train_first_runs(Settings(store=tmp_path / "store", scheduler="tcp://h:1"))
    assert [run.model for run in submitted] == ["sentiment", "bike", "digits", "letters"]
    assert submitted[-1].settings["epochs"] == 3


@pytest.mark.parametrize(("rows", "longest"), [(1, 1), (1, 30), (5, 3), (17, 12)])
def test_the_exported_graph_takes_other_batches_and_lengths(
    letters: Run, tmp_path: Path, rows: int, longest: int
) -> None:
    for step in (letters.checkpoints[0], letters.checkpoints[-1]):
        path = tmp_path / f"{step}.onnx"
        arguments = ["export", letters.id, "--store", store_of(letters), "--checkpoint", str(step)]
        assert main([*arguments, "--to", str(path)]) == 0
        indices, lengths = words(rows, longest)
        expected = open_run(letters, step).network(indices, lengths).detach().numpy()
        found = by_onnxruntime(path, {"indices": indices.numpy(), "lengths": lengths.numpy()})
        np.testing.assert_allclose(found, expected, atol=1e-5)


def store_of(run: Run) -> str:
    return str(run.path.parents[1])


@pytest.mark.parametrize(("intervals", "points"), [(1, 1), (1, 50), (4, 9)])
def test_the_exported_curve_takes_any_interval(curve: Run, tmp_path: Path, intervals: int, points: int) -> None:
    opened = open_run(curve)
    save_onnx(opened, tmp_path / "curve.onnx")
    x = torch.linspace(-3, 3, intervals * points).view(intervals, points, 1)
    found = by_onnxruntime(tmp_path / "curve.onnx", {"points": x.numpy()})
    np.testing.assert_allclose(found, opened.network(x).detach().numpy(), atol=1e-6)


def test_a_checkpoint_is_put_into_the_graph_without_another_export(
    letters: Run, curve: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exporter keeps an LSTM's weights in another order and a linear layer's transposed."""
    monkeypatch.setattr("explorer.graph.onnx_io.export.export_onnx", None)
    for run in (letters, curve):
        opened = open_run(run, run.checkpoints[0])
        save_onnx(opened, tmp_path / "first.onnx")
        sample = opened.sample("")
        expected = opened.network(*sample.inputs) if run is letters else opened.network(sample.inputs)
        found = by_onnxruntime(tmp_path / "first.onnx", opened.feed(sample))
        np.testing.assert_allclose(found, expected.detach().numpy(), atol=1e-6)


def test_safetensors_csv_and_zip(letters: Run, tmp_path: Path) -> None:
    for ending in ("safetensors", "csv", "zip"):
        assert main(["export", letters.id, "--store", store_of(letters), "--to", str(tmp_path / f"m.{ending}")]) == 0
    weights = safetensors.torch.load_file(tmp_path / "m.safetensors")
    state = open_run(letters).network.state_dict()
    assert set(weights) == set(state) and all(torch.equal(weights[name], state[name]) for name in state)
    table = pd.read_csv(tmp_path / "m.csv")
    assert {"step", "part", "loss", "mistakes"} <= set(table)
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        assert f"{letters.id}/model.onnx" in archive.namelist()


def test_the_script_rebuilds_the_network_alone(letters: Run, tmp_path: Path) -> None:
    assert main(["export", letters.id, "--store", store_of(letters), "--to", str(tmp_path / "net.py")]) == 0
    indices, lengths = words(4, 6)
    np.savez(tmp_path / "x.npz", indices=indices.numpy(), lengths=lengths.numpy())
    use = (
        "import numpy, torch; from net import network; x = numpy.load('x.npz'); "
        "y = network(torch.from_numpy(x['indices']), torch.from_numpy(x['lengths'])); "
        "numpy.save('y.npy', y.detach().numpy())"
    )
    for command in (["net.py"], ["-P", "-c", f"import sys; sys.path.insert(0, '.'); {use}"]):
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "LettersNetwork(" in done.stdout or command[0] == "-P"
    expected = open_run(letters).network(indices, lengths).detach().numpy()
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, atol=1e-6)


def test_the_graph_is_drawn_and_described(letters: Run, tmp_path: Path) -> None:
    arguments = ["graph", letters.id, "--store", store_of(letters), "--to"]
    for name in ("g.json", "g.svg"):
        assert main([*arguments, str(tmp_path / name)]) == 0
    graph = json.loads((tmp_path / "g.json").read_text("utf-8"))
    assert graph["inputs"] == ["indices", "lengths"]
    assert graph["tensors"]["indices"]["shape"] == ["batch", "length"]
    lstm = next(node for node in graph["nodes"] if node["op_type"] == "LSTM")
    assert lstm["scope"] == ["lstm"]
    assert "LSTM" in (tmp_path / "g.svg").read_text("utf-8")


def test_the_trace_is_torchs_own(letters: Run, tmp_path: Path) -> None:
    assert main(["trace", letters.id, "--store", store_of(letters), "--to", str(tmp_path / "t.npz")]) == 0
    values = np.load(tmp_path / "t.npz")
    opened = open_run(letters)
    network, (indices, lengths) = parts(opened)
    embedded = network.embedding(indices)
    states, _ = network.lstm(embedded)
    logits = network.fc(states[:, int(lengths[0]) - 1])
    graph = read_onnx(letters.onnx_path)
    outputs = {"embedding": embedded, "lstm": states, "fc": logits, "log_softmax": logits.log_softmax(1)}
    for scope, expected in outputs.items():
        name = [node for node in graph.nodes if ".".join(node.scope) == scope][-1].outputs[0]
        np.testing.assert_allclose(values[name], expected.detach().numpy(), atol=1e-5)
    np.testing.assert_array_equal(values["indices"], indices.numpy())
    shown = {layer.name: layer.output for layer in layers(network, (indices, lengths), ("indices", "lengths"))}
    assert set(shown) == {"indices", "lengths", "lstm.h", "lstm.c", *outputs}
    for name, expected in outputs.items():
        np.testing.assert_allclose(shown[name], expected[0].detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(shown["lstm.h"][0], states[0, -1].detach().numpy(), atol=1e-5)


def parts(opened: OpenRun) -> tuple[LettersNetwork, tuple[torch.Tensor, torch.Tensor]]:
    """The network and the default word's indices and lengths."""
    assert isinstance(opened.network, LettersNetwork)
    return opened.network, opened.sample("").inputs


def test_gradients_are_autograds(letters: Run, tmp_path: Path) -> None:
    opened = open_run(letters)
    sample = opened.sample("")
    save_onnx(opened, tmp_path / "m.onnx")
    graph = read_onnx(tmp_path / "m.onnx")
    values = Tracer(tmp_path / "m.onnx").trace(opened.feed(sample)).values
    target = opened.target(sample)
    result = gradients(graph, values, opened.network, sample.inputs, opened.book.loss, target)
    assert result is not None and target is not None
    network, (indices, lengths) = parts(open_run(letters))
    embedded = network.embedding(indices)
    states, _ = network.lstm(embedded)
    logits = network.fc(states[:, int(lengths[0]) - 1])
    kept = {"embedding": embedded, "lstm": states, "fc": logits}
    for tensor in kept.values():
        tensor.retain_grad()
    loss = nn.functional.nll_loss(logits.log_softmax(1), target)
    loss.backward()
    assert result.loss == pytest.approx(loss.item(), rel=1e-5)
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None
        np.testing.assert_allclose(result.weights[name], parameter.grad.numpy(), atol=1e-6)
    for scope, tensor in kept.items():
        name = [node for node in graph.nodes if ".".join(node.scope) == scope][-1].outputs[0]
        assert tensor.grad is not None
        np.testing.assert_allclose(result.tensors[name], tensor.grad.numpy(), atol=1e-6)


def test_a_curve_has_the_gradient_of_every_point(curve: Run, tmp_path: Path) -> None:
    opened = open_run(curve)
    sample = opened.sample("-1..1/7")
    save_onnx(opened, tmp_path / "m.onnx")
    graph = read_onnx(tmp_path / "m.onnx")
    values = Tracer(tmp_path / "m.onnx").trace(opened.feed(sample)).values
    result = gradients(graph, values, opened.network, sample.inputs, opened.book.loss, opened.target(sample))
    x = sample.inputs.clone().requires_grad_(True)
    (opened.network(x) - sample.inputs.sin()).square().mean().backward()
    assert result is not None and x.grad is not None
    np.testing.assert_allclose(result.tensors["points"], x.grad.numpy(), atol=1e-6)
    assert result.tensors["points"].shape == (1, 7, 1)


def test_the_graph_as_written_is_exported_in_a_process_of_its_own(letters: Run) -> None:
    indices, lengths = words(3, 9)
    found = by_onnxruntime(as_written(letters), {"indices": indices.numpy(), "lengths": lengths.numpy()})
    np.testing.assert_allclose(found, open_run(letters).network(indices, lengths).detach().numpy(), atol=1e-5)


def test_the_estimate_has_every_size(letters: Run) -> None:
    opened = open_run(letters)
    found = estimate(opened.book, opened.config, opened.facts)
    assert found.parameters == sum(p.numel() for p in opened.network.parameters())
    assert found.seconds is not None and 0 < found.seconds < 60
    length = opened.book.load(opened.config).train.inputs[1][0].item()
    assert {size.name: size.shape for size in found.sizes} == {
        "indices": (length,),
        "lengths": (),
        "embedding": (length, 8),
        "lstm": (length, 7),
        "lstm.h": (1, 7),
        "lstm.c": (1, 7),
        "fc": (2,),
        "log_softmax": (2,),
    }


def test_a_mistake_is_one_clear_line(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "letters", "--set", "hidden_units=0", "--store", str(store)]) == 2
    assert main(["train", "letter", "--store", str(store)]) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 2 and "hidden_units" in errors[0] and "letters" in errors[1]
