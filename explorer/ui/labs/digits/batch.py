"""A batch of training pictures as a page shows it: what the loader stacks of the numbers that the sampler gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from explorer.chapters.batches import Split
from explorer.runs.checkpoint import OpenRun
from explorer.trace.layers import Array
from explorer.ui.labs.digits.answers import pictures


@dataclass(frozen=True, eq=False)
class BatchPictures:
    """places: (B,) numbers of training pictures. pictures: (B, 28, 28). shape: of the tensor, (B, 1, 28, 28).

    labels, captions: the true classes. counts: (K,) how many of each class.
    """

    places: Sequence[int]
    pictures: Array
    shape: tuple[int, ...]
    labels: Sequence[int]
    captions: Sequence[str]
    counts: Sequence[int]

    def table(self) -> pd.DataFrame:
        """A row a picture: its number and its label."""
        return pd.DataFrame({"index": self.places, "label": self.labels})


def batch(opened_run: OpenRun, places: Sequence[int]) -> BatchPictures:
    """The training pictures at ``places``, with what is to be known of them."""
    train = opened_run.book.load(opened_run.config, opened_run.run.source).train
    labels = train.targets[list(places)].numpy()
    classes: list[str] = opened_run.facts["classes"]
    counts = np.bincount(labels, minlength=len(classes))
    shown = pictures(opened_run, "train", places)
    return BatchPictures(
        list(places),
        shown,
        (len(places), 1, *shown.shape[1:]),
        labels.tolist(),
        [classes[label] for label in labels],
        counts.tolist(),
    )


def split_table(cut: Split) -> pd.DataFrame:
    """A row a part: the number of its first picture, from 1, and how many it has."""
    return pd.DataFrame([(part, first + 1, rows) for part, first, rows in cut], columns=["part", "first", "rows"])
