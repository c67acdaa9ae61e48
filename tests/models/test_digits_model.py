"""Digits: geometry, parts, samples and measures, checked against arithmetic done by hand."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from models.base import Data, parsed_config
from models.catalogue import model
from models.data import mnist
from models.digits.changes import Change, changed
from models.digits.classifier import DigitsConfig
from models.digits.network import DigitsNetwork
from models.digits.own_digit import own_key
from models.errors import DataError, SettingError

DIGITS = model("digits")


@cache
def embedded() -> Data[Any]:
    """The embedded data, read when the first test needs them."""
    return DIGITS.load(DigitsConfig())


def test_parameters_counted_by_hand() -> None:
    network = DIGITS.network(DigitsConfig(), embedded().facts)
    # weights + biases: conv1, conv2, fc1, fc2
    by_hand = (4 * 25 + 4) + (8 * 4 * 25 + 8) + (8 * 7 * 7 * 512 + 512) + (512 * 10 + 10)
    assert sum(p.numel() for p in network.parameters()) == by_hand == 207_258


def test_the_books_settings() -> None:
    config = DigitsConfig()
    assert (config.epochs, config.learning_rate, config.momentum, config.batch_size) == (20, 0.001, 0.9, 64)
    assert (config.optimizer, config.dropout, config.kernel_size) == ("sgd", 0.5, 5)


class BooksNetwork(nn.Module):
    """The network as the book has it and as it was before it could be varied: five fixed lines."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, padding=2)
        self.conv2 = nn.Conv2d(4, 8, 5, padding=2)
        self.fc1 = nn.Linear(392, 512)
        self.fc2 = nn.Linear(512, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = nn.functional.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.relu(self.fc1(x.flatten(1)))
        return torch.log_softmax(self.fc2(nn.functional.dropout(x, 0.5, self.training)), dim=1)


@pytest.mark.parametrize("training", [False, True])
def test_old_weights_random_starts_and_dropout_stay_as_they_were(training: bool) -> None:
    torch.manual_seed(5)
    old = BooksNetwork()
    torch.manual_seed(5)
    network = DIGITS.network(DigitsConfig(), embedded().facts)
    assert list(network.state_dict()) == list(old.state_dict())
    assert all(torch.equal(value, old.state_dict()[name]) for name, value in network.state_dict().items())
    x = torch.rand(3, 1, 28, 28)
    torch.manual_seed(6)
    expected = old.train(training)(x)
    torch.manual_seed(6)
    torch.testing.assert_close(network.train(training)(x), expected)


def test_every_step_is_a_module() -> None:
    network = DIGITS.network(DigitsConfig(), embedded().facts).eval()
    shapes: dict[str, tuple[int, ...]] = {}
    for name, module in network.named_children():
        module.register_forward_hook(lambda _m, _x, y, name=name: shapes.__setitem__(name, tuple(y.shape)))
    network(torch.zeros(2, 1, 28, 28))
    assert shapes == {
        "conv1": (2, 4, 28, 28),
        "relu1": (2, 4, 28, 28),
        "pool1": (2, 4, 14, 14),
        "conv2": (2, 8, 14, 14),
        "relu2": (2, 8, 14, 14),
        "pool2": (2, 8, 7, 7),
        "flatten": (2, 392),
        "fc1": (2, 512),
        "relu3": (2, 512),
        "dropout": (2, 512),
        "fc2": (2, 10),
        "log_softmax": (2, 10),
    }


def test_the_modules_of_another_network() -> None:
    config = DigitsConfig(layers=3, activation="leaky_relu", pooling="average", kernel_size=3)
    network = DIGITS.network(config, embedded().facts)
    assert [name for name, _ in network.named_children()] == [
        "conv1",
        "leaky_relu1",
        "pool1",
        "conv2",
        "leaky_relu2",
        "pool2",
        "conv3",
        "leaky_relu3",
        "pool3",
        "flatten",
        "fc1",
        "leaky_relu4",
        "dropout",
        "fc2",
        "log_softmax",
    ]
    assert isinstance(network.get_submodule("pool1"), nn.AvgPool2d)
    plain = DIGITS.network(DigitsConfig(layers=1, activation="tanh", pooling="none"), embedded().facts)
    assert [name for name, _ in plain.named_children()] == [
        "conv1",
        "tanh1",
        "flatten",
        "fc1",
        "tanh2",
        "dropout",
        "fc2",
        "log_softmax",
    ]


geometries = st.fixed_dictionaries(
    {
        "layers": st.integers(1, 3),
        "kernels1": st.integers(1, 4),
        "kernels2": st.integers(1, 4),
        "kernels3": st.integers(1, 4),
        "kernel_size": st.integers(1, 28) | st.integers(1, 9),
        "stride": st.integers(1, 4),
        "padding": st.sampled_from(["same", "none"]),
        "pooling": st.sampled_from(["max", "average", "none"]),
        "pool_size": st.integers(1, 7),
        "activation": st.sampled_from(["relu", "tanh", "sigmoid", "leaky_relu"]),
        "hidden_units": st.integers(1, 9),
    }
)


def runs(config: DigitsConfig) -> bool:
    """Whether torch builds the layers one by one and runs them: written anew, without sizes worked out beforehand."""
    x = torch.rand(2, 1, 28, 28)
    pools: dict[str, type[nn.Module]] = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}
    added = config.kernel_size // 2 if config.padding == "same" else 0
    try:
        for kernels in (config.kernels1, config.kernels2, config.kernels3)[: config.layers]:
            x = nn.Conv2d(x.shape[1], kernels, config.kernel_size, config.stride, added)(x)
            if config.pooling != "none":
                x = pools[config.pooling](config.pool_size)(x)
    except RuntimeError:
        return False
    return x.numel() > 0


