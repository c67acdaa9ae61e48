"""Steps with tensors that stay where they are, and their losses, against steps computed one by one.

The capture itself needs a CUDA device: ``test_cuda.py``.
"""

import logging
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from explorer.runs.loop import NEVER, fit, optimizer_for, started
from explorer.runs.steps import training_steps as choice
from explorer.runs.steps.captured_steps import RepeatedSteps, StaticStep
from explorer.runs.steps.losses import LossList, LossRing
from explorer.runs.steps.training_state import TrainingState
from models.base import Data, Part, parsed_config
from models.catalogue import model

SMALL = {
    "digits": {"kernels1": 2, "kernels2": 3, "hidden_units": 8},
    "bike": {},
}


def state_of(name: str, rows: int, **changes: object) -> TrainingState:
    """A training of ``name`` on its first ``rows`` samples, before the first step."""
    book = model(name)
    config = parsed_config(book.config, {**SMALL[name], "epochs": 2, **changes})
    whole = book.load(config)
    part = Part(whole.train.inputs[:rows], whole.train.targets[:rows])
    torch.manual_seed(config.seed)
    return started(book, book.network(config, whole.facts), Data(part, part, part, whole.facts), config)


def weights(state: TrainingState) -> list[Tensor]:
    return [tensor.clone() for tensor in state.network.state_dict().values()]


def repeated(state: TrainingState) -> tuple[RepeatedSteps, StaticStep]:
    """Uncaptured static steps, after what a capture does: some steps, which are taken back."""
    torch.manual_seed(state.config.seed)
    generator = torch.Generator().manual_seed(state.config.seed) if state.book.shuffle else None
    state.network.train()
    step = StaticStep(state, optimizer_for(state.network, state.config))
    undo = step.undone()
    if len(step.order) >= state.config.batch_size:  # one whole batch is enough for a capture
        step.warm_up()
    undo()
    return RepeatedSteps(step, step, state, generator), step


@given(
    name=st.sampled_from(["digits", "bike"]),
    rows=st.integers(1, 90),
    batch_size=st.integers(1, 40),
    optimizer=st.sampled_from(["sgd", "adam"]),
    momentum=st.sampled_from([0.0, 0.9]),
)
@settings(max_examples=30, deadline=None)
def test_they_train_as_steps_one_by_one_do(
    name: str, rows: int, batch_size: int, optimizer: str, momentum: float
) -> None:
    """The same batches in the same order, the same dropout, the smaller last batch: the same weights and losses."""
    changes = {"batch_size": batch_size, "optimizer": optimizer, "momentum": momentum}
    one, other = state_of(name, rows, **changes), state_of(name, rows, **changes)
    fit(one)
    steps, _ = repeated(other)
    taken = sum(1 for _ in range(2) for _ in steps.epoch())
    assert taken == one.step
    assert other.losses.take() == pytest.approx(one.losses.take(), rel=1e-4, nan_ok=True)
    for found, expected in zip(weights(other), weights(one), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6, equal_nan=True)


@given(
    capacity=st.integers(1, 5),
    rounds=st.lists(st.lists(st.floats(-1e3, 1e3, width=32), max_size=17), min_size=1, max_size=5),
)
def test_a_ring_gives_the_mean_that_a_list_gives(capacity: int, rounds: list[list[float]]) -> None:
    ring, plain = LossRing(torch.device("cpu"), capacity), LossList()
    for losses in rounds:
        for loss in losses:
            ring.put(torch.tensor(loss))
            ring.advanced()
            plain.append(torch.tensor(loss))
        expected = plain.take()
        assert ring.take() == (expected if expected is None else pytest.approx(expected, rel=1e-6, abs=1e-6))
    assert ring.take() is None


def test_steps_are_taken_back_whole() -> None:
    state = state_of("digits", 64, optimizer="adam", batch_size=8)
    before, drawn = weights(state), []
    steps, step = repeated(state)
    drawn.append(torch.rand(3))
    assert all(torch.equal(found, expected) for found, expected in zip(weights(state), before, strict=True))
    assert state.losses.take() is None
    undo = step.undone()
    list(steps.epoch())
    assert not all(torch.equal(found, expected) for found, expected in zip(weights(state), before, strict=True))
    undo()
    drawn.append(torch.rand(3))
    assert torch.equal(*drawn), "dropout would draw other numbers"


def test_what_cannot_be_captured_is_trained_one_by_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A capture that breaks off after some steps leaves nothing behind, and the log says why."""
    monkeypatch.setattr(TrainingState, "device", torch.device("cuda"))
    monkeypatch.setattr(choice, "WORTH_CAPTURING", 1)

    def broken(step: StaticStep, undo: Callable[[], None]) -> Callable[[], None]:
        step()
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    monkeypatch.setattr(choice, "captured", broken)
    state, plain = state_of("digits", 64), state_of("digits", 64)
    with caplog.at_level(logging.WARNING):
        fit(state)
    assert "Model digits: steps are not captured: operation not permitted when stream is capturing" in caplog.messages
    monkeypatch.undo()
    fit(plain)
    for found, expected in zip(weights(state), weights(plain), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("rows", "batch_size", "epochs", "reason"),
    [(40, 64, 500, "it has no whole batch"), (64, 64, 3, "it has few steps"), (640, 64, 500, "")],
)
def test_when_a_capture_is_tried(rows: int, batch_size: int, epochs: int, reason: str) -> None:
    state = state_of("bike", rows, batch_size=batch_size, epochs=epochs)
    assert choice.not_static(state) == reason


def test_sparse_batches_are_not_captured() -> None:
    book = model("sentiment")
    config = parsed_config(book.config, {})
    data = book.load(config)
    state = started(book, book.network(config, data.facts), data, config)
    assert choice.not_static(state) == "its batches are not rows of tensors"


def test_hooks_see_the_losses_of_static_steps() -> None:
    """A hook that asks after each step gets each step's loss."""
    state = state_of("bike", 100, batch_size=30)
    steps, _ = repeated(state)
    losses = [state.losses.take() for _ in steps.epoch()]
    plain = state_of("bike", 100, batch_size=30, epochs=1)
    expected: list[float | None] = []

    class Each:
        seconds = float("inf")

        def next_step(self, step: int) -> int:
            return step + 1 if step < 4 else NEVER

        def __call__(self, state: TrainingState) -> None:
            expected.append(state.losses.take())

    fit(plain, [Each()])
    assert losses == pytest.approx(expected, rel=1e-5)
