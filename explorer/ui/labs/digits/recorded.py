"""A run's curves as lines to draw: what the training wrote down itself, and what was measured afterwards."""

from typing import cast, get_args

import pandas as pd

from explorer.chapters.measurements import Measurement
from explorer.figures.curves import Role, Series
from explorer.runs.folder import Run, read_metrics
from explorer.ui.frame.labels import PARTS
from explorer.ui.frame.language import gettext

LossAndAccuracy = tuple[list[Series], list[Series]]
"""Losses and accuracies, a line a part."""


def measured_series(measurement: Measurement) -> LossAndAccuracy:
    """The three parts over the checkpoints, as far as they are measured ("curves")."""
    _ = gettext()
    losses, shares = [], []
    for role in get_args(Role):
        steps, accuracy, loss = measurement.series(role)
        losses.append(Series(_(PARTS[role]), role, steps, loss))
        shares.append(Series(_(PARTS[role]), role, steps, accuracy))
    return losses, shares


def records(run: Run) -> pd.DataFrame:
    """What the training wrote down: step, epoch, part, loss, and accuracy where there is one."""
    return pd.DataFrame(read_metrics(run), columns=["step", "epoch", "part", "loss", "accuracy"])


def recorded_series(run: Run) -> LossAndAccuracy:
    """The loss of the training's own batches, and validation now and then."""
    _ = gettext()
    recorded = read_metrics(run)
    lines: dict[str, list[Series]] = {"loss": [], "accuracy": []}
    for role in get_args(Role)[:2]:
        for value, series in lines.items():
            known = [
                (record["step"], record[value])
                for record in recorded
                if record.get("part") == role and isinstance(record.get(value), int | float)
            ]
            if known:
                steps, values = zip(*known, strict=True)
                series.append(Series(_(PARTS[role]), cast(Role, role), steps, values))
    return lines["loss"], lines["accuracy"]
