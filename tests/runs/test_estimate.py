"""What is told before a training, against real networks, real passes and the recorder's own plan. No time is tested."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.runs import estimate as estimating
from explorer.runs.estimate import Costs, Estimate, estimate
from explorer.runs.recorder import MetricsRecorder
from explorer.trace.layers import layers
from models.base import BookModel, Config, Data, parsed_config
from models.catalogue import model
from models.errors import SettingError, UserError


def made(name: str, **settings: object) -> tuple[BookModel, Config, Data]:
    book = model(name)
    config = parsed_config(book.config, settings)
    return book, config, book.load(config)


@pytest.fixture
def untimed(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """Costs that are easy to count with; the configs that were timed."""
    timed: list[Config] = []

    def at_once(book: object, network: object, config: Config, data: object) -> Costs:
        timed.append(config)
        return Costs(update=1.0, learn=0.01, ask=0.0001)

    monkeypatch.setattr(estimating, "_timed", at_once)
    estimating._costs.cache_clear()
    return timed


def same_as_a_pass(book: BookModel, config: Config, data: Data, found: Estimate) -> None:
    network = book.network(config, data.facts)
    assert found.parameters == sum(parameter.numel() for parameter in network.parameters())
    x, _ = next(iter(book.batches(data.test, 1, None)))
    shown = layers(network, x)
    assert [(size.name, size.kind, size.shape) for size in found.sizes] == [
        (layer.name, layer.kind, layer.output.shape) for layer in shown
    ]


@pytest.mark.parametrize("name", ["bike", "sentiment", "digits"])
def test_each_model_of_the_book(name: str) -> None:
    book, config, data = made(name, epochs=2)
    found = estimate(book, config, {})
    same_as_a_pass(book, config, data, found)
    assert found.seconds is not None and 0 < found.seconds < 600
    assert estimate(book, config, data.facts) == found


def test_the_books_networks() -> None:
    assert estimate(*made("bike")[:2], {}).parameters == 581
    found = estimate(*made("digits")[:2], {})
    assert found.parameters == 207_258
    shapes = {size.name: size.shape for size in found.sizes}
    assert (shapes["conv1"], shapes["pool2"], shapes["fc2"]) == ((4, 28, 28), (8, 7, 7), (10,))


@settings(max_examples=25)
@given(
    layers=st.integers(1, 3),
    size=st.integers(1, 8),
    stride=st.integers(1, 2),
    pool=st.integers(1, 3),
    padding=st.sampled_from(["same", "none"]),
    pooling=st.sampled_from(["max", "average", "none"]),
    activation=st.sampled_from(["relu", "tanh"]),
    hidden=st.integers(1, 40),
)
def test_every_digits_network_is_told_or_refused(
    layers: int, size: int, stride: int, pool: int, padding: str, pooling: str, activation: str, hidden: int
) -> None:
    book, config, data = made(
        "digits",
        layers=layers,
        kernel_size=size,
        stride=stride,
        pool_size=pool,
        padding=padding,
        pooling=pooling,
        activation=activation,
        hidden_units=hidden,
        kernels1=3,
        kernels2=2,
        kernels3=4,
    )
    refusal = book.check(config, data.facts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimating, "_timed", lambda *given: Costs(1.0, 1.0, 1.0))
        estimating._costs.cache_clear()
        try:
            found = estimate(book, config, {})
        except UserError as error:
            assert str(error) == str(refusal)
        else:
            assert refusal is None
            same_as_a_pass(book, config, data, found)
        estimating._costs.cache_clear()


@pytest.mark.parametrize(("epochs", "size"), [(1, 64), (3, 100), (61, 64), (150, 4096), (200, 7)])
def test_seconds_count_what_a_training_does(untimed: list[Config], epochs: int, size: int, tmp_path: Path) -> None:
    book, config, data = made("digits", epochs=epochs, batch_size=size, training_images=2000)
    steps = -(-2000 // size)
    validations = len(MetricsRecorder(tmp_path, [], epochs, steps).validated)
    expected = epochs * (steps + 2000 * 0.01) + (validations * 5000 + 2000 + 5000 + 5000) * 0.0001
    assert estimate(book, config, data.facts).seconds == pytest.approx(expected)


def test_what_costs_the_same_is_timed_once(untimed: list[Config]) -> None:
    for same in ({}, {"seed": 9}, {"epochs": 7}, {"learning_rate": 0.5}, {"momentum": 0.5}, {"training_images": 5000}):
        estimate(*made("digits", **same)[:2], {})
    assert len(untimed) == 1
    for other in ({"batch_size": 32}, {"kernels1": 5}, {"optimizer": "adam"}, {"momentum": 0}, {"weight_decay": 0.01}):
        estimate(*made("digits", **other)[:2], {})
    assert len(untimed) == 6
    estimating._costs.cache_clear()


def test_what_cannot_be_trained_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingError, match="20×20"):
        estimate(*made("digits", kernel_size=20)[:2], {})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SettingError, match="no CUDA device"):
        estimate(*made("digits", device="cuda")[:2], {})


def test_a_training_elsewhere_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert estimate(*made("digits", device="cuda")[:2], {}).seconds is None


def test_the_number_of_threads_is_put_back() -> None:
    before = torch.get_num_threads()
    estimating._costs.cache_clear()
    estimate(*made("bike")[:2], {})
    assert torch.get_num_threads() == before
