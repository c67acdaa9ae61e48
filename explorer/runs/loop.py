"""The training loop and the hooks that watch it. No files: hooks that write live in ``recorder.py``.

The loop is the book's (forward, loss, zero, backward, step) with one comparison a step more: hooks say at which step,
or after how many seconds, they want to be called, so that watching costs next to nothing in between.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Any, Protocol

import torch
from torch import nn

from explorer.runs.steps.training_state import TrainingState, total_steps
from explorer.runs.steps.training_steps import training_steps
from models.base import BookModel, Config, Data, Part
from models.inputs import apply, mapped, stored_values

NEVER = 2**62
EARLY_EPOCHS = 10  # in which checkpoints may lie within an epoch
# Checkpoints of a training; fewer where there are few steps, since one costs about a tenth of a large model's step.
CHECKPOINTS, FEWEST_CHECKPOINTS, STEPS_A_CHECKPOINT = 32, 8, 14
CACHED_VALUES = 200_000  # input values of one batch of an evaluation: 256 digits, 3,500 hours
TIMED_BATCHES = 8  # of an evaluation; torch prepares itself in the first two, which take twice to four times as long


class Hook(Protocol):
    """Something that happens beside the training steps.

    seconds: call after so much time, too (infinity for never).
    """

    seconds: float

    def next_step(self, step: int) -> int:
        """The first step after ``step`` at which to be called, or NEVER."""

    def __call__(self, state: TrainingState) -> None:
        """Look at the state; raise Cancelled to end the training."""


class Cancelled(Exception):
    """Raised by a hook to end the training early."""


def moved(data: Data[Any], device: torch.device) -> Data[Any]:
    """The data with all tensors on ``device``; the book's datasets fit."""

    def part(p: Part[Any]) -> Part[Any]:
        return Part(mapped(p.inputs, lambda tensor: tensor.to(device)), p.targets.to(device))

    return Data(part(data.train), part(data.validation), part(data.test), data.facts)


def optimizer_for(network: nn.Module, config: Config) -> torch.optim.Optimizer:
    """The config's optimiser, in torch's fused form: one call for all weights instead of one each.

    On CUDA Adam counts its steps on the device, so that a step can be captured.
    """
    weights = list(network.parameters())
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "adam":
        on_cuda = weights[0].is_cuda
        return torch.optim.Adam(weights, lr=rate, weight_decay=decay, fused=True, capturable=on_cuda)
    return torch.optim.SGD(weights, lr=rate, momentum=config.momentum, weight_decay=decay, fused=True)


def started(book: BookModel[Any], network: nn.Module, data: Data[Any], config: Config) -> TrainingState:
    """The state before the first step. On a CPU convolutions are laid out channels last, 1.6 times as fast there."""
    if not any(weight.is_cuda for weight in network.parameters()):
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return TrainingState(book, config, network, data, total_steps(data, config))


def fit(state: TrainingState, hooks: Sequence[Hook] = ()) -> bool:
    """Train ``state.network`` in place on ``state.data.train``; False if a hook cancelled.

    Shuffles with a generator of its own, seeded by the config's seed; dropout draws from torch's global generator,
    which is seeded here: one training a process at a time.
    """
    book, network, config = state.book, state.network, state.config
    torch.manual_seed(config.seed)
    network.train()
    generator = torch.Generator().manual_seed(config.seed) if book.shuffle else None
    with repeatable_convolutions():
        steps = training_steps(state, optimizer_for(network, config), generator)
        watch = _Watch(hooks, state)
        try:
            for epoch in range(1, config.epochs + 1):
                state.epoch = epoch
                for _ in steps.epoch():
                    state.step += 1
                    if state.step >= watch.due_step or time.perf_counter() >= watch.due_time:
                        watch.call()
        except Cancelled:
            return False
        watch.pause()
        return True


def repeatable_convolutions() -> AbstractContextManager[None]:
    """While it lasts, CUDA's convolutions give the same numbers each time, in full float32.

    Otherwise the same seed would give slightly different weights. On an H200 it costs nothing: deterministic kernels
    are a third slower with TF32, but as fast as any without it.
    """
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )
    return flags


