"""The product's training phase as ``explorer/runs/training.py`` carries it out, with its hooks or without, timed.

Loading, the ONNX export before and the evaluation of all parts after the training are not part of it: the book's loops
have none of them. The first checkpoint and the first validation, before the first step, are.
"""

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn

from explorer.runs.loop import fit, log_spaced, moved, started
from explorer.runs.recorder import CheckpointWriter, Heartbeat, MetricsRecorder, Pulse
from explorer.runs.steps.training_state import TrainingState
from explorer.runs.training import built
from models.base import BookModel, Config, Data, Part, parsed_config
from models.catalogue import model


@dataclass(frozen=True)
class Task:
    """What is trained: a model of the book, its settings, its embedded data, cut to ``rows`` samples, and where."""

    book: BookModel
    config: Config
    data: Data
    device: str = "cpu"

    @property
    def samples(self) -> int:
        """Samples of all passes together."""
        return self.config.epochs * len(self.data.train)

    def network(self) -> nn.Module:
        """A fresh network, the same each time."""
        return built(self.book, self.config, self.data.facts)

    def state(self) -> TrainingState:
        """A training before its first step."""
        device = torch.device(self.device)
        return started(self.book, self.network().to(device), moved(self.data, device), self.config)


@lru_cache(maxsize=8)
def _loaded(name: str, config: Config) -> Data:
    return model(name).load(config)


def task(name: str, rows: int | None = None, **settings: Any) -> Task:
    """The model called ``name`` with the book's settings but for ``settings``."""
    book = model(name)
    config = parsed_config(book.config, settings)
    data = _loaded(name, config)
    if rows is not None:
        data = replace(data, train=Part(data.train.inputs[:rows], data.train.targets[:rows]))
    return Task(book, config, data)


def bare_seconds(what: Task) -> float:
    """Wall seconds of the loop alone."""
    state = what.state()
    begin = time.perf_counter()
    fit(state)
    return time.perf_counter() - begin


def hooked_seconds(what: Task) -> float:
    """Wall seconds of the loop with its hooks."""
    return hooked_and_inner_seconds(what)[0]


def hooked_and_inner_seconds(what: Task) -> tuple[float, float]:
    """Wall seconds of the loop with metrics, checkpoints, status and heartbeat, written to a temporary folder; and
    those of its training steps alone, within the same run."""
    with TemporaryDirectory(prefix="toushi-bench-") as name:
        folder = Path(name)
        (folder / "checkpoints").mkdir()
        state = what.state()
        begin = time.perf_counter()
        with Heartbeat(folder):
            steps_an_epoch = state.steps // what.config.epochs
            steps = log_spaced(what.config.epochs, steps_an_epoch)
            recorder = MetricsRecorder(folder, steps, what.config.epochs, steps_an_epoch)
            writer = CheckpointWriter(folder, steps)
            writer(state)
            fit(state, [recorder, writer, Pulse(folder, writer, 0.0)])
            return time.perf_counter() - begin, state.seconds
