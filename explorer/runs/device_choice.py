"""Which device a training runs on: the one that was asked for, or the faster one by a short measurement of both."""

import logging
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from explorer.runs.loop import NEVER, Cancelled, fit, moved, started
from explorer.runs.steps.training_state import TrainingState
from models.base import BookModel, Config, Data
from models.errors import N_, SettingError

MEASURED = 0.25  # seconds of training on each device, after as many that do not count
QUICK = 2.0  # seconds: a training that the CPU does in less is not worth starting a GPU


@dataclass(frozen=True)
class DeviceChoice:
    """rates: samples per second on each device that was measured; empty where there was nothing to choose."""

    device: torch.device
    rates: Mapping[str, float] = field(default_factory=dict)


def resolved_device(wish: str) -> torch.device:
    """``auto`` takes CUDA where there is one; raises SettingError for CUDA where there is none."""
    if wish == "cuda" and not torch.cuda.is_available():
        raise SettingError(N_("Setting device cannot be {value}: this machine has no CUDA device."), value="'cuda'")
    if wish == "auto":
        wish = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wish)


def chosen_device(book: BookModel[Any], config: Config, network: nn.Module, data: Data[Any]) -> DeviceChoice:
    """The device of a training that is about to begin. network: on the CPU; it is not changed.

    Raises SettingError as ``resolved_device`` does.
    """
    device = resolved_device(config.device)
    if config.device != "auto" or device.type == "cpu":
        return DeviceChoice(device)
    cpu = torch.device("cpu")
    rates = {"cpu": samples_per_second(book, config, network, data, cpu)}
    if config.epochs * len(data.train) < QUICK * rates["cpu"]:
        return DeviceChoice(cpu, rates)
    try:
        rates[device.type] = samples_per_second(book, config, network, data, device)
    except RuntimeError as error:  # torch's own: its memory is taken by others, a driver is too old
        logging.getLogger(__name__).warning("The %s device cannot be used: %s", device, str(error).splitlines()[0])
    return DeviceChoice(torch.device(max(rates, key=rates.__getitem__)), rates)


def samples_per_second(
    book: BookModel[Any], config: Config, network: nn.Module, data: Data[Any], device: torch.device
) -> float:
    """How quickly a copy of ``network`` is trained on ``device``."""
    state = started(book, deepcopy(network).to(device), moved(data, device), config)
    stop = _StopWatch()
    fit(state, [stop])
    return (state.samples - stop.samples) / max(state.seconds - stop.since, 1e-9)


class _StopWatch:
    """Notes where the training is after ``MEASURED`` seconds, and ends it after as many more."""

    seconds = MEASURED

    def __init__(self) -> None:
        self.samples, self.since = 0, 0.0

    def next_step(self, step: int) -> int:
        return NEVER

    def __call__(self, state: TrainingState) -> None:
        if self.samples:
            raise Cancelled
        self.samples, self.since = state.samples, state.seconds
