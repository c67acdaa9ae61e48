"""Layers by hooks: against calling the modules one by one, and without a trace on the network."""

import numpy as np
import torch
from torch import Tensor, nn

from explorer.trace.layers import layers


class Pooled(nn.Module):
    """Two convolutions that share one pooling layer, dropout and batch normalisation (they differ in training)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 3, 3, padding=1)
        self.norm, self.pool, self.drop = nn.BatchNorm2d(2), nn.MaxPool2d(2), nn.Dropout(0.9)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.norm(self.conv1(x))))
        result: Tensor = self.drop(self.pool(self.conv2(x)))
        return result


def test_order_shapes_and_values() -> None:
    torch.manual_seed(0)
    network = Pooled()
    x = torch.rand(1, 1, 8, 8)
    result = layers(network, x)
    assert [(layer.name, layer.kind, layer.output.shape) for layer in result] == [
        ("input", "Input", (1, 8, 8)),
        ("conv1", "Conv2d", (2, 8, 8)),
        ("norm", "BatchNorm2d", (2, 8, 8)),
        ("relu", "ReLU", (2, 8, 8)),
        ("pool", "MaxPool2d", (2, 4, 4)),
        ("conv2", "Conv2d", (3, 4, 4)),
        ("pool", "MaxPool2d", (3, 2, 2)),
        ("drop", "Dropout", (3, 2, 2)),
    ]
    network.eval()
    with torch.no_grad():
        conv = network.conv1(x)
        norm = network.norm(conv)
    np.testing.assert_allclose(result[1].output, conv[0], atol=1e-6)
    # The rectifier works in place: the value before it must still be the one before it.
    np.testing.assert_allclose(result[2].output, norm[0], atol=1e-6)
    assert result[2].output.min() < 0
    np.testing.assert_array_equal(result[3].output, np.maximum(result[2].output, 0))
    np.testing.assert_array_equal(result[7].output, result[6].output)  # dropout does nothing when nobody trains
    np.testing.assert_array_equal(result[1].weight, network.conv1.weight.detach())
    assert result[4].weight is None


def test_the_network_is_left_as_it_was() -> None:
    network = Pooled().train()
    network.drop.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    layers(network, torch.rand(2, 1, 8, 8))
    assert network.training
    assert network.norm.training
    assert not network.drop.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_network_without_modules_inside() -> None:
    result = layers(nn.Linear(3, 2), torch.rand(1, 3))
    assert [(layer.name, layer.output.shape) for layer in result] == [("input", (3,)), ("Linear", (2,))]


def test_sparse_inputs() -> None:
    sparse = torch.eye(3)[:1].to_sparse_csr()
    result = layers(nn.Sequential(nn.Linear(3, 2)), sparse)
    np.testing.assert_array_equal(result[0].output, [1, 0, 0])
