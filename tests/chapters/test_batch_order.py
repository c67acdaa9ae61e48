"""Which rows a batch holds, against what the training loop's own batches yield."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from explorer.chapters.batches import batch_of, epoch_order, split
from explorer.runs.loop import fit, started
from models.base import BookModel, Config, Data, Part, parsed_config
from models.catalogue import model
from models.errors import SettingError


def numbered(rows: int) -> Part:
    """A part whose targets are the row numbers, so that a batch tells its rows."""
    return Part(torch.zeros(rows, 1), torch.arange(rows))


@given(rows=st.integers(1, 200), size=st.integers(1, 64), epochs=st.integers(1, 4), seed=st.integers(0, 2**31 - 1))
def test_the_order_is_that_of_the_models_batches(rows: int, size: int, epochs: int, seed: int) -> None:
    book = model("digits")
    config = parsed_config(book.config, {"batch_size": size, "epochs": epochs, "seed": seed})
    generator = torch.Generator().manual_seed(seed)
    for epoch in range(1, epochs + 1):
        expected = [y.tolist() for _, y in book.batches(numbered(rows), size, generator)]
        assert epoch_order(config, rows, epoch).tolist() == list(chain(*expected))
        assert [batch_of(config, rows, epoch, i).tolist() for i in range(len(expected))] == expected
        with pytest.raises(SettingError, match=rf"no batch {len(expected)}; .* 0 to {len(expected) - 1}"):
            batch_of(config, rows, epoch, len(expected))


class Noting:
    """The digits' model, which notes the targets of each batch that ``fit`` takes."""

    def __init__(self, book: BookModel) -> None:
        self.book, self.shuffle, self.seen = book, book.shuffle, list[list[int]]()

    def batches(
        self, part: Part, batch_size: int, generator: torch.Generator | None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        for _, y in self.book.batches(part, batch_size, generator):
            self.seen.append(y.tolist())
            yield torch.zeros(len(y), 1), y

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return outputs.sum()


@pytest.mark.parametrize("name", ["digits", "bike"])
def test_the_order_is_that_of_a_training(name: str) -> None:
    book = model(name)
    config: Config = parsed_config(book.config, {"epochs": 3, "batch_size": 7, "seed": 11})
    noting, part = Noting(book), numbered(40)
    fit(started(noting, nn.Linear(1, 1), Data(part, part, part, {}), config))  # type: ignore[arg-type]
    expected = [batch_of(config, 40, epoch, i, book.shuffle).tolist() for epoch in (1, 2, 3) for i in range(6)]
    assert noting.seen == expected
    assert book.shuffle == (expected[0] != expected[6])


def test_what_is_kept_cannot_be_written_into() -> None:
    config = parsed_config(model("digits").config, {})
    first = epoch_order(config, 50, 2)
    first[:] = 0
    assert sorted(epoch_order(config, 50, 2)) == list(range(50))


@pytest.mark.parametrize("epoch", [0, -1, 21])
def test_an_epoch_that_is_not_there(epoch: int) -> None:
    config = parsed_config(model("digits").config, {"epochs": 20})
    with pytest.raises(SettingError, match=f"There is no epoch {epoch}; this training has the epochs 1 to 20"):
        epoch_order(config, 10, epoch)


def test_the_split_of_digits_is_the_books() -> None:
    book = model("digits")
    parts = split(book, parsed_config(book.config, {}))
    assert parts == (("train", 0, 60_000), ("validation", 60_000, 5_000), ("test", 65_000, 5_000))


def test_the_split_of_bike_holds_the_last_hours_out_once() -> None:
    book = model("bike")
    (_, first, train), validation, test = split(book, parsed_config(book.config, {}))
    assert (first, validation[1:], test[1:]) == (0, (train, test[2]), (train, test[2]))
    data = book.load(parsed_config(book.config, {}))
    assert np.array_equal(data.validation.inputs, data.test.inputs)
