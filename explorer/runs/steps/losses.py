"""The losses of a training's steps until a record takes their mean: in a list, or in a ring on the device.

A step must not wait for its loss: reading one number of a CUDA device takes longer than a step of a small network.
"""

from typing import Protocol

import torch
from torch import Tensor


class Losses(Protocol):
    """The losses since their mean was last taken."""

    def take(self) -> float | None:
        """Their mean, once; None where there is none."""


class LossList:
    """One tensor a step, for steps that are computed one by one."""

    def __init__(self) -> None:
        self._waiting: list[Tensor] = []
        self.append = self._waiting.append  # (loss: Tensor), a scalar; bound once, since each step calls it

    def take(self) -> float | None:
        """Their mean, once; None where there is none."""
        if not self._waiting:
            return None
        mean = float(torch.stack(self._waiting).mean())
        self._waiting.clear()
        return mean


class LossRing:
    """A buffer on the device with a place that moves on there, so that a captured step can write into it.

    ``put`` runs on the device, once for each replay; ``advanced`` counts the same steps here.
    """

    def __init__(self, device: torch.device, capacity: int = 1024) -> None:
        self._values = torch.zeros(capacity, device=device)
        self._place = torch.zeros(1, dtype=torch.int64, device=device)
        self._count = 0
        self._full: list[Tensor] = []  # copies of the ring, each time that it was full

    def put(self, loss: Tensor) -> None:
        """Write a scalar loss at the next place."""
        self._values.index_copy_(0, self._place, loss.detach().view(1))
        self._place.add_(1)

    def advanced(self) -> None:
        """Note that a step has put its loss."""
        self._count += 1
        if self._count == len(self._values):
            self._empty()

    def take(self) -> float | None:
        """Their mean, once; None where there is none."""
        self._empty()
        if not self._full:
            return None
        mean = float(torch.cat(self._full).mean())
        self._full.clear()
        return mean

    def restart(self) -> None:
        """Forget everything."""
        self._place.zero_()
        self._count = 0
        self._full.clear()

    def _empty(self) -> None:
        if self._count:
            self._full.append(self._values[: self._count].clone())
            self._place.zero_()
            self._count = 0
