"""Exporting: equal to torch, with relative paths, silent, and without a trace on the network."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from explorer.graph.onnx_io.export import export_onnx, largest_difference, save_model, with_weights
from models.errors import GraphError


def test_the_file_is_valid_and_equals_torch_for_any_batch(cnn: nn.Module, cnn_file: Path) -> None:
    model = onnx.load(cnn_file)
    onnx.checker.check_model(model, full_check=True)
    assert model.graph.input[0].name == "input"
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    for batch in (1, 3):
        assert largest_difference(cnn_file, cnn, torch.rand(batch, 1, 28, 28)) < 1e-5


def test_a_different_network_differs(cnn: nn.Module, cnn_file: Path) -> None:
    torch.manual_seed(1)  # not the fixture's
    other = type(cnn)()
    assert largest_difference(cnn_file, other, torch.rand(2, 1, 28, 28)) > 1e-3


def test_nothing_is_printed_and_the_mode_is_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.Dropout())
    network.train()
    network[1].eval()
    export_onnx(network, torch.zeros(4, 3), tmp_path / "a.onnx")
    assert capfd.readouterr() == ("", "")
    assert network.training
    assert network[0].training
    assert not network[1].training
    assert [path.name for path in tmp_path.iterdir()] == ["a.onnx"]  # no data file beside it, no half-written one


def test_stack_traces_hold_relative_paths(cnn_file: Path) -> None:
    model = onnx.load(cnn_file)
    traces = [entry.value for node in model.graph.node for entry in node.metadata_props if "stack_trace" in entry.key]
    files = {line.split('"')[1] for text in traces for line in text.splitlines() if line.strip().startswith("File ")}
    assert "tests/onnx_models.py" in files
    assert "torch/nn/modules/conv.py" in files
    assert not any(Path(file).is_absolute() for file in files)


def test_a_network_that_cannot_be_exported_gives_one_sentence(tmp_path: Path) -> None:
    class Odd(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if float(x.sum()) > 0 else -x

    with pytest.raises(GraphError, match="cannot be exported") as caught:
        export_onnx(Odd(), torch.ones(2, 2), tmp_path / "a.onnx")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "a.onnx").exists()


def test_other_weights_in_the_same_graph(cnn: nn.Module, cnn_file: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    torch.manual_seed(1)  # not the fixture's
    other = type(cnn)()
    save_model(with_weights(cnn_file, {k: v.numpy() for k, v in other.state_dict().items()}), tmp_path / "other.onnx")
    assert largest_difference(tmp_path / "other.onnx", other, torch.rand(2, 1, 28, 28)) < 1e-5


def test_batch_normalisation_as_written_takes_other_weights(nested: nn.Module, nested_file: Path) -> None:
    torch.manual_seed(1)
    other = type(nested)().eval()
    model = with_weights(nested_file, {k: v.numpy() for k, v in other.state_dict().items()})
    x = torch.rand(2, 1, 8, 8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    result = session.run(None, {"input": x.numpy()})[0]
    np.testing.assert_allclose(result, other(x).detach().numpy(), atol=1e-5)


def test_weights_that_do_not_fit_are_refused(cnn_file: Path) -> None:
    with pytest.raises(GraphError, match=r"'conv1.bias' has shape \(5,\), but the graph needs \(4,\)"):
        with_weights(cnn_file, {"conv1.bias": np.zeros(5, np.float32)})
    with pytest.raises(GraphError, match=r"no weight 'conv9\.bias'"):
        with_weights(cnn_file, {"conv1.bias": np.zeros(4, np.float32), "conv9.bias": np.zeros(5, np.float32)})
