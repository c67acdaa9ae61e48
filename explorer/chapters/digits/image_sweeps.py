"""What the laboratory measures about a digits run: accuracy and loss over changed test images, and over checkpoints.

The book moves one image by three pixels and asks again (section 5.3). Here every point is measured on all 10,000 images
of MNIST's test file, the book's validation and test part together. Points are measured one at a time and nothing is
kept: ``measurements.py`` does that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from explorer.chapters.evaluation import BATCH_SIZE
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.runs.loop import Cancelled
from models.base import Config
from models.catalogue import model
from models.digits.changes import NO_CHANGE, Change, changed
from models.errors import N_, RunError, SettingError

Kind = Literal["shift", "rotation", "scale", "noise", "curves"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PartName = Literal["train", "validation", "test", "both"]
MODEL = "digits"
FURTHEST_SHIFT = 6  # pixels, in all four directions
ANGLES = tuple(range(-90, 91, 5))  # degrees, counter-clockwise
SCALES = tuple(round(0.5 + 0.05 * i, 2) for i in range(21))
NOISES = tuple(round(0.05 * i, 2) for i in range(21))  # standard deviation, where ink is 1
CURVE_ROWS = 5_000  # images of each part on a curve: all that validate and test, and the first of those trained on
CURVE_PARTS: tuple[PartName, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Point:
    """One thing to measure. index: its place in ``points``. part: on which images.

    at: where it is drawn: (x, y) of a shift in pixels, else (degrees,), (scale,), (noise,) or (step,).
    step: of its checkpoint, None for that at which the whole sweep is measured.
    """

    index: int
    at: tuple[float, ...]
    part: PartName = "both"
    change: Change = NO_CHANGE
    step: int | None = None


@dataclass(frozen=True)
class Score:
    """accuracy: share of right answers; loss: mean negative log-likelihood."""

    accuracy: float
    loss: float


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """inputs: (N, 1, 28, 28) float in 0..1; targets: (N,). Kept between points: do not write into them."""

    inputs: Tensor
    targets: Tensor


def points(kind: Kind, run: Run) -> tuple[Point, ...]:
    """All points of a sweep, always in the same order; shifts row by row, from the top left.

    Raises SettingError for an unknown kind, RunError for a run of another model than digits.
    """
    if kind not in KINDS:
        raise SettingError(
            N_("Nothing is measured under {kind}; there are: {known}."), kind=repr(kind), known=", ".join(KINDS)
        )
    if run.damage:
        raise run.damage
    if run.model != MODEL:
        raise RunError(N_("Run {run} cannot be measured so: only runs of digits can."), run=run.id)
    if kind == "curves":
        places = [(step, part) for step in run.checkpoints for part in CURVE_PARTS]
        return tuple(Point(i, (step,), part, NO_CHANGE, step) for i, (step, part) in enumerate(places))
    return _changes(kind)


@lru_cache(maxsize=len(KINDS))
def _changes(kind: Kind) -> tuple[Point, ...]:
    if kind == "shift":
        reach = range(-FURTHEST_SHIFT, FURTHEST_SHIFT + 1)
        wanted = [((x, y), Change(x=x, y=y)) for y in reach for x in reach]
        return tuple(Point(i, (float(x), float(y)), change=change) for i, ((x, y), change) in enumerate(wanted))
    if kind == "rotation":
        return tuple(Point(i, (float(a),), change=Change(angle=a)) for i, a in enumerate(ANGLES))
    if kind == "scale":
        return tuple(Point(i, (s,), change=Change(scale=s)) for i, s in enumerate(SCALES))
    return tuple(Point(i, (n,), change=Change(noise=n)) for i, n in enumerate(NOISES))


def images(opened: OpenRun, part: PartName) -> LabelledImages:
    """The images that points of ``part`` are measured on, prepared once and kept."""
    return _images(opened.run.model, opened.config, opened.run.source, part)


@lru_cache(maxsize=len(CURVE_PARTS))
def _images(name: str, config: Config, source: Path | None, part: PartName) -> LabelledImages:
    book = model(name)
    data = book.load(config, source)
    if part == "both":
        parts = (data.validation, data.test)
        return LabelledImages(book.prepare(torch.cat([p.inputs for p in parts])), torch.cat([p.targets for p in parts]))
    found = {"train": data.train, "validation": data.validation, "test": data.test}[part]
    return LabelledImages(book.prepare(found.inputs[:CURVE_ROWS]), found.targets[:CURVE_ROWS])


def measured(
    network: nn.Module, on: LabelledImages, change: Change, stopped: Callable[[], bool] = lambda: False
) -> Score:
    """What ``network`` (in evaluation mode; ``fast_copy`` makes a quick one) says about ``on`` after ``change``.

    Batches of 128, whose number is the seed of their noise. stopped: asked before each batch; raises Cancelled when
    it says so.
    """
    right, loss = 0, 0.0
    with torch.no_grad():
        for i, (x, y) in enumerate(zip(on.inputs.split(BATCH_SIZE), on.targets.split(BATCH_SIZE), strict=True)):
            if stopped():
                raise Cancelled
            scores = network(changed(x, change, seed=i))  # (B, 10)
            right += int((scores.argmax(dim=1) == y).sum())
            loss -= float(scores.gather(1, y[:, None]).sum(dtype=torch.float64))
    return Score(right / len(on.targets), loss / len(on.targets))
