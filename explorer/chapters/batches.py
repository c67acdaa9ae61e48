"""How rows become batches: the split, the shuffled order of an epoch, and the rows of one batch (sections 4.3, 5.3).

What the book does with ``Dataset``, ``SubsetRandomSampler`` and ``DataLoader``, the product's loop does with indices:
this file tells which. No row is read here but to count them; ``loop.fit`` trains.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.base import BookModel, Config
from models.errors import N_, SettingError

Indices = NDArray[np.int64]
Split = tuple[tuple[str, int, int], ...]


def split(book: BookModel, config: Config, source: Path | None = None) -> Split:
    """((part, first row, rows), …) of the training, validation and test part. Raises DataError for a bad source.

    Rows are counted through the parts, one after another; MNIST's 70,000 are so the training file and then the test
    file, whose first half validates. Where the test part is the validation part itself (bike), both begin at one row.
    """
    data = book.load(config, source)
    train, validation, test = len(data.train), len(data.validation), len(data.test)
    shared = data.test is data.validation
    return (
        ("train", 0, train),
        ("validation", train, validation),
        ("test", train if shared else train + validation, test),
    )


def epoch_order(config: Config, rows: int, epoch: int, shuffle: bool = True) -> Indices:
    """(rows,) the rows of the training part in the order in which epoch ``epoch`` (from 1) of a training takes them.

    shuffle: the model's own (``book.shuffle``); without it every epoch goes from the first row to the last. The order
    hangs on the config's seed alone, as in ``loop.fit``: one generator, which draws anew for each epoch.
    Raises SettingError for an epoch that the training does not have.
    """
    if not 1 <= epoch <= config.epochs:
        raise SettingError(
            N_("There is no epoch {epoch}; this training has the epochs 1 to {last}."), epoch=epoch, last=config.epochs
        )
    if not shuffle:
        return np.arange(rows, dtype=np.int64)
    # A caller may write into what it gets; what is kept must stay as it is.
    return _drawn(config.seed, rows, epoch).copy()


@lru_cache(maxsize=8)
def _drawn(seed: int, rows: int, epoch: int) -> Indices:
    generator = torch.Generator().manual_seed(seed)
    for _ in range(epoch - 1):  # each epoch goes on where the one before has left the generator
        torch.randperm(rows, generator=generator)
    order: Indices = torch.randperm(rows, generator=generator).numpy()
    return order


def batch_of(config: Config, rows: int, epoch: int, number: int, shuffle: bool = True) -> Indices:
    """The rows of batch ``number`` (from 0) of an epoch, at most ``config.batch_size``; the last may be smaller.

    Raises SettingError for a batch or an epoch that the training does not have.
    """
    count = -(-rows // config.batch_size)
    if not 0 <= number < count:
        raise SettingError(
            N_("There is no batch {number}; an epoch of this training has the batches 0 to {last}."),
            number=number,
            last=count - 1,
        )
    first = number * config.batch_size
    return epoch_order(config, rows, epoch, shuffle)[first : first + config.batch_size]
