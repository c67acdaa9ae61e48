"""The book's recorded results, reached through the command line. Minutes long: `make verify` runs them.

The files to check against lie beside the checkout (``../shared``), not in the project.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from explorer.cli.main import main
from explorer.project import PROJECT
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import list_runs

BOOK = PROJECT.parent / "shared" / "data" / "book"

pytestmark = pytest.mark.long


@pytest.fixture
def book() -> Path:
    if not BOOK.is_dir():
        pytest.fail("The book's data are needed for this test: the folder ../shared/data/book beside the checkout.")
    return BOOK


def train(capsys: pytest.CaptureFixture[str], store: Path, *given: object) -> dict[str, Any]:
    status = main(["train", *(str(each) for each in given), "--seed", "0", "--json", "--store", str(store)])
    assert status == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["status"] == "done"
    assert found["onnx_max_difference"] <= 1e-5
    metrics: dict[str, Any] = found["metrics"]
    return metrics


def test_digits(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    metrics = train(capsys, store, "digits", "--epochs", 20)
    assert metrics["test"]["accuracy"] >= 0.989  # the book: 0.9916
    assert metrics["validation"]["accuracy"] >= 0.975  # the book: 0.9798


def test_bike_on_both_years(capsys: pytest.CaptureFixture[str], store: Path, book: Path) -> None:
    metrics = train(capsys, store, "bike", "--data", book / "hour.csv")
    assert metrics["train"]["loss"] <= 0.075  # the book: 0.063 to 0.069
    opened = open_run(list_runs(store)[0])
    data = opened.book.load(opened.config, book / "hour.csv")
    assert (len(data.train), len(data.test)) == (16_875, 504)
    with torch.no_grad():
        error = (opened.network(data.train.inputs) - data.train.targets).square().mean()
    assert metrics["train"]["loss"] == pytest.approx(float(error), rel=1e-4)


def test_bike_embedded(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    assert train(capsys, store, "bike")["train"]["r2"] >= 0.80


def test_sentiment_embedded(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    assert train(capsys, store, "sentiment")["test"]["accuracy"] >= 0.82


def test_sentiment_of_the_books_reviews(capsys: pytest.CaptureFixture[str], store: Path, book: Path) -> None:
    assert train(capsys, store, "sentiment", "--data", book)["test"]["accuracy"] >= 0.88  # the book: 0.897
