"""The loop against a plain torch loop, and the arithmetic of its steps."""

import time
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from explorer.runs.device_choice import resolved_device
from explorer.runs.loop import (
    FEWEST_CHECKPOINTS,
    NEVER,
    Cancelled,
    evaluated,
    fit,
    following,
    log_spaced,
    optimizer_for,
    started,
)
from explorer.runs.steps.training_state import TrainingState, total_steps
from models.base import BookModel, Config, Data, Part, parsed_config
from models.catalogue import model
from models.errors import SettingError


def bike(**settings: object) -> tuple[BookModel, Config, Data, nn.Module]:
    book = model("bike")
    config = parsed_config(book.config, {"epochs": 2, **settings})
    data = book.load(config)
    torch.manual_seed(config.seed)
    return book, config, data, book.network(config, data.facts)


def test_bike_equals_the_books_loop() -> None:
    book, config, data, network = bike(seed=3)
    fit(started(book, network, data, config))
    torch.manual_seed(3)
    plain = nn.Sequential(nn.Linear(56, 10), nn.Sigmoid(), nn.Linear(10, 1))
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.01)
    x, y = data.train.inputs, data.train.targets
    for _ in range(2):
        for start in range(0, len(x), 128):
            loss = ((plain(x[start : start + 128]) - y[start : start + 128]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    for found, expected in zip(network.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_digits_equal_a_plain_loop_with_the_same_order_and_dropout() -> None:
    book = model("digits")
    config = parsed_config(book.config, {"epochs": 2, "seed": 5, "kernels1": 2, "kernels2": 3, "hidden_units": 8})
    whole = book.load(config)
    part = Part(whole.train.inputs[:300], whole.train.targets[:300])
    data = Data(part, part, part, whole.facts)
    torch.manual_seed(5)
    network = book.network(config, data.facts)
    torch.manual_seed(5)
    plain = nn.Sequential(
        nn.Conv2d(1, 2, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(2, 3, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(147, 8),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(8, 10),
    )
    fit(started(book, network, data, config))

    optimizer = torch.optim.SGD(plain.parameters(), lr=0.001, momentum=0.9)
    order = torch.Generator().manual_seed(5)
    torch.manual_seed(5)
    for _ in range(2):
        for rows in torch.randperm(300, generator=order).split(64):
            loss = F.cross_entropy(plain(part.inputs[rows] / 255), part.targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    for found, expected in zip(network.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_evaluation_equals_the_whole_part_at_once_and_keeps_the_mode() -> None:
    book, _, data, network = bike()
    network.train()
    found = evaluated(book, network, data.test)
    assert network.training
    with torch.no_grad():
        outputs = network(data.test.inputs)
    error = float(((outputs - data.test.targets) ** 2).mean())
    assert found["loss"] == pytest.approx(error, rel=1e-6)
    spread = float(((data.test.targets - data.test.targets.mean()) ** 2).mean())
    assert found["r2"] == pytest.approx(1 - error / spread, rel=1e-5)


class Noting:
    """A hook that notes when it was called, and cancels at one step."""

    def __init__(self, steps: tuple[int, ...], seconds: float = float("inf"), cancel_at: int = NEVER) -> None:
        self.steps, self.seconds, self.cancel_at = steps, seconds, cancel_at
        self.called: list[tuple[int, int, int]] = []

    def next_step(self, step: int) -> int:
        return following(self.steps, step)

    def __call__(self, state: TrainingState) -> None:
        self.called.append((state.step, state.epoch, state.samples))
        if state.step >= self.cancel_at:
            raise Cancelled


def test_hooks_are_called_at_their_steps_with_the_samples_seen() -> None:
    book, config, data, network = bike(batch_size=1000)
    rows = len(data.train)  # 8,141: eight whole batches and one of 141
    assert rows % 1000 == 141
    hook = Noting((1, 9, 10, 18))
    state = started(book, network, data, config)
    assert state.steps == total_steps(data, config) == 18
    assert fit(state, [hook])
    assert hook.called == [(1, 1, 1000), (9, 1, rows), (10, 2, rows + 1000), (18, 2, 2 * rows)]


def test_a_hook_is_called_by_time() -> None:
    book, config, data, network = bike(batch_size=1000)
    always, never = Noting((), seconds=0.0), Noting(())
    fit(started(book, network, data, config), [always, never])
    assert [step for step, _, _ in always.called] == list(range(1, 19))
    assert never.called == []


def test_a_cancel_ends_the_training_at_that_step() -> None:
    book, config, data, network = bike(batch_size=1000)
    state = started(book, network, data, config)
    assert not fit(state, [Noting((4, 8), cancel_at=8)])
    assert state.step == 8


def test_the_time_of_hooks_is_not_training_time() -> None:
    book, config, data, network = bike(batch_size=1000)
    with_hook = started(book, network, data, config)

    class Slow(Noting):
        def __call__(self, state: TrainingState) -> None:
            time.sleep(0.05)
            super().__call__(state)

    before = time.perf_counter()
    fit(with_hook, [Slow(tuple(range(1, 19)))])
    whole = time.perf_counter() - before
    assert 0 < with_hook.seconds < whole - 18 * 0.05


@given(epochs=st.integers(1, 3000), steps=st.integers(1, 1000), count=st.integers(2, 64))
def test_log_spaced_steps(epochs: int, steps: int, count: int) -> None:
    found = log_spaced(epochs, steps, count)
    total = epochs * steps
    assert found[0] == 0
    assert found[-1] == total
    assert all(a < b for a, b in pairwise(found))
    assert len(found) <= count + 3
    assert all(step % steps == 0 for step in found if step > 10 * steps)
    # No gap is far from the even one on a logarithmic scale, but for rounding to whole steps and epochs.
    ratio = total ** (1 / (min(count, FEWEST_CHECKPOINTS) - 1))
    assert all(b <= ratio * (a + 1) + ratio + steps * (1 + ratio) for a, b in pairwise(found))


@given(st.lists(st.integers(0, 50), unique=True).map(sorted), st.integers(0, 60))
def test_following(steps: list[int], step: int) -> None:
    later = [each for each in steps if each > step]
    assert following(steps, step) == (min(later) if later else NEVER)


@pytest.mark.parametrize(("name", "kind"), [("adam", torch.optim.Adam), ("sgd", torch.optim.SGD)])
def test_the_optimiser_is_the_configs(name: str, kind: type) -> None:
    _, config, _, network = bike(optimizer=name, learning_rate=0.02, momentum=0.5, weight_decay=0.003)
    optimizer = optimizer_for(network, config)
    assert isinstance(optimizer, kind)
    assert optimizer.defaults["lr"] == 0.02
    assert optimizer.defaults["weight_decay"] == 0.003
    assert optimizer.defaults.get("momentum", 0.5) == 0.5


def test_the_device_is_the_one_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolved_device("auto") == resolved_device("cpu") == torch.device("cpu")
    with pytest.raises(SettingError, match="'cuda': this machine has no CUDA device"):
        resolved_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolved_device("auto") == resolved_device("cuda") == torch.device("cuda")
