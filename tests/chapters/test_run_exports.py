"""A run taken away in each format: what others read from the file is what the run holds."""

import ast
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
import safetensors.torch
import torch
from torch import nn

from explorer.chapters.exports import export_run
from explorer.chapters.script import class_source
from explorer.chapters.tables import COMMON_EXPORTS
from explorer.runs.checkpoint import open_run, weights_at
from explorer.runs.folder import Run, read_metrics, read_run
from models.errors import UserError

MODELS = ("bike", "sentiment", "digits")


@pytest.fixture(params=MODELS)
def run(request: pytest.FixtureRequest, trained_store: Path) -> Run:
    return read_run(next((trained_store / "runs").glob(f"{request.param}-*")))


def outputs(run: Run, step: int | None) -> np.ndarray:
    opened = open_run(run, step)
    with torch.no_grad():
        result: np.ndarray = opened.network(opened.sample("").inputs).numpy()
    return result


@pytest.mark.parametrize("place", [0, 1, None])
def test_onnx_is_valid_and_computes_what_torch_computes(run: Run, tmp_path: Path, place: int | None) -> None:
    step = None if place is None else run.checkpoints[place]
    export_run(run, step, tmp_path / "m.onnx")
    onnx.checker.check_model(str(tmp_path / "m.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    opened = open_run(run, step)
    result = session.run(None, {"input": opened.sample("").inputs.numpy()})[0]
    np.testing.assert_allclose(result, outputs(run, step), atol=1e-5)
    if place is not None:
        assert np.abs(result - outputs(run, None)).max() > 1e-6  # the checkpoints differ at all


def test_safetensors_are_the_checkpoints(run: Run, tmp_path: Path) -> None:
    for step in (0, run.checkpoints[-1]):
        export_run(run, step, tmp_path / "m.safetensors")
        result = safetensors.torch.load_file(tmp_path / "m.safetensors")
        expected = weights_at(run, step)
        assert set(result) == set(expected)
        assert all(torch.equal(result[name], expected[name]) for name in result)


def test_csv_has_the_metrics(run: Run, tmp_path: Path) -> None:
    export_run(run, None, tmp_path / "m.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "m.csv"), pd.DataFrame(read_metrics(run)))


def test_zip_is_a_run_elsewhere(run: Run, tmp_path: Path) -> None:
    export_run(run, None, tmp_path / "m.zip")
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        archive.extractall(tmp_path / "store" / "runs")
    again = read_run(tmp_path / "store" / "runs" / run.id)
    assert (again.state, again.settings, again.checkpoints) == ("done", run.settings, run.checkpoints)
    np.testing.assert_array_equal(outputs(again, None), outputs(run, None))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.zip", "store"]


def test_the_script_stands_alone(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "away"
    folder.mkdir()
    step = run.checkpoints[1]
    export_run(run, step, folder / "net.py")
    assert sorted(path.name for path in folder.iterdir()) == ["net.py", "net.safetensors"]
    inputs = open_run(run).sample("").inputs
    np.save(folder / "x.npy", inputs.numpy())
    use = (
        "import sys, numpy, torch; from net import network; "
        "numpy.save('y.npy', network(torch.from_numpy(numpy.load('x.npy'))).detach().numpy()); "
        "print([m for m in sys.modules if m.split('.')[0] in ('models', 'explorer')])"
    )
    # Isolated from this project, but for the folder of the script.
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, '.'); {use}"]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    np.testing.assert_allclose(np.load(folder / "y.npy"), outputs(run, step), atol=1e-6)


def test_the_script_prints_its_network(bike_run: Run, tmp_path: Path) -> None:
    export_run(bike_run, None, tmp_path / "net.py")
    done = subprocess.run([sys.executable, tmp_path / "net.py"], env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "BikeNetwork(" in done.stdout
    assert "tensor([[" in done.stdout
    text = (tmp_path / "net.py").read_text()
    assert max(len(line) for line in text.splitlines()) <= 120


SIZE = 3
WORDS = {"b": [1, 2], "a": [3]}


def doubled(x: torch.Tensor) -> torch.Tensor:
    return x * scale()


def scale() -> int:
    return 2


class Inner(nn.Linear):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        words = super().forward(input)  # a local name
        return doubled(words)


class Outer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Inner(SIZE, len(WORDS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.inner(x)
        return y


def words() -> None:
    """Has the name of a local variable of Inner; not needed."""


def test_a_class_is_taken_with_what_it_needs_and_nothing_else() -> None:
    tree = ast.parse(class_source(Outer))
    names = [node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else ast.unparse(node) for node in tree.body]
    assert names == [
        "from torch import nn",
        "import torch",
        "SIZE = 3",
        "WORDS = {'b': [1, 2], 'a': [3]}",
        "scale",
        "doubled",
        "Inner",
        "Outer",
    ]


KINDS = {"relu": nn.ReLU, "size": SIZE}


class WithKinds(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.kind = KINDS["relu"]


def test_a_constant_that_holds_classes_is_taken_as_it_is_written(tmp_path: Path) -> None:
    source = class_source(WithKinds)
    (tmp_path / "script.py").write_text(source)
    assert runpy.run_path(str(tmp_path / "script.py"))["KINDS"] == {"relu": nn.ReLU, "size": 3}
    assert source.index("SIZE = 3") < source.index('KINDS = {"relu": nn.ReLU, "size": SIZE}')


@pytest.mark.parametrize("ending", COMMON_EXPORTS)
def test_a_place_that_cannot_be_written_is_one_clear_sentence(
    bike_run: Run, no_place: Path, tmp_path: Path, ending: str
) -> None:
    for to in (no_place / f"m{ending}", tmp_path / "missing" / f"m{ending}"):
        with pytest.raises(UserError, match=r"The file .* cannot be written: (Not a directory|No such file)"):
            export_run(bike_run, None, to)
    folder = tmp_path / f"folder{ending}"
    folder.mkdir()
    with pytest.raises(UserError, match="cannot be written: Is a directory"):
        export_run(bike_run, None, folder)
    assert sorted(path.name for path in tmp_path.iterdir() if ".safetensors" not in path.name or ending != ".py") == [
        "file",
        f"folder{ending}",
    ]


def test_other_endings_are_refused(bike_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"'m\.doc'; the endings are \.onnx, \.safetensors, \.py, \.csv, \.zip"):
        export_run(bike_run, None, tmp_path / "m.doc")
