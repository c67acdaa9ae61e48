"""Gradients against finite differences of the loss, on graphs that the exporter wrote, and what must stay as it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.graph.graph import Graph
from explorer.graph.onnx_io.export import export_onnx
from explorer.graph.onnx_io.read import read_onnx
from explorer.trace.gradients import gradients
from explorer.trace.onnx_trace import trace

Array = npt.NDArray[Any]
STEP = 1e-4  # in double precision


class Small(nn.Module):
    """Modules, functions, a skip connection, an operation in place and dropout: every way a tensor can come about."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2)
        self.act = nn.ReLU(inplace=True)
        self.inner = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.Tanh())
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(18, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.norm(self.conv(x)))
        x = x + self.inner(x)
        x = F.max_pool2d(x, 2)
        x = self.drop(torch.sigmoid(self.head(x.flatten(1)) * 1.0)) if x.shape[-1] == 3 else x
        return torch.log_softmax(x, dim=1)


@pytest.fixture(scope="module")
def small() -> Small:
    torch.manual_seed(3)
    return Small().eval()


@pytest.fixture(scope="module")
def picture() -> Tensor:
    return torch.rand(1, 1, 6, 6, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def exported(small: Small, picture: Tensor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "small.onnx"
    export_onnx(small, picture, path, optimize=False)
    return path


def nll(outputs: Tensor, targets: Tensor) -> Tensor:
    return F.nll_loss(outputs, targets)


def differences(loss: Callable[[Tensor], Tensor], at: Tensor) -> Array:
    """The gradient of ``loss`` at ``at`` by central differences, in double precision."""
    result = torch.zeros_like(at, dtype=torch.float64)
    for place in np.ndindex(tuple(at.shape)):
        shift = torch.zeros_like(at, dtype=torch.float64)
        shift[place] = STEP
        result[place] = (loss(at.double() + shift) - loss(at.double() - shift)) / (2 * STEP)
    return result.numpy()


def loss_with(network: nn.Module, x: Tensor, target: Tensor, name: str) -> Callable[[Tensor], Tensor]:
    """The loss as a function of one parameter, everything in double precision."""
    state = {key: value.detach().double() for key, value in network.state_dict().items()}

    def loss(value: Tensor) -> Tensor:
        with torch.no_grad():
            return nll(torch.func.functional_call(network, {**state, name: value}, (x.double(),)), target)

    return loss


TARGET = torch.tensor([2])


def made(network: nn.Module, path: Path, x: Tensor) -> tuple[Graph, dict[str, Array]]:
    return read_onnx(path), dict(trace(path, {"input": x.numpy()}).values)


@pytest.mark.parametrize("name", ["conv.weight", "norm.bias", "inner.0.bias", "head.weight"])
def test_weights_against_finite_differences(small: Small, exported: Path, picture: Tensor, name: str) -> None:
    result = gradients(*made(small, exported, picture), small, picture, nll, TARGET)
    assert result is not None
    expected = differences(loss_with(small, picture, TARGET, name), small.state_dict()[name])
    np.testing.assert_allclose(result.weights[name], expected, atol=1e-5)
    assert np.abs(expected).max() > 1e-4
    assert set(result.weights) == {name for name, _ in small.named_parameters()}


def test_the_input_and_the_loss(small: Small, exported: Path, picture: Tensor) -> None:
    result = gradients(*made(small, exported, picture), small, picture, nll, TARGET)
    assert result is not None

    def loss(x: Tensor) -> Tensor:
        state = {key: value.double() for key, value in small.state_dict().items()}
        with torch.no_grad():
            return nll(torch.func.functional_call(small, state, (x,)), TARGET)

    np.testing.assert_allclose(result.tensors["input"], differences(loss, picture), atol=1e-5)
    assert result.loss == pytest.approx(float(loss(picture.double())), abs=1e-6)


def test_each_tensor_of_the_graph_against_finite_differences(small: Small, exported: Path, picture: Tensor) -> None:
    """Each is found again in torch; a change of it there changes the loss as its gradient says."""
    graph, values = made(small, exported, picture)
    result = gradients(graph, values, small, picture, nll, TARGET)
    assert result is not None
    tail = tails(small)
    compared = 0
    for node in graph.nodes:
        name, key = node.outputs[0], (".".join(node.scope), node.op_type)
        if key in tail:
            assert name in result.tensors, key
            expected = differences(tail[key], torch.from_numpy(values[name]))
            np.testing.assert_allclose(result.tensors[name], expected, atol=1e-5, err_msg=str(key))
            compared += 1
    assert compared == len(tail)


def tails(small: Small) -> dict[tuple[str, str], Callable[[Tensor], Tensor]]:
    """What follows each tensor, written out: (scope, operation) → the loss as a function of its value."""
    kernel, bias = (value.detach().double() for value in small.inner[0].parameters())
    matrix, offset = (value.detach().double() for value in small.head.parameters())

    def after_pool(x: Tensor) -> Tensor:
        return nll(torch.log_softmax(torch.sigmoid(F.linear(x.flatten(1), matrix, offset)), 1), TARGET)

    def after_sum(x: Tensor) -> Tensor:
        return after_pool(F.max_pool2d(x, 2))

    def after_relu(x: Tensor) -> Tensor:
        return after_sum(x + torch.tanh(F.conv2d(x, kernel, bias, padding=1)))

    return {
        ("act", "Relu"): after_relu,
        ("norm", "BatchNormalization"): lambda x: after_relu(torch.relu(x)),
        ("", "Add"): after_sum,
        ("", "MaxPool"): after_pool,
        ("", "Sigmoid"): lambda x: nll(torch.log_softmax(x, 1), TARGET),
        ("", "LogSoftmax"): lambda x: nll(x, TARGET),
    }


def test_the_network_stays_as_it_was(small: Small, exported: Path, picture: Tensor) -> None:
    graph, values = made(small, exported, picture)
    before = {name: value.clone() for name, value in small.state_dict().items()}
    small.train()
    small.head.requires_grad_(False)
    try:
        with torch.no_grad():  # as a page's other code may
            result = gradients(graph, values, small, picture, nll, TARGET)
        assert result is not None and result.weights["head.weight"].any()
        assert small.training and not small.head.weight.requires_grad
    finally:
        small.eval()
        small.head.requires_grad_(True)
    assert all(torch.equal(value, before[name]) for name, value in small.state_dict().items())
    assert all(parameter.grad is None for parameter in small.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in small.modules())


def test_nobody_knows_the_answer(small: Small, exported: Path, picture: Tensor) -> None:
    assert gradients(*made(small, exported, picture), small, picture, nll, None) is None


def test_a_trace_of_another_sample_is_not_taken_for_this_one(small: Small, exported: Path, picture: Tensor) -> None:
    graph, values = made(small, exported, picture + 1)
    result = gradients(graph, values, small, picture, nll, TARGET)
    assert result is not None
    assert set(result.tensors) == {"input"}
