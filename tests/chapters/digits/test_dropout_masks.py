"""Dropout masks against dense layers worked out by hand, and against what torch's own dropout does on average."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from explorer.chapters.digits.dropout_masks import dropout_passes
from explorer.runs.torch_threads import one_thread
from explorer.trace.layers import Array
from models.digits.network import DigitsNetwork
from models.errors import GraphError, SettingError


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small sums on busy cores: two threads would mostly wait for each other."""
    with one_thread():
        yield


def network(seed: int = 0, units: int = 24) -> DigitsNetwork:
    torch.manual_seed(seed)
    return DigitsNetwork(2, 3, 3, units, 0.5).eval()


def picture(seed: int) -> torch.Tensor:
    return torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), p=st.floats(0, 0.95), n=st.integers(1, 40), units=st.integers(1, 60))
def test_the_last_layers_by_hand(seed: int, p: float, n: int, units: int) -> None:
    net, x = network(seed, units), picture(seed)
    result = dropout_passes(net, x, p, n, seed)
    assert result.kept.shape == result.hidden.shape == (n, units)
    assert result.probabilities.shape == (n, 10)
    with torch.no_grad():
        maps = F.max_pool2d(F.relu(net.get_submodule("conv1")(x)), 2)
        maps = F.max_pool2d(F.relu(net.get_submodule("conv2")(maps)), 2)
        hidden = F.relu(net.fc1(maps.flatten(1)))[0].numpy()
    weight, bias = net.fc2.weight.detach().numpy(), net.fc2.bias.detach().numpy()
    np.testing.assert_allclose(result.even_hidden, hidden, atol=1e-5)
    np.testing.assert_allclose(result.even_probabilities, _softmax(hidden @ weight.T + bias), atol=1e-5)
    masked = np.where(result.kept, hidden / (1 - p), 0)
    np.testing.assert_allclose(result.hidden, masked, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(result.probabilities, _softmax(masked @ weight.T + bias), atol=1e-4)


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    shares: Array = powers / powers.sum(-1, keepdims=True)
    return shares


def test_as_many_are_silenced_as_p_says() -> None:
    result = dropout_passes(network(units=200), picture(1), 0.3, 400, 5)
    assert result.kept.mean() == pytest.approx(0.7, abs=0.01)
    assert result.kept.mean(0).std() < 0.04  # every unit as often as another
    np.testing.assert_allclose(result.hidden.mean(0), result.even_hidden, atol=0.12 * result.even_hidden.max())


def test_without_dropout_all_passes_are_the_even_one() -> None:
    result = dropout_passes(network(), picture(1), 0.0, 5, 0)
    assert result.kept.all()
    np.testing.assert_allclose(result.probabilities, np.tile(result.even_probabilities, (5, 1)), atol=1e-6)


def test_scatters_as_torchs_own_dropout() -> None:
    net, x = network(3, 60), picture(3)
    ours = dropout_passes(net, x, 0.5, 3000, 0).probabilities
    torch.manual_seed(1)
    net.train()
    with torch.no_grad():
        theirs = net(x.repeat(3000, 1, 1, 1)).exp().numpy()
    np.testing.assert_allclose(ours.mean(0), theirs.mean(0), atol=0.004)
    np.testing.assert_allclose(ours.std(0), theirs.std(0), rtol=0.12)


def test_the_seed_decides_and_torchs_own_generator_is_left_alone() -> None:
    net, x = network().train(), picture(0)
    state = torch.get_rng_state()
    one, same, other = (dropout_passes(net, x, 0.5, 4, seed).kept for seed in (7, 7, 8))
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert net.training
    assert net.dropout.p == 0.5
    assert not net.dropout._forward_hooks
    assert not net.dropout._forward_pre_hooks


def test_probabilities_of_a_network_that_gives_them_already() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(784, 3), nn.Softmax(1))
    np.testing.assert_allclose(dropout_passes(net, picture(0), 0.5, 6, 0).probabilities.sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan")])
def test_an_impossible_probability(p: float) -> None:
    with pytest.raises(SettingError, match=r"The dropout probability cannot be (-0.1|1.0|nan)"):
        dropout_passes(network(), picture(0), p, 1, 0)


def test_no_masks_and_no_dropout() -> None:
    with pytest.raises(SettingError, match="There cannot be 0 masks"):
        dropout_passes(network(), picture(0), 0.5, 0, 0)
    with pytest.raises(GraphError, match="no dropout"):
        dropout_passes(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), picture(0), 0.5, 1, 0)
