"""Weights in files of their own: read where they lie beside the model, and nowhere else."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from explorer.cli.main import main
from explorer.graph.onnx_io.external_data import read_beside
from models.errors import GraphError

W = np.arange(6, dtype=np.float32).reshape(3, 2)


def model() -> onnx.ModelProto:
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])],
        [numpy_helper.from_array(W, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def pointing(**entries: str) -> onnx.ModelProto:
    """The model with its weight elsewhere."""
    made = model()
    weight = made.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        weight.external_data.add(key=key, value=value)
    return made


def test_a_file_beside_the_model_is_read(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    onnx.save(model(), path, save_as_external_data=True, location="net.onnx.data", size_threshold=0)
    assert main(["trace", str(path), "--to", str(tmp_path / "a.npz")]) == 0
    with np.load(tmp_path / "a.npz") as values:
        np.testing.assert_allclose(values["y"], values["x"] @ W, rtol=1e-6)


def test_without_it_the_message_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.onnx"
    onnx.save(model(), path, save_as_external_data=True, location="net.onnx.data", size_threshold=0)
    (tmp_path / "net.onnx.data").unlink()
    assert main(["trace", str(path), "--to", str(tmp_path / "a.npz")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "'net.onnx.data'" in line
    assert "external_data=False" in line
    assert main(["graph", str(path), "--to", str(tmp_path / "a.svg")]) == 0


@pytest.mark.parametrize(
    "location", ["../secret", "/etc/hostname", "sub/secret", "..", ".", "", "link", "folder", "gone"]
)
def test_no_other_place_is_read(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "models"
    for each in (folder / "sub", folder / "folder"):
        each.mkdir(parents=True)
    for secret in (tmp_path / "secret", folder / "sub" / "secret"):
        secret.write_bytes(W.tobytes())
    (folder / "link").symlink_to(tmp_path / "secret")
    made = pointing(location=location)
    assert not read_beside(made, folder)
    assert not made.graph.initializer[0].raw_data


@pytest.mark.parametrize(
    "entries",
    [{"offset": "-4"}, {"offset": "8", "length": "24"}, {"length": "-1"}, {"offset": "x"}, {"length": "9" * 30}],
)
def test_a_place_that_the_file_does_not_have(tmp_path: Path, entries: dict[str, str]) -> None:
    (tmp_path / "w").write_bytes(W.tobytes())
    with pytest.raises(GraphError, match=r"The file 'w' does not hold the values of weight 'w'\."):
        read_beside(pointing(location="w", **entries), tmp_path)


def test_a_part_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(b"12345678" + W.tobytes() + b"more")
    made = pointing(location="w", offset="8", length="24")
    assert read_beside(made, tmp_path)
    np.testing.assert_array_equal(numpy_helper.to_array(made.graph.initializer[0]), W)
