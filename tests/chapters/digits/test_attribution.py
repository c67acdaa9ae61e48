"""Saliency against finite differences, integrated gradients against the score's change, ascent against its start."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from explorer.chapters.digits.attribution import Target, integrated_gradients, maximize_score, target_of
from explorer.chapters.digits.volumes import stages
from explorer.runs.torch_threads import one_thread
from explorer.trace.layers import layers
from models.digits.network import DigitsNetwork
from models.errors import GraphError, SettingError


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small sums on busy cores: two threads would mostly wait for each other."""
    with one_thread():
        yield


def network(seed: int = 0, activation: str = "relu") -> DigitsNetwork:
    torch.manual_seed(seed)
    return DigitsNetwork(3, 4, 5, 16, 0.5, activation=activation).eval()


def picture(seed: int, rows: int = 1) -> torch.Tensor:
    return torch.rand(rows, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


def scores(net: nn.Module, x: torch.Tensor, target: Target) -> torch.Tensor:
    """The target's score (B,), by cutting the network by hand."""
    for name, module in net.named_children():
        x = module(x)
        if name == target.layer:
            return x[:, target.number].flatten(1).mean(1) if x.dim() == 4 else x[:, target.number]
    raise AssertionError(target.layer)


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 999),
    layer=st.sampled_from(["tanh1", "pool1", "conv2", "tanh3", "fc2"]),
    number=st.integers(0, 2),
    row=st.integers(0, 27),
    column=st.integers(0, 27),
)
def test_saliency_is_the_slope_of_the_score(seed: int, layer: str, number: int, row: int, column: int) -> None:
    net, x = network(seed, "tanh").double(), picture(seed).double()
    target = Target(layer, number)
    step = 1e-6
    up, down = x.clone(), x.clone()
    up[0, 0, row, column] += step
    down[0, 0, row, column] -= step
    with torch.no_grad():
        slope = (scores(net, up, target) - scores(net, down, target)) / (2 * step)
    result = integrated_gradients(net, x, target, steps=2).saliency
    assert result[row, column] == pytest.approx(float(slope), rel=1e-4, abs=1e-7)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 999), baseline=st.sampled_from([0.0, 0.5]), place=st.integers(0, 9))
def test_the_parts_add_up_to_the_scores_change(seed: int, baseline: float, place: int) -> None:
    net, x = network(seed), picture(seed)
    target = Target("fc2", place)
    result = integrated_gradients(net, x, target, baseline=baseline)
    with torch.no_grad():
        start, end = (float(scores(net, at, target)) for at in (torch.full_like(x, baseline), x))
    assert result.start == pytest.approx(start, abs=1e-5)
    assert result.end == pytest.approx(end, abs=1e-5)
    # Where large parts cancel, one per cent of the change itself would be less than float32 can tell.
    assert result.error <= 0.01 * max(abs(end - start), float(np.abs(result.contributions).sum()))
    finer = integrated_gradients(net, x, target, steps=512, baseline=baseline)
    assert finer.error <= 0.01 * abs(end - start) + 1e-5


def test_parts_of_a_linear_score_are_weight_times_pixel() -> None:
    torch.manual_seed(1)
    linear = nn.Linear(784, 3)
    net, x = nn.Sequential(nn.Flatten(), linear), picture(4)
    weight = linear.weight[1].view(28, 28).detach()
    result = integrated_gradients(net, x, Target("1", 1), steps=3)
    np.testing.assert_allclose(result.contributions, weight * x[0, 0], atol=1e-6)
    np.testing.assert_allclose(result.saliency, weight, atol=1e-7)
    assert result.error < 1e-5


@pytest.mark.parametrize(("layer", "before"), [("relu1", "conv1"), ("relu2", "conv2"), ("relu3", "fc1"), ("fc2", "")])
def test_ascent_beats_its_start_and_all_noise(layer: str, before: str) -> None:
    net = network(2)
    noise = picture(5, 300)
    for number in range(3):
        target = Target(layer, number, before)
        result = maximize_score(net, target, seed=number)
        assert result.image.shape == (28, 28)
        assert result.image.min() >= 0
        assert result.image.max() <= 1
        assert len(result.scores) == 97
        assert result.scores[-1] > result.scores[0]
        if layer in ("relu3", "fc2"):  # of a map only the arrangement of the ink is free, not its amount
            with torch.no_grad():
                assert result.scores[-1] > scores(net, noise, target).max()


def test_ascent_reports_the_score_of_its_picture() -> None:
    net = network(2)
    result = maximize_score(net, Target("relu2", 1, "conv2"), steps=7)
    x = torch.from_numpy(result.image)[None, None]
    with torch.no_grad():
        for name in ("conv1", "relu1", "pool1", "conv2", "relu2"):
            x = net.get_submodule(name)(x)
    assert result.scores[-1] == pytest.approx(float((x[0, 1] ** 2).mean().sqrt()), rel=1e-4)


def test_ascent_has_a_generator_of_its_own() -> None:
    net, target = network(), Target("fc2", 3)
    torch.manual_seed(0)
    state = torch.get_rng_state()
    one, same, other = (maximize_score(net, target, steps=5, seed=seed).image for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_silent_unit_is_woken() -> None:
    """Its gradient after the activation is zero everywhere; ascent goes by the value before."""
    torch.manual_seed(0)
    linear = nn.Linear(784, 1)
    with torch.no_grad():
        linear.bias.fill_(-20)
    assert float(linear.weight.detach().clamp(min=0).sum()) < 20  # not even the most exciting picture wakes it
    net = nn.Sequential(nn.Flatten(), linear, nn.ReLU())
    assert not integrated_gradients(net, picture(0), Target("2", 0)).saliency.any()
    result = maximize_score(net, Target("2", 0, "1"))
    assert result.scores[0] == 0
    with torch.no_grad():
        start = linear(torch.full((1, 784), 0.5))
        end = linear(torch.from_numpy(result.image).reshape(1, -1))
    assert end > start + 1


def test_targets_of_stages() -> None:
    net, x = network(), picture(0)
    result = {stage.name: stage for stage in stages(net, layers(net, x))}
    assert target_of(result["conv2"], 3) == Target("relu2", 3, "conv2")
    assert target_of(result["fc1"], 0) == Target("relu3", 0, "fc1")
    assert target_of(result["fc2"], 9) == Target("fc2", 9)  # a score, not a probability
    with pytest.raises(SettingError, match="'conv2' has no map 4: its maps have the numbers 0 to 3"):
        target_of(result["conv2"], 4)
    with pytest.raises(GraphError, match="There is no layer 'nowhere'; there are: conv1"):
        integrated_gradients(net, x, Target("nowhere", 0))


def test_the_network_is_left_as_it_was() -> None:
    net, x = network(), picture(0)
    net.train()
    integrated_gradients(net, x, Target("fc2", 0), steps=2)
    maximize_score(net, Target("fc2", 0), steps=2)
    assert net.training
    assert x.grad is None and not x.requires_grad
    assert all(parameter.requires_grad and parameter.grad is None for parameter in net.parameters())
    assert not any(module._forward_hooks for module in net.modules())
