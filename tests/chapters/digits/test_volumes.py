"""The volumes of a network, against torch run by hand: what belongs together, what is left out."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from explorer.chapters.digits.volumes import SlidingWindow, stages
from explorer.trace.layers import layers
from models.catalogue import model


def test_the_books_network_has_the_books_volumes() -> None:
    book = model("digits")
    config = book.config()
    torch.manual_seed(0)
    network = book.network(config, {}).eval()
    x = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    result = stages(network, layers(network, x))
    assert [(stage.name, stage.kind, stage.values.shape) for stage in result] == [
        ("input", "maps", (1, 28, 28)),
        ("conv1", "maps", (4, 28, 28)),
        ("pool1", "maps", (4, 14, 14)),
        ("conv2", "maps", (8, 14, 14)),
        ("pool2", "maps", (8, 7, 7)),
        ("flatten", "vector", (392,)),
        ("fc1", "vector", (512,)),
        ("fc2", "outputs", (10,)),
    ]
    conv, pool = result[1], result[2]
    assert conv.before is not None
    with torch.no_grad():
        before = F.conv2d(x, network.get_parameter("conv1.weight"), network.get_parameter("conv1.bias"), padding=2)
        np.testing.assert_allclose(conv.before, before[0].numpy(), atol=1e-6)
        np.testing.assert_allclose(conv.values, before[0].relu().numpy(), atol=1e-6)
        np.testing.assert_allclose(pool.values, F.max_pool2d(before.relu(), 2)[0].numpy(), atol=1e-6)
        np.testing.assert_allclose(result[-1].values, network(x).exp()[0].numpy(), atol=1e-6)
    dense, scores = result[6], result[7]
    assert dense.weight is not None and dense.bias is not None and scores.weight is not None and scores.bias is not None
    assert dense.before is not None and scores.before is not None
    np.testing.assert_allclose(dense.weight @ result[5].values + dense.bias, dense.before, atol=1e-5)
    np.testing.assert_allclose(scores.weight @ dense.values + scores.bias, scores.before, atol=1e-5)
    assert (dense.activation, scores.activation) == ("ReLU", "softmax")
    assert conv.window == SlidingWindow("convolution", (5, 5), (1, 1), (2, 2))
    assert pool.window == SlidingWindow("max", (2, 2), (2, 2), (0, 0))
    assert (conv.activation, conv.titles, result[5].flattened) == ("ReLU", ("conv1", "relu1"), True)


def test_other_networks_keep_their_shape() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 3, (2, 3), stride=(1, 2), bias=False),
        nn.AvgPool2d(2, 1),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(27, 2),
    ).eval()
    result = stages(network, layers(network, torch.zeros(1, 1, 5, 9)))
    assert [stage.kind for stage in result] == ["maps", "maps", "maps", "vector", "vector"]
    assert result[1].window == SlidingWindow("convolution", (2, 3), (1, 2), (0, 0))
    assert result[1].bias is not None and not result[1].bias.any() and result[1].activation == ""
    assert result[2].window == SlidingWindow("average", (2, 2), (1, 1), (0, 0))
