"""Trainings on a CUDA device, where there is one, against the CPU's."""

import logging
from typing import Any

import pytest
import torch

from explorer.runs.loop import evaluated, fit, moved, started
from explorer.runs.steps import training_steps as choice
from explorer.runs.steps.captured_steps import RepeatedSteps
from explorer.runs.steps.training_state import TrainingState
from explorer.runs.torch_threads import torch_threads
from explorer.runs.training import training_threads
from models.base import parsed_config
from models.catalogue import model

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def trained(name: str, device: str, **settings: object) -> TrainingState:
    book = model(name)
    config = parsed_config(book.config, settings)
    data = book.load(config)
    torch.manual_seed(config.seed)
    network = book.network(config, data.facts)
    where = torch.device(device)
    state = started(book, network.to(where), moved(data, where), config)
    with torch_threads(training_threads()):
        fit(state)
    return state


def test_bike_is_captured_and_learns_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    captures = []

    def noted(*given: Any) -> RepeatedSteps:
        captures.append(RepeatedSteps(*given))
        return captures[-1]

    monkeypatch.setattr(choice, "RepeatedSteps", noted)
    on_gpu, on_cpu = trained("bike", "cuda", epochs=20), trained("bike", "cpu", epochs=20)
    assert len(captures) == 1
    for found, expected in zip(on_gpu.network.parameters(), on_cpu.network.parameters(), strict=True):
        torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-5)
    assert on_gpu.losses.take() == pytest.approx(on_cpu.losses.take(), rel=1e-5)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_digits_reach_the_same_accuracy(optimizer: str) -> None:
    rate = {"sgd": 0.01, "adam": 0.001}[optimizer]
    scores = []
    for device in ("cuda", "cpu"):
        state = trained("digits", device, epochs=2, optimizer=optimizer, learning_rate=rate)
        scores.append(evaluated(state.book, state.network, state.data.test)["accuracy"])
    assert scores[0] == pytest.approx(scores[1], abs=0.01)


@pytest.mark.parametrize("name", ["digits", "bike"])
def test_the_same_seed_gives_the_same_numbers(name: str) -> None:
    one, other = (trained(name, "cuda", epochs=2) for _ in range(2))
    assert one.losses.take() == other.losses.take()
    for found, expected in zip(one.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(found, expected)


def test_sentiment_is_trained_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        on_gpu, on_cpu = (trained("sentiment", device, epochs=1) for device in ("cuda", "cpu"))
    assert any("not captured: its batches are not rows" in message for message in caplog.messages)
    found, expected = (evaluated(state.book, state.network, state.data.test) for state in (on_gpu, on_cpu))
    assert found == pytest.approx(expected, abs=1e-3)


def test_a_step_that_asks_for_a_value_is_trained_one_by_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As a model does whose batches are cut to their longest sequence; nothing of the broken capture is left."""
    monkeypatch.setattr(type(model("bike")), "prepare", lambda self, x: x if float(x.max()) < 1e9 else x[:0])
    with caplog.at_level(logging.WARNING):
        on_gpu, on_cpu = (trained("bike", device, epochs=5) for device in ("cuda", "cpu"))
    assert any("steps are not captured: " in message for message in caplog.messages)
    for found, expected in zip(on_gpu.network.parameters(), on_cpu.network.parameters(), strict=True):
        torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-5)
