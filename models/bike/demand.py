"""Bike demand (chapter 3): how many bikes are hired in an hour, from the calendar and the weather, by 56-10-1 neurons.

As in the book: season, weather, month, hour and weekday one-hot, the rest as numbers; sigmoid; mean squared error;
plain SGD over the rows in order; the last 21 days held out. Unlike the book, means and standard deviations come from
the training rows only. The book has no validation part, and all other rows must be trained on for our figures to
compare with its own, so **the validation part here is the test part**: nothing is chosen by it, it only draws a curve.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from models.base import BookModel, Config, Data, Facts, Part, Sample
from models.data import bikes
from models.errors import N_, DataError

TEST_ROWS = 21 * 24
ONE_HOT = [f"{column}_{value}" for column, values in bikes.CATEGORIES.items() for value in values]
COLUMNS = [*bikes.FLAGS, *bikes.MEASURES, *ONE_HOT]  # the 56 inputs, in this order


class BikeConfig(Config):
    """The book's settings: plain SGD, learning rate 0.01, 1000 passes in batches of 128."""

    epochs: int = Field(1000, ge=1, le=5000, title=N_("Epochs"), description=N_("Passes over the training data."))
    batch_size: int = Field(128, ge=1, le=4096, title=N_("Batch size"), description=N_("Samples in one step."))
    hidden_units: int = Field(
        10, ge=1, le=512, title=N_("Hidden units"), description=N_("Neurons between the inputs and the output.")
    )


class BikeNetwork(nn.Module):
    """(B, 56) an hour's calendar and weather → (B, 1) bikes, standardised. 581 parameters with 10 hidden units."""

    def __init__(self, hidden_units: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(len(COLUMNS), hidden_units)
        self.sigmoid = nn.Sigmoid()
        self.fc2 = nn.Linear(hidden_units, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.sigmoid(self.fc1(x))  # (B, 10)
        count: Tensor = self.fc2(x)  # (B, 1)
        return count


class BikeModel(BookModel):
    """The hires, their network and measures. A sample's key is a date and an hour: ``2011-12-15T08``.

    Facts: ``columns`` (the 56 inputs), ``means`` and ``stds`` of temp, hum, windspeed and cnt over the training rows,
    and ``test_times`` of the test rows.
    """

    name = "bike"
    config = BikeConfig
    network_class = BikeNetwork
    shuffle = False

    def load(self, config: Config, source: Path | None = None) -> Data:
        """All but the last 504 hours to train on, those to test; ``source``: a file like UCI's ``hour.csv``."""
        return _data(source, _modified(source))

    def network_arguments(self, config: Config, facts: Facts) -> dict[str, int | float]:
        return {"hidden_units": _checked(config).hidden_units}

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean squared error of standardised counts. outputs, targets: (B, 1)."""
        return F.mse_loss(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        """loss, and r2: the share of the counts' variance that is explained (0 where the counts do not vary)."""
        squares = (outputs - targets).double().square().sum()
        spread = (targets - targets.mean()).double().square().sum()
        return {
            "loss": float(self.loss(outputs, targets)),
            "r2": float(1 - squares / spread) if spread > 0 else 0.0,
        }

    def sample(self, key: str, config: Config, facts: Facts, source: Path | None = None) -> Sample:
        """Any hour of the data; '' is the first one held out. The input is scaled by ``facts``."""
        table = bikes.embedded() if source is None else _table(source, _modified(source))
        key = key or str(table["time"].iloc[-TEST_ROWS])
        rows = table[table["time"] == key]
        if rows.empty:
            raise DataError(
                N_("There is no hour {key} in the data; it runs from {first} to {last}, with some hours missing."),
                key=repr(key),
                first=table["time"].iloc[0],
                last=table["time"].iloc[-1],
            )
        part = encoded(rows, facts)
        count = rows[bikes.TARGET].iloc[0]
        return Sample(key, part.inputs, float(part.targets[0, 0]), f"{key.replace('T', ' ')}:00 · {count:.0f}")


def encoded(table: pd.DataFrame, facts: Facts) -> Part:
    """The rows of ``table`` (see ``bikes.parsed``) as (N, 56) inputs and (N, 1) standardised counts."""
    scaled = {
        column: (table[column].to_numpy() - facts["means"][column]) / (facts["stds"][column] or 1.0)
        for column in (*bikes.MEASURES, bikes.TARGET)
    }
    columns = [table[column].to_numpy() for column in bikes.FLAGS] + [scaled[column] for column in bikes.MEASURES]
    for column, values in bikes.CATEGORIES.items():
        columns += [table[column].to_numpy() == value for value in values]
    inputs = np.stack([np.asarray(column, np.float32) for column in columns], axis=1)
    return Part(torch.from_numpy(inputs), torch.from_numpy(scaled[bikes.TARGET].astype(np.float32)).unsqueeze(1))


def bikes_from(standardised: Tensor, facts: Facts) -> NDArray[np.float64]:
    """Standardised counts, (N, 1), as numbers of bikes, (N,)."""
    numbers = standardised.detach().cpu().double().flatten().numpy()
    scale = facts["stds"][bikes.TARGET] or 1.0
    # Counts are whole numbers; three decimals hide what float32 lost on the way through the network.
    counts: NDArray[np.float64] = np.round(numbers * scale + facts["means"][bikes.TARGET], 3)
    return counts


def demand(network: nn.Module, data: Data) -> pd.DataFrame:
    """Demand over the test rows: ``time`` (datetime), ``real`` and ``predicted`` in bikes an hour."""
    with torch.no_grad():
        predicted = network(data.test.inputs)
    return pd.DataFrame(
        {
            "time": pd.to_datetime(data.facts["test_times"], format="%Y-%m-%dT%H"),
            "real": bikes_from(data.test.targets, data.facts),
            "predicted": bikes_from(predicted, data.facts),
        }
    )


def _checked(config: Config) -> BikeConfig:
    if not isinstance(config, BikeConfig):
        raise TypeError(f"bike needs a BikeConfig, not a {type(config).__name__}")
    return config


def _modified(source: Path | None) -> int:
    """Changes when the file does, so that the caches below do not serve an old one; 0 where there is none to read."""
    return source.stat().st_mtime_ns if source and source.exists() else 0


@lru_cache(maxsize=2)
def _table(source: Path, modified: int) -> pd.DataFrame:
    return bikes.from_file(source)


@lru_cache(maxsize=2)
def _data(source: Path | None, modified: int) -> Data:
    table = bikes.embedded() if source is None else _table(source, modified)
    train, test = table.iloc[:-TEST_ROWS], table.iloc[-TEST_ROWS:]
    numbers = [*bikes.MEASURES, bikes.TARGET]
    facts = {
        "columns": COLUMNS,
        "means": {column: float(train[column].mean()) for column in numbers},
        "stds": {column: _spread(train[column]) for column in numbers},
        "test_times": test["time"].tolist(),
    }
    held_out = encoded(test, facts)
    return Data(train=encoded(train, facts), validation=held_out, test=held_out, facts=facts)


def _spread(column: "pd.Series[float]") -> float:
    """The standard deviation; exactly 0 for a constant column, where rounding may leave a tiny rest."""
    return 0.0 if column.nunique() == 1 else float(column.std())


MODEL = BikeModel()
