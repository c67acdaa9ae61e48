"""Weights that the exporter has folded into another form follow other weights; torch is the oracle."""

import base64
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from explorer.graph.onnx_io.derived_weights import KEY
from explorer.graph.onnx_io.export import export_onnx, save_model, with_weights
from models.errors import GraphError
from models.inputs import NetworkInput

POINTS = (NetworkInput("x", {0: "batch", 1: "points"}),)


def network(seed: int) -> nn.Module:
    """On (B, P, 3) the exporter keeps a linear layer's weight transposed only."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).eval()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("derived") / "net.onnx"
    export_onnx(network(0), torch.zeros(2, 5, 3), path, inputs=POINTS)
    return path


def test_other_weights_give_torchs_other_outputs(exported: Path, tmp_path: Path) -> None:
    other = network(1)
    names = {tensor.name for tensor in onnx.load(exported).graph.initializer}
    assert "0.weight" not in names and "0.bias" in names
    weights = {name: tensor.numpy() for name, tensor in other.state_dict().items()}
    save_model(with_weights(exported, weights), tmp_path / "other.onnx")
    session = onnxruntime.InferenceSession((tmp_path / "other.onnx").read_bytes(), providers=["CPUExecutionProvider"])
    x = torch.rand(3, 7, 3)
    found = torch.from_numpy(session.run(None, {"x": x.numpy()})[0])
    torch.testing.assert_close(found, other(x).detach())
    assert not torch.allclose(found, network(0)(x))


@pytest.mark.parametrize("value", ["", "no base64 !", base64.b64encode(b"no model").decode(), "AAAA"])
def test_a_damaged_derivation_is_a_weight_that_is_missing(exported: Path, tmp_path: Path, value: str) -> None:
    model = onnx.load(exported)
    (entry,) = [entry for entry in model.metadata_props if entry.key == KEY]
    entry.value = value
    onnx.save(model, tmp_path / "damaged.onnx")
    weights = {name: tensor.numpy() for name, tensor in network(1).state_dict().items()}
    with pytest.raises(GraphError, match=r"has no weight '0\.weight'"):
        with_weights(tmp_path / "damaged.onnx", weights)


def test_a_flat_batch_needs_no_derivation(tmp_path: Path) -> None:
    export_onnx(network(0), torch.zeros(2, 3), tmp_path / "flat.onnx")
    assert not onnx.load(tmp_path / "flat.onnx").metadata_props
