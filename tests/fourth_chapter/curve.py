"""One sine on an interval: a sample is not a row of numbers but an interval of any number of points."""

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.base import BookModel, Config, Data, Facts, Part, Sample
from models.errors import DataError
from models.inputs import NetworkInput

DEFAULT_INTERVAL = "0..6/25"


class CurveNetwork(nn.Module):
    """(B, P, 1) points of B intervals → (B, P, 1) the curve there."""

    def __init__(self, hidden_units: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(1, hidden_units)
        self.tanh = nn.Tanh()
        self.fc2 = nn.Linear(hidden_units, 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.fc2(self.tanh(self.fc1(x)))
        return y


class CurveModel(BookModel[Tensor]):
    """The curve, its network and measures. A sample's key is ``from..to/points``."""

    name = "curve"
    config = Config
    network_class = CurveNetwork
    network_inputs = (NetworkInput("points", {0: "batch", 1: "points"}),)

    def load(self, config: Config, source: Path | None = None) -> Data[Tensor]:
        """Single points to learn from: intervals of one point each."""
        x = torch.linspace(0, 6, 300).view(-1, 1, 1)
        parts = [Part(x[cut], x[cut].sin()) for cut in (slice(0, 300, 2), slice(1, 300, 4), slice(3, 300, 4))]
        return Data(parts[0], parts[1], parts[2], {})

    def network_arguments(self, config: Config, facts: Facts) -> dict[str, int | float | str]:
        return {"hidden_units": 8}

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return F.mse_loss(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        return {"loss": float(self.loss(outputs, targets))}

    def sample(self, key: str, config: Config, facts: Facts, source: Path | None = None) -> Sample[Tensor]:
        """The interval named ``key``; raises DataError for a text that names none."""
        key = key or DEFAULT_INTERVAL
        try:
            ends, points = key.split("/")
            first, last = map(float, ends.split(".."))
            x = torch.linspace(first, last, int(points)).view(1, -1, 1)  # (1, P, 1)
        except (ValueError, RuntimeError):
            raise DataError("There is no interval {key}: write 0..6/25, for instance.", key=repr(key)) from None
        if not math.isfinite(first + last) or not x.shape[1]:
            raise DataError("There is no interval {key}: write 0..6/25, for instance.", key=repr(key))
        return Sample(key, x, None, key, targets=x.sin())


MODEL = CurveModel()
