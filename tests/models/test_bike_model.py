"""Bike demand: the 56 inputs, statistics from the training rows only, measures, samples and the demand table."""

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from models.base import Data
from models.bike.demand import COLUMNS, TEST_ROWS, BikeConfig, bikes_from, demand, encoded
from models.catalogue import model
from models.data import bikes
from models.errors import DataError

BIKE = model("bike")
CONFIG = BikeConfig()
TABLE = bikes.embedded()


@cache
def embedded() -> Data[Any]:
    """The embedded data, read when the first test needs them."""
    return BIKE.load(CONFIG)


def test_parameters_counted_by_hand() -> None:
    network = BIKE.network(CONFIG, embedded().facts)
    assert sum(p.numel() for p in network.parameters()) == (56 * 10 + 10) + (10 * 1 + 1) == 581


def test_the_books_settings() -> None:
    assert (CONFIG.epochs, CONFIG.learning_rate, CONFIG.batch_size, CONFIG.optimizer) == (1000, 0.01, 128, "sgd")
    assert (CONFIG.momentum, BIKE.shuffle) == (0.0, False)


def test_parts() -> None:
    assert len(embedded().test) == 21 * 24 == 504
    assert len(embedded().train) == 8645 - 504
    assert embedded().validation is embedded().test, "as the docstring says"
    assert embedded().facts["test_times"] == TABLE["time"].tolist()[-504:]


def test_statistics_come_from_the_training_rows_only() -> None:
    train = TABLE.iloc[:-TEST_ROWS]
    for column in ("temp", "hum", "windspeed", "cnt"):
        assert embedded().facts["means"][column] == pytest.approx(np.mean(train[column]))
        assert embedded().facts["stds"][column] == pytest.approx(np.std(train[column], ddof=1))
        assert embedded().facts["means"][column] != pytest.approx(np.mean(TABLE[column]))


def test_other_test_rows_change_nothing_in_training(tmp_path: Path) -> None:
    path = tmp_path / "hour.csv"
    lines = gzip.decompress(bikes.EMBEDDED.read_bytes()).decode().splitlines()
    changed = [line.rsplit(",", 1)[0] + ",9999" for line in lines[-TEST_ROWS:]]
    path.write_text("\n".join(lines[:-TEST_ROWS] + changed) + "\n")
    other = BIKE.load(CONFIG, path)
    assert other.facts["means"] == embedded().facts["means"] and other.facts["stds"] == embedded().facts["stds"]
    assert torch.equal(other.train.inputs, embedded().train.inputs) and torch.equal(
        other.train.targets, embedded().train.targets
    )
    assert not torch.equal(other.test.targets, embedded().test.targets)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "hour.csv"
    lines = gzip.decompress(bikes.EMBEDDED.read_bytes()).decode().splitlines()
    path.write_text("\n".join(lines[:2001]) + "\n")
    assert len(BIKE.load(CONFIG, path).train) == 2000 - TEST_ROWS
    path.write_text("\n".join(lines[:1001]) + "\n")
    assert len(BIKE.load(CONFIG, path).train) == 1000 - TEST_ROWS


def test_inputs_of_one_hour_worked_by_hand() -> None:
    row = TABLE[TABLE["time"] == "2011-12-15T08"]
    facts = embedded().facts | {
        "means": {"temp": 0.5, "hum": 0.6, "windspeed": 0.1, "cnt": 157.0},
        "stds": {"temp": 0.5, "hum": 0.1, "windspeed": 0.2, "cnt": 100.0},
    }
    part = encoded(row, facts)
    found = dict(zip(COLUMNS, part.inputs[0].tolist(), strict=True))
    ones = {name for name, value in found.items() if "_" in name and value == 1}
    assert ones == {"season_4", "weathersit_2", "mnth_12", "hr_8", "weekday_4"}  # a Thursday
    assert (found["yr"], found["holiday"]) == (0, 0)
    assert found["temp"] == pytest.approx((row["temp"].item() - 0.5) / 0.5)
    assert found["hum"] == pytest.approx((row["hum"].item() - 0.6) / 0.1, abs=1e-6)
    assert part.targets[0, 0].item() == pytest.approx(3.0)  # 457 bikes


def test_each_category_is_one_hot_once() -> None:
    assert len(COLUMNS) == 56
    assert embedded().train.inputs[:, 5:].sum(dim=1).unique().tolist() == [5.0]


def test_a_constant_column_divides_by_nothing(tmp_path: Path) -> None:
    path = tmp_path / "hour.csv"
    table = pd.read_csv(bikes.EMBEDDED).iloc[:800].assign(windspeed=0.1)
    table.to_csv(path, index=False)
    data = BIKE.load(CONFIG, path)
    assert data.facts["stds"]["windspeed"] == 0.0
    assert torch.isfinite(data.train.inputs).all()
    assert data.train.inputs[:, COLUMNS.index("windspeed")].abs().max() < 1e-6


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2, max_size=30))
def test_metrics_equal_numpys(pairs: list[tuple[float, float]]) -> None:
    outputs, targets = (np.array(side, np.float32).reshape(-1, 1) for side in zip(*pairs, strict=True))
    found = BIKE.metrics(torch.from_numpy(outputs), torch.from_numpy(targets))
    assert found["loss"] == pytest.approx(float(np.mean((outputs - targets) ** 2)), rel=1e-4, abs=1e-9)
    spread = np.var(targets.astype(np.float64))
    if spread > 1e-3:
        wanted = 1 - np.mean((outputs.astype(np.float64) - targets) ** 2) / spread
        assert found["r2"] == pytest.approx(wanted, rel=1e-3, abs=1e-3)


def test_r2_of_counts_that_do_not_vary() -> None:
    assert BIKE.metrics(torch.zeros(3, 1), torch.ones(3, 1)) == {"loss": 1.0, "r2": 0.0}


class Constant(nn.Module):
    """Predicts the training mean for every hour."""

    def forward(self, x: Tensor) -> Tensor:
        return x.new_zeros(len(x), 1)


def test_demand_is_in_bikes() -> None:
    found = demand(Constant(), embedded())
    assert found.columns.tolist() == ["time", "real", "predicted"]
    assert found["real"].tolist() == TABLE["cnt"].tolist()[-504:]
    assert found["predicted"].to_numpy() == pytest.approx(embedded().facts["means"]["cnt"], abs=1e-3)
    assert found["time"].iloc[-1] == pd.Timestamp(2011, 12, 31, 23)


def test_bikes_come_back_from_standardised_counts() -> None:
    assert bikes_from(embedded().train.targets, embedded().facts) == pytest.approx(TABLE["cnt"].to_numpy()[:-504])


def test_samples() -> None:
    first = BIKE.sample("", CONFIG, embedded().facts)
    assert first.key == embedded().facts["test_times"][0] == "2011-12-10T21"
    assert torch.equal(first.inputs, embedded().test.inputs[:1])
    assert first.target == embedded().test.targets[0].item()
    training = BIKE.sample("2011-01-01T01", CONFIG, embedded().facts)
    assert torch.equal(training.inputs, embedded().train.inputs[1:2])
    assert training.caption == "2011-01-01 01:00 · 40"


@pytest.mark.parametrize("key", ["2011-12-15", "2013-01-01T00", "yesterday", "2011-12-15T8"])
def test_unknown_samples(key: str) -> None:
    with pytest.raises(DataError) as caught:
        BIKE.sample(key, CONFIG, embedded().facts)
    assert str(caught.value) == (
        f"There is no hour '{key}' in the data; it runs from 2011-01-01T00 to 2011-12-31T23, with some hours missing."
    )
