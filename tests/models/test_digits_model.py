"""Digits: geometry, parts, samples and measures, checked against arithmetic done by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from models import model
from models.base import parsed_config
from models.data import mnist
from models.digits import DigitsConfig, DigitsNetwork
from models.errors import DataError, SettingError

DIGITS = model("digits")
DATA = DIGITS.load(DigitsConfig())


def test_parameters_counted_by_hand() -> None:
    network = DIGITS.network(DigitsConfig(), DATA.facts)
    # weights + biases: conv1, conv2, fc1, fc2
    by_hand = (4 * 25 + 4) + (8 * 4 * 25 + 8) + (8 * 7 * 7 * 512 + 512) + (512 * 10 + 10)
    assert sum(p.numel() for p in network.parameters()) == by_hand == 207_258


def test_the_books_settings() -> None:
    config = DigitsConfig()
    assert (config.epochs, config.learning_rate, config.momentum, config.batch_size) == (20, 0.001, 0.9, 64)
    assert (config.optimizer, config.dropout, config.kernel_size) == ("sgd", 0.5, 5)


def test_every_step_is_a_module() -> None:
    network = DIGITS.network(DigitsConfig(), DATA.facts).eval()
    shapes: dict[str, tuple[int, ...]] = {}
    for name, module in network.named_children():
        module.register_forward_hook(lambda _m, _x, y, name=name: shapes.__setitem__(name, tuple(y.shape)))
    network(torch.zeros(2, 1, 28, 28))
    assert shapes == {
        "conv1": (2, 4, 28, 28), "relu1": (2, 4, 28, 28), "pool1": (2, 4, 14, 14),
        "conv2": (2, 8, 14, 14), "relu2": (2, 8, 14, 14), "pool2": (2, 8, 7, 7),
        "flatten": (2, 392), "fc1": (2, 512), "relu3": (2, 512), "dropout": (2, 512), "fc2": (2, 10),
        "log_softmax": (2, 10),
    }  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(
    kernels1=st.integers(1, 6), kernels2=st.integers(1, 6), size=st.integers(1, 14), hidden=st.integers(1, 40),
    batch=st.integers(1, 3),
)  # fmt: skip
def test_any_geometry_gives_probabilities(kernels1: int, kernels2: int, size: int, hidden: int, batch: int) -> None:
    config = DigitsConfig(kernels1=kernels1, kernels2=kernels2, kernel_size=size, hidden_units=hidden)
    assert DIGITS.check(config, DATA.facts) is None
    outputs = DIGITS.network(config, DATA.facts)(torch.rand(batch, 1, 28, 28))
    assert outputs.shape == (batch, 10)
    torch.testing.assert_close(outputs.exp().sum(dim=1), torch.ones(batch))


@pytest.mark.parametrize("size", [15, 20, 28])
def test_kernel_larger_than_its_input_is_refused_with_the_reason(size: int) -> None:
    reason = DIGITS.check(DigitsConfig(kernel_size=size), DATA.facts)
    assert isinstance(reason, SettingError)
    assert str(reason) == f"A kernel of {size}×{size} is larger than the 14×14 maps before the second convolution."


@pytest.mark.parametrize(
    ("key", "value"),
    [("kernel_size", 0), ("kernel_size", 29), ("kernels1", 0), ("dropout", 1.0), ("hidden_units", "x")],
)
def test_settings_out_of_range(key: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"Setting {key} cannot be"):
        parsed_config(DigitsConfig, {key: value})


def test_parts_follow_the_book() -> None:
    images = mnist.embedded()
    assert (len(DATA.train), len(DATA.validation), len(DATA.test)) == (60_000, 5_000, 5_000)
    assert (DATA.validation.inputs[:, 0].numpy() == images.test_images[:5000]).all()
    assert (DATA.test.inputs[:, 0].numpy() == images.test_images[5000:]).all()
    assert (DATA.test.targets.numpy() == images.test_labels[5000:]).all()
    assert DATA.train.inputs.dtype == torch.uint8


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
    sample = DIGITS.sample(key, DigitsConfig(), DATA.facts)
    stored = getattr(DATA, part)
    assert sample.inputs.shape == (1, 1, 28, 28)
    torch.testing.assert_close(sample.inputs[0], stored.inputs[place].float() / 255)
    assert sample.target == float(stored.targets[place])
    assert sample.caption == str(int(stored.targets[place]))
    assert sample.key == (key or "test/0")


@pytest.mark.parametrize(
    "key", ["17", "test", "test/", "test/-1", "test/1.0", "tests/1", "test/²", "test/1/2", "test/" + "9" * 99]
)
def test_unknown_samples(key: str) -> None:
    with pytest.raises(DataError, match=r"There is no digit .*: write train/5, validation/3 or test/17"):
        DIGITS.sample(key, DigitsConfig(), DATA.facts)


def test_sample_beyond_the_end() -> None:
    with pytest.raises(DataError, match="There is no digit 'test/5000': that part has the numbers 0 to 4999"):
        DIGITS.sample("test/5000", DigitsConfig(), DATA.facts)


def test_dropout_is_the_setting() -> None:
    network = DIGITS.network(DigitsConfig(dropout=0.25), DATA.facts)
    assert isinstance(network, DigitsNetwork)
    assert network.dropout.p == 0.25


def test_a_few_steps_learn() -> None:
    """Far from a training; a wrong sign or a missing gradient would not get from 2.3 below 1."""
    torch.manual_seed(0)
    network = DIGITS.network(DigitsConfig(), DATA.facts)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
    batches = DIGITS.batches(DATA.train, 64, torch.Generator().manual_seed(0))
    for _, (x, y) in zip(range(150), batches, strict=False):
        optimizer.zero_grad()
        DIGITS.loss(network(x), y).backward()
        optimizer.step()
    network.eval()
    with torch.no_grad():
        outputs = network(DIGITS.prepare(DATA.validation.inputs[:1000]))
    assert DIGITS.metrics(outputs, DATA.validation.targets[:1000])["loss"] < 1