@settings(max_examples=150, deadline=None)
@given(geometries)
def test_check_refuses_what_cannot_run_and_nothing_that_fits(geometry: dict[str, object]) -> None:
    config = DigitsConfig.model_validate(geometry)
    reason = DIGITS.check(config, embedded().facts)
    if reason is None:
        outputs = DIGITS.network(config, embedded().facts)(torch.rand(2, 1, 28, 28))
        assert outputs.shape == (2, 10)
        torch.testing.assert_close(outputs.exp().sum(dim=1), torch.ones(2))
        return
    # One rule of our own is stricter than torch: padding alone does not make a kernel fit.
    assert not runs(config) or (config.padding == "same" and "A kernel of" in str(reason))


@settings(max_examples=100, deadline=None)
@given(geometries)
def test_without_padding_check_is_torchs_answer(geometry: dict[str, object]) -> None:
    config = DigitsConfig.model_validate(geometry | {"padding": "none"})
    assert (DIGITS.check(config, embedded().facts) is None) == runs(config)


@pytest.mark.parametrize("size", [15, 20, 28])
def test_kernel_larger_than_its_input_is_refused_with_the_reason(size: int) -> None:
    reason = DIGITS.check(DigitsConfig(kernel_size=size), embedded().facts)
    assert isinstance(reason, SettingError)
    assert str(reason) == f"A kernel of {size}×{size} is larger than the 14×14 maps before convolution 2."
    assert DIGITS.check(DigitsConfig(kernel_size=size, layers=1), embedded().facts) is None


def test_pooling_larger_than_its_maps_is_refused_with_the_reason() -> None:
    reason = DIGITS.check(DigitsConfig(stride=4, pool_size=5, padding="none"), embedded().facts)
    assert str(reason) == "A kernel of 5×5 is larger than the 1×1 maps before convolution 2."
    reason = DIGITS.check(DigitsConfig(stride=4, kernel_size=1, pool_size=4), embedded().facts)
    assert str(reason) == "A pooling of 4×4 is larger than the 1×1 maps of convolution 2."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kernel_size", 0),
        ("kernel_size", 29),
        ("kernels1", 0),
        ("dropout", 1.0),
        ("hidden_units", "x"),
        ("layers", 4),
        ("layers", 0),
        ("stride", 5),
        ("padding", "half"),
        ("pooling", "min"),
        ("pool_size", 8),
        ("activation", "step"),
        ("training_images", 999),
        ("training_images", 60_001),
        ("weight_decay", -0.1),
    ],
)
def test_settings_out_of_range(key: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"Setting {key} cannot be"):
        parsed_config(DigitsConfig, {key: value})


def test_parts_follow_the_book() -> None:
    images = mnist.embedded()
    assert (len(embedded().train), len(embedded().validation), len(embedded().test)) == (60_000, 5_000, 5_000)
    assert (embedded().validation.inputs[:, 0].numpy() == images.test_images[:5000]).all()
    assert (embedded().test.inputs[:, 0].numpy() == images.test_images[5000:]).all()
    assert (embedded().test.targets.numpy() == images.test_labels[5000:]).all()
    assert embedded().train.inputs.dtype == torch.uint8


