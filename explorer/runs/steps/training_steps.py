"""How the steps of a training are computed: one by one, or on CUDA captured once and replayed.

Where a model's batches cannot be captured, its steps are computed one by one, and the log says why.
"""

import logging
from collections.abc import Iterator
from typing import Any, Protocol

import torch

from explorer.runs.steps.captured_steps import RepeatedSteps, StaticStep, captured
from explorer.runs.steps.losses import LossList
from explorer.runs.steps.training_state import TrainingState
from models.base import BookModel
from models.inputs import apply, has_rows

WORTH_CAPTURING = 200  # steps; a capture takes as long as some hundred steps that are computed one by one


class Steps(Protocol):
    """Trains a network."""

    def epoch(self) -> Iterator[None]:
        """One pass over the training data; gives way after each step."""


class SingleSteps:
    """Each step computed when it is its turn: the book's loop."""

    def __init__(
        self, state: TrainingState, optimizer: torch.optim.Optimizer, generator: torch.Generator | None
    ) -> None:
        self._state, self._optimizer, self._generator = state, optimizer, generator
        self._losses = state.losses = LossList()

    def epoch(self) -> Iterator[None]:
        """One pass over the training data; gives way after each step."""
        book, network, optimizer, losses = self._state.book, self._state.network, self._optimizer, self._losses
        parameters = list(network.parameters())
        for x, y in book.batches(self._state.data.train, self._state.config.batch_size, self._generator):
            loss = book.loss(apply(network, x), y)
            for parameter in parameters:  # optimizer.zero_grad(), without the tenth of a small step that it takes
                parameter.grad = None
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            yield


def training_steps(state: TrainingState, optimizer: torch.optim.Optimizer, generator: torch.Generator | None) -> Steps:
    """The quickest way to train ``state.network`` where it is. generator: shuffles the training data, None for not."""
    reason = "" if state.device.type == "cuda" else "it trains on the CPU"
    reason = reason or not_static(state)
    if not reason:
        step = StaticStep(state, optimizer)
        undo = step.undone()
        try:
            return RepeatedSteps(step, captured(step, undo), state, generator)
        except RuntimeError as error:  # torch's own, of many kinds: something asked for a value, or memory is short
            undo()
            optimizer.state.clear()
            reason = str(error).strip().splitlines()[0]
    if state.device.type == "cuda":
        logging.getLogger(__name__).warning("Model %s: steps are not captured: %s", state.book.name, reason)
    return SingleSteps(state, optimizer, generator)


def not_static(state: TrainingState) -> str:
    """Why the batches cannot be gathered by a static step; '' where they can."""
    train: Any = state.data.train
    if type(state.book).batches is not BookModel.batches or not has_rows(train.inputs, len(train)):
        return "its batches are not rows of tensors"
    if len(train) < state.config.batch_size:
        return "it has no whole batch"
    return "" if state.steps >= WORTH_CAPTURING else "it has few steps"
