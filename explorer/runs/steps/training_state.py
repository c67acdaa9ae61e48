"""What is known of a training while it goes on. Nothing is trained or written here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from explorer.runs.steps.losses import Losses, LossList
from models.base import BookModel, Config, Data


def total_steps(data: Data[Any], config: Config) -> int:
    """Optimiser steps of a whole training."""
    return config.epochs * -(-len(data.train) // config.batch_size)


@dataclass
class TrainingState:
    """What hooks may look at. step: steps taken. losses: of the steps since a hook last took their mean.

    device_rates: samples per second on each device, where they were measured to choose one.
    """

    book: BookModel[Any]
    config: Config
    network: nn.Module
    data: Data[Any]
    steps: int
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    losses: Losses = field(default_factory=LossList)
    device_rates: Mapping[str, float] = field(default_factory=dict)

    @property
    def device(self) -> torch.device:
        """Where the data lie and the network is trained."""
        return self.data.train.targets.device

    @property
    def samples(self) -> int:
        """Training samples seen so far; the last batch of an epoch may be smaller than the others."""
        whole, rest = divmod(self.step, self.steps // self.config.epochs)
        return whole * len(self.data.train) + rest * self.config.batch_size
