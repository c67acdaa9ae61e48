"""What excites each map most: against running the modules one by one and sorting, and on a case that is set by hand."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from explorer.chapters.digits.top_images import TopImages, find_top_images, top_image_indices
from explorer.chapters.evaluation import BATCH_SIZE
from explorer.runs.torch_threads import one_thread
from models.digits.network import DigitsNetwork


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small sums on busy cores: two threads would mostly wait for each other."""
    with one_thread():
        yield


def network(seed: int = 0, **choices: object) -> DigitsNetwork:
    torch.manual_seed(seed)
    given = {"kernels1": 3, "kernels2": 4, "kernel_size": 3, "hidden_units": 12, "dropout": 0.5, **choices}
    return DigitsNetwork(**given).eval()  # type: ignore[arg-type]


@settings(max_examples=12, deadline=None)
@given(
    count=st.integers(1, 140),
    layers=st.integers(1, 3),
    most=st.integers(1, 20),
    seed=st.integers(0, 99),
    activation=st.sampled_from(["relu", "tanh", "sigmoid", "leaky_relu"]),
)
def test_as_sorting_the_modules_own_results(count: int, layers: int, most: int, seed: int, activation: str) -> None:
    net = network(seed, layers=layers, activation=activation)
    images = torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed))
    result = find_top_images(net, images, most)
    names = [f"conv{n}" for n in range(1, layers + 1)] + ["fc1", "fc2"]
    assert list(result) == names
    x = images
    with torch.no_grad():
        for n in range(1, layers + 1):
            x = getattr(net, f"{activation}{n}")(getattr(net, f"conv{n}")(x))
            _as_sorted(result[f"conv{n}"], x.flatten(2).amax(2), (x != 0).flatten(2).any(2), most)
            x = getattr(net, f"pool{n}")(x)
        x = getattr(net, f"{activation}{layers + 1}")(net.fc1(x.flatten(1)))
        _as_sorted(result["fc1"], x, x != 0, most)
        x = net.fc2(x)
        _as_sorted(result["fc2"], x, x != 0, most)


def _as_sorted(result: TopImages, peaks: torch.Tensor, awake: torch.Tensor, most: int) -> None:
    """peaks, awake: (N, C) by hand. Images that are equally strong may differ by rounding, so that values decide."""
    ordered = peaks.sort(dim=0, descending=True).values[:most].T.numpy()
    np.testing.assert_allclose(result.peaks, ordered, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        result.peaks, np.take_along_axis(peaks.T.numpy(), result.indices, 1), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(result.active_share, awake.float().mean(0), atol=1e-6)
    assert all(len(set(row)) == len(row) for row in result.indices.tolist())


class ByHand(nn.Module):
    """Two maps of one pixel: the picture's value, and the picture's value less 10."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv2d(1, 2, 1), nn.ReLU(inplace=True)
        self.conv.load_state_dict({"weight": torch.ones(2, 1, 1, 1), "bias": torch.tensor([0.0, -10.0])})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.relu(self.conv(x))
        return result


def test_by_hand_ties_and_a_dead_map() -> None:
    images = torch.tensor([3.0, 0.0, 5.0, 3.0, 0.0]).view(-1, 1, 1, 1).repeat(1, 1, 2, 2)
    result = find_top_images(ByHand(), images, 4)
    assert result["conv"].indices[0].tolist() == [2, 0, 3, 1]
    assert result["conv"].peaks.tolist() == [[5, 3, 3, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(result["conv"].active_share, [0.6, 0])
    assert result["conv"].dead == {1}
    assert top_image_indices(result, "conv", 0, 16).tolist() == [2, 0, 3]  # image 1 gives zero
    assert top_image_indices(result, "conv", 0, 1).tolist() == [2]
    assert top_image_indices(result, "conv", 1, 16).tolist() == []


def test_a_negative_map_answers() -> None:
    convolution = nn.Conv2d(1, 1, 1)
    convolution.load_state_dict({"weight": -torch.ones(1, 1, 1, 1), "bias": torch.zeros(1)})
    net = nn.Sequential(convolution, nn.Tanh())
    result = find_top_images(net, torch.ones(2, 1, 2, 2))
    assert not result["0"].dead
    np.testing.assert_allclose(result["0"].peaks, [[np.tanh(-1)] * 2], rtol=1e-6)


def test_the_network_is_left_as_it_was() -> None:
    net = network().train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    find_top_images(net, torch.rand(3, 1, 28, 28))
    assert net.training
    assert all(parameter.requires_grad and parameter.grad is None for parameter in net.parameters())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())


def test_it_can_be_ended_between_two_batches() -> None:
    net, rounds = network(), 0

    def between() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        find_top_images(net, torch.rand(3 * BATCH_SIZE, 1, 28, 28), between=between)
    assert rounds == 2
    assert not any(module._forward_hooks for module in net.modules())