class _Watch:
    """Calls the hooks when they are due; their time is not counted as training time."""

    def __init__(self, hooks: Sequence[Hook], state: TrainingState) -> None:
        self.hooks = hooks
        self.state = state
        self.resumed = time.perf_counter()
        self.next_step = [hook.next_step(0) for hook in hooks]
        self.next_time = [self.resumed + hook.seconds for hook in hooks]
        self._set_due()

    def _set_due(self) -> None:
        self.due_step = min(self.next_step, default=NEVER)
        self.due_time = min(self.next_time, default=float("inf"))

    def pause(self) -> None:
        """Add the time since the last call to the state's training time."""
        if self.state.data.train.targets.is_cuda:
            torch.cuda.synchronize()  # steps that were launched are not yet computed
        now = time.perf_counter()
        self.state.seconds += now - self.resumed
        self.resumed = now

    def call(self) -> None:
        self.pause()
        for i, hook in enumerate(self.hooks):
            if self.state.step >= self.next_step[i] or self.resumed >= self.next_time[i]:
                hook(self.state)
                self.next_step[i] = hook.next_step(self.state.step)
                self.next_time[i] = time.perf_counter() + hook.seconds
        self._set_due()
        self.resumed = time.perf_counter()


@contextmanager
def evaluation_mode(network: nn.Module) -> Iterator[None]:
    """While it lasts, no gradients are kept and dropout is off; the network's mode is restored."""
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(was_training)


def evaluated(book: BookModel[Any], network: nn.Module, part: Part[Any]) -> dict[str, float]:
    """The model's metrics over a whole part, in evaluation mode."""
    with evaluation_mode(network):
        outputs = torch.cat([apply(network, x) for x, _ in book.batches(part, _evaluated_at_once(part), None)])
    return book.metrics(outputs, part.targets)


def seconds_to_evaluate(book: BookModel[Any], network: nn.Module, data: Data[Any]) -> float:
    """How long the metrics of all three parts would take, by timing a few batches."""
    size = _evaluated_at_once(data.validation)
    times = []
    with evaluation_mode(network):
        for inputs, _ in islice(book.batches(data.validation, size, None), TIMED_BATCHES):
            begun = time.perf_counter()
            apply(network, inputs)
            times.append((time.perf_counter() - begun) / min(size, len(data.validation)))
    return min(times) * sum(len(part) for part in (data.train, data.validation, data.test))


def _evaluated_at_once(part: Part[Any]) -> int:
    """How many samples of ``part`` hold as many input values as stay in a core's cache with their activations."""
    return max(1, CACHED_VALUES * len(part) // max(1, stored_values(part.inputs)))


def log_spaced(epochs: int, steps_an_epoch: int, count: int = CHECKPOINTS) -> tuple[int, ...]:
    """About ``count`` steps of a training, dense at the start, where a network changes most; both ends included.

    A short training has fewer: one in ``STEPS_A_CHECKPOINT`` steps, or ``FEWEST_CHECKPOINTS``.
    After the tenth epoch they are ends of epochs: mean losses between them then cover all the data alike.

    >>> log_spaced(2, 4, count=4)
    (0, 1, 2, 4, 8)
    """
    steps = epochs * steps_an_epoch
    count = min(count, max(FEWEST_CHECKPOINTS, steps // STEPS_A_CHECKPOINT))
    ratio = steps ** (1 / max(1, count - 1))
    spaced = {round(ratio**k) for k in range(count)}
    early = {step for step in spaced if step <= EARLY_EPOCHS * steps_an_epoch}
    whole = {round(step / steps_an_epoch) * steps_an_epoch for step in spaced - early}
    return tuple(sorted({0, 1, steps} | early | whole))


def following(steps: Iterable[int], step: int) -> int:
    """The first of the ascending ``steps`` after ``step``, or NEVER."""
    return next((s for s in steps if s > step), NEVER)