def test_only_the_first_images_are_learned_from_when_so_set() -> None:
    few = DIGITS.load(DigitsConfig(training_images=1_234))
    assert (len(few.train), len(few.validation), len(few.test)) == (1_234, 5_000, 5_000)
    assert torch.equal(few.train.inputs, embedded().train.inputs[:1_234])
    assert torch.equal(few.train.targets, embedded().train.targets[:1_234])
    sample = DIGITS.sample("train/59999", DigitsConfig(training_images=1_000), embedded().facts)
    assert sample.target == float(embedded().train.targets[-1]), "one that was not learned from can be looked at too"


def test_pixels_are_only_scaled() -> None:
    pixels = torch.tensor([[[[0, 51, 255]]]], dtype=torch.uint8)
    torch.testing.assert_close(DIGITS.prepare(pixels), torch.tensor([[[[0.0, 0.2, 1.0]]]]))
    assert pixels[0, 0, 0, 2] == 255, "the stored pixels are not written to"


def test_metrics_worked_by_hand() -> None:
    outputs = torch.full((4, 10), 0.05).log()
    outputs[torch.arange(4), torch.tensor([3, 1, 4, 1])] = torch.tensor(0.55).log()
    found = DIGITS.metrics(outputs, torch.tensor([3, 1, 4, 5]))
    assert found["accuracy"] == 0.75
    nll = -(3 * torch.tensor(0.55).log() + torch.tensor(0.05).log()) / 4
    assert found["loss"] == pytest.approx(float(nll))
    # the same loss as torch's cross entropy of unnormalised scores
    assert found["loss"] == pytest.approx(float(nn.CrossEntropyLoss()(outputs, torch.tensor([3, 1, 4, 5]))))


@pytest.mark.parametrize(
    ("key", "part", "place"), [("", "test", 0), ("test/17", "test", 17), ("train/59999", "train", -1)]
)
def test_samples(key: str, part: str, place: int) -> None:
    sample = DIGITS.sample(key, DigitsConfig(), embedded().facts)
    stored = getattr(embedded(), part)
    assert sample.inputs.shape == (1, 1, 28, 28)
    torch.testing.assert_close(sample.inputs[0], stored.inputs[place].float() / 255)
    assert sample.target == float(stored.targets[place])
    assert sample.caption == str(int(stored.targets[place]))
    assert sample.key == (key or "test/0")


def test_a_changed_sample() -> None:
    plain = DIGITS.sample("test/17", DigitsConfig(), embedded().facts)
    moved = DIGITS.sample("test/17~x3~r-15~i", DigitsConfig(), embedded().facts)
    assert torch.equal(moved.inputs, changed(plain.inputs, Change(x=3, angle=-15, invert=True)))
    assert (moved.key, moved.target, moved.caption) == ("test/17~x3~r-15~i", plain.target, plain.caption)


def test_a_digit_of_a_persons_own() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    own = DIGITS.sample(own_key(pixels), DigitsConfig(), embedded().facts)
    np.testing.assert_allclose(own.inputs.numpy(), pixels[None, None] / np.float32(255))
    assert (own.key, own.target, own.caption) == (own_key(pixels), None, "")
    moved = DIGITS.sample(own_key(pixels) + "~y-2", DigitsConfig(), embedded().facts)
    assert torch.equal(moved.inputs[..., :26, :], own.inputs[..., 2:, :])


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("own/AAAA", "There is no own digit 'own/AAAA'"),
        ("test/17~x3.5", "The change '~x3.5' cannot be read"),
        ("~x3", "There is no digit ''"),
        ("test/17~x99", "The change '~x99' goes too far"),
    ],
)
def test_unknown_changes_and_own_digits(key: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        DIGITS.sample(key, DigitsConfig(), embedded().facts)


@pytest.mark.parametrize(
    "key", ["17", "test", "test/", "test/-1", "test/1.0", "tests/1", "test/²", "test/1/2", "test/" + "9" * 99]
)
def test_unknown_samples(key: str) -> None:
    with pytest.raises(DataError, match=r"There is no digit .*: write train/5, validation/3 or test/17"):
        DIGITS.sample(key, DigitsConfig(), embedded().facts)


def test_sample_beyond_the_end() -> None:
    with pytest.raises(DataError, match="There is no digit 'test/5000': that part has the numbers 0 to 4999"):
        DIGITS.sample("test/5000", DigitsConfig(), embedded().facts)


def test_dropout_is_the_setting() -> None:
    network = DIGITS.network(DigitsConfig(dropout=0.25), embedded().facts)
    assert isinstance(network, DigitsNetwork)
    assert network.dropout.p == 0.25
