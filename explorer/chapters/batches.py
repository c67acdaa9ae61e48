"""How rows become batches: the split, the shuffled order of an epoch, the rows of one batch (sections 4.3 and 5.3).

The book uses ``Dataset``, ``SubsetRandomSampler`` and ``DataLoader``; the training loop works with indices of rows,
which are computed here again. ``explorer/runs/loop.py`` trains.
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
"""((part, its first row, number of rows), …)"""


def split(book: BookModel, config: Config, source: Path | None = None) -> Split:
    """The training, validation and test part. Raises DataError for a source that cannot be read.

    Rows are numbered through the parts: MNIST's 70,000 are the training file and then the test file, whose first half
    is the validation part. Where the test part is the validation part itself (bike), both begin at the same row.
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
    """(rows,) the rows of the training part in the order of epoch ``epoch``, from 1.

    shuffle: as the model has it (``book.shuffle``); without it every epoch goes from the first row to the last. The
    order depends on the config's seed only, as in ``loop.fit``: one generator, from which each epoch draws in turn.
    Raises SettingError for an epoch that the training does not have.
    """
    if not 1 <= epoch <= config.epochs:
        raise SettingError(
            N_("There is no epoch {epoch}; this training has the epochs 1 to {last}."), epoch=epoch, last=config.epochs
        )
    if not shuffle:
        return np.arange(rows, dtype=np.int64)
    return _shuffled_rows(config.seed, rows, epoch).copy()  # a caller may write into its copy, but not into the cache


@lru_cache(maxsize=8)
def _shuffled_rows(seed: int, rows: int, epoch: int) -> Indices:
    generator = torch.Generator().manual_seed(seed)
    for _ in range(epoch - 1):  # advances the generator as the earlier epochs do
        torch.randperm(rows, generator=generator)
    order: Indices = torch.randperm(rows, generator=generator).numpy()
    return order


def batch_of(config: Config, rows: int, epoch: int, number: int, shuffle: bool = True) -> Indices:
    """The rows of batch ``number`` (from 0) of an epoch: ``config.batch_size``, fewer in the last batch.

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
