"""The hooks that write a run's folder while it trains: metrics, checkpoints, and status; they check for a cancel."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import safetensors.torch

from explorer.runs.folder import Status, cancel_requested, write_json
from explorer.runs.loop import NEVER, Cancelled, evaluated, following
from explorer.runs.steps.training_state import TrainingState
from explorer.storage import write_atomically

TRAIN_RECORDS = 300  # points of a training curve; more cannot be distinguished on a screen
STEPS_A_RECORD = 7  # at least; with 300 records a short training would write one for every step
WHOLE_EPOCHS = 30  # trainings of so many epochs or more are recorded at the ends of epochs
VALIDATIONS = 60  # validations of a whole training, at ends of epochs
FOREVER = float("inf")


class MetricsRecorder:
    """Appends training losses (mean since the last record) and validation metrics to metrics.jsonl.

    ``steps`` are recorded besides the evenly spaced ones, so that each checkpoint has a loss.
    """

    seconds = FOREVER

    def __init__(self, path: Path, steps: Sequence[int], epochs: int, steps_an_epoch: int) -> None:
        # Unbuffered: a record is there for readers at once. Opened once: opening costs more than writing a line.
        self.file = (path / "metrics.jsonl").open("ab", buffering=0)
        self.steps_an_epoch = steps_an_epoch
        total = epochs * steps_an_epoch
        even = max(STEPS_A_RECORD, total // TRAIN_RECORDS)
        if epochs >= WHOLE_EPOCHS:  # parts of an epoch differ where the data are read in order: a saw, not a curve
            even = max(1, round(even / steps_an_epoch)) * steps_an_epoch
        validated = max(1, round(epochs / VALIDATIONS)) * steps_an_epoch
        self.validated = {*range(validated, total, validated)}
        self.due = tuple(sorted({*steps, *range(even, total, even), *self.validated, total} - {0}))

    def next_step(self, step: int) -> int:
        return following(self.due, step) if not self.due or step < self.due[-1] else NEVER

    def __call__(self, state: TrainingState) -> None:
        mean = state.losses.take()
        if mean is not None:
            loss = {"loss": mean}
            if state.step == 1:  # measured by the untrained weights
                self._append(0, "train", loss)
            self._append(state.step, "train", loss)
        if state.step in self.validated:
            metrics = evaluated(state.book, state.network, state.data.validation)
            self._append(state.step, "validation", metrics)

    def ended(self, state: TrainingState, validation: dict[str, float]) -> None:
        """Record the validation metrics of the trained network, which its final report has measured."""
        self._append(state.step, "validation", validation)
        self.file.close()

    def _append(self, step: int, part: str, metrics: dict[str, float]) -> None:
        epoch = step / self.steps_an_epoch
        record = {"step": step, "epoch": round(epoch, 4), "part": part, **metrics}
        self.file.write(f"{json.dumps(record)}\n".encode())


class CheckpointWriter:
    """Writes the network's weights at the given steps. spent: seconds that this has taken so far."""

    seconds = FOREVER

    def __init__(self, path: Path, steps: Sequence[int]) -> None:
        self.folder = path / "checkpoints"
        self.steps = steps
        self.spent = 0.0

    def next_step(self, step: int) -> int:
        return following(self.steps, step)

    def __call__(self, state: TrainingState) -> None:
        begun = time.perf_counter()
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in state.network.state_dict().items()}
        write_atomically(self.folder / f"{state.step:08d}.safetensors", safetensors.torch.save(weights))
        self.spent += time.perf_counter() - begun


@dataclass(frozen=True)
class Pace:
    """How far a training is. seconds: on a clock; in_checkpoints: seconds that writing checkpoints has taken so far."""

    step: int
    seconds: float
    in_checkpoints: float


def seconds_left(first: Pace, now: Pace, steps: int, checkpoint_steps: Sequence[int]) -> float | None:
    """Seconds until the last of ``steps``, at the pace between ``first`` and ``now``; None while there is no pace.

    Checkpoints are counted one by one, since they are dense at the start. What else is done beside the steps, as
    validation, is spread evenly over a training and is part of its pace.

    >>> seconds_left(Pace(1, 0.5, 0.1), Pace(11, 3.5, 1.1), 111, (0, 1, 2, 11, 61, 111))
    21.0
    """
    if now.step <= first.step:
        return None
    in_steps = now.seconds - first.seconds - (now.in_checkpoints - first.in_checkpoints)
    finished = sum(first.step < step <= now.step for step in checkpoint_steps)
    checkpoint = (now.in_checkpoints - first.in_checkpoints) / max(1, finished)
    to_write = sum(step > now.step for step in checkpoint_steps)
    return in_steps / (now.step - first.step) * (steps - now.step) + checkpoint * to_write


class Pulse:
    """Four times a second: writes the status and checks for a cancel.

    seconds_after: how long what follows the last step is expected to take.
    """

    seconds = 0.25

    def __init__(self, path: Path, writer: CheckpointWriter, seconds_after: float) -> None:
        self.path = path
        self.writer = writer
        self.seconds_after = seconds_after
        self.first: Pace | None = None

    def next_step(self, step: int) -> int:
        return 1 if step < 1 else NEVER

    def __call__(self, state: TrainingState) -> None:
        now = Pace(state.step, time.perf_counter(), self.writer.spent)
        self.first = self.first or now  # the first step is slower than the others: torch prepares itself in it
        left = seconds_left(self.first, now, state.steps, self.writer.steps)
        left = None if left is None else round(left + self.seconds_after, 3)
        write_status(self.path, replace(progress(state), seconds_left=left))
        if cancel_requested(self.path):
            raise Cancelled


def progress(state: TrainingState) -> Status:
    """The status of a training under way."""
    return Status(
        "running",
        state.step,
        state.steps,
        state.epoch,
        round(state.seconds, 6),
        state.samples / state.seconds if state.seconds else 0.0,
        str(state.device),
        device_rates=state.device_rates,
        phase="training",
    )


def write_status(path: Path, status: Status) -> None:
    """Replace the status of the run in folder ``path``."""
    write_json(path / "status.json", asdict(status))


class Heartbeat:
    """Touches ``alive`` every second while the process lives, also during a long evaluation or export."""

    def __init__(self, path: Path) -> None:
        self.file = path / "alive"
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def _beat(self) -> None:
        while not self.ended.wait(1.0):
            self.file.touch()

    def __enter__(self) -> Self:
        self.file.touch()
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self.thread.join()
