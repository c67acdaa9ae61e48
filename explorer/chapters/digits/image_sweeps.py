"""Accuracy and loss of a digits run on changed test images, and over its checkpoints: the chapter's measurements.

The book moves one image by three pixels and asks the network again (section 5.3). Here every point is measured on all
10,000 images of MNIST's test file, which are the book's validation and test part together; or, for a first answer in
seconds, on 500 of them. That is a measurement of its own, with a name and files of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import torch
from torch import Tensor, nn

from explorer.chapters.evaluation import BATCH_SIZE, EvaluatedPart
from explorer.chapters.measurement_kinds import MeasurementKind, Point, Score
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.runs.loop import Cancelled
from models.base import Config
from models.catalogue import model
from models.digits.changes import NO_CHANGE, Change, changed

LARGEST_SHIFT = 6  # pixels, in all four directions
ANGLES = tuple(range(-90, 91, 5))  # degrees, counter-clockwise
SCALES = tuple(round(0.5 + 0.05 * i, 2) for i in range(21))
NOISES = tuple(round(0.05 * i, 2) for i in range(21))  # standard deviation, where ink is 1
CURVE_ROWS = 5_000  # images of each part on a curve: all of validation and test, the first of the training part
SAMPLED = 500  # images of a first answer
CURVE_PARTS: tuple[EvaluatedPart, ...] = ("train", "validation", "test")

CHANGES: Mapping[str, Callable[..., Change]] = {
    "shift": lambda x, y: Change(x=int(x), y=int(y)),
    "rotation": lambda degrees: Change(angle=degrees),
    "scale": lambda scale: Change(scale=scale),
    "noise": lambda deviation: Change(noise=deviation),
    "curves": lambda _step: NO_CHANGE,
}
"""Kind of measurement → the change of the images at a point, from the coordinates of the point."""


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """inputs: (N, 1, 28, 28) float in 0..1; targets: (N,). Shared between points: do not write into them."""

    inputs: Tensor
    targets: Tensor


def change_at(kind: str, point: Point) -> Change:
    """How the images are changed at ``point`` of the measurement called ``kind``.

    >>> change_at("shift", Point(0, (3.0, -2.0))) == Change(x=3, y=-2)
    True
    """
    return CHANGES[kind](*point.at)


def labelled_images(opened: OpenRun, part: EvaluatedPart, at_most: int | None = None) -> LabelledImages:
    """The images that points of ``part`` are measured on, prepared once and cached.

    at_most: so many of them, at equal distances, since the test file's second half is harder than its first.
    """
    return _labelled_images(opened.run.model, opened.config, opened.run.source, part, at_most)


@dataclass(frozen=True)
class SampleSizes:
    """On how many images a point is measured: sampled for a first answer, whole for all of validation and test."""

    sampled: int
    whole: int

    @property
    def times(self) -> int:
        """How many times as many images all of them are."""
        return self.whole // max(1, self.sampled)


def sample_sizes(opened: OpenRun) -> SampleSizes:
    """The numbers of images of a run's own data."""
    data = opened.book.load(opened.config, opened.run.source)
    whole = len(data.validation) + len(data.test)
    return SampleSizes(min(SAMPLED, whole), whole)


def curve_sizes(opened: OpenRun) -> dict[EvaluatedPart, int]:
    """The number of images of each part that a curve is measured on; a run may have learned from fewer."""
    data = opened.book.load(opened.config, opened.run.source)
    sizes = zip(CURVE_PARTS, map(len, (data.train, data.validation, data.test)), strict=True)
    return {part: min(CURVE_ROWS, size) for part, size in sizes}


@lru_cache(maxsize=len(CURVE_PARTS) + 1)
def _labelled_images(
    model_name: str, config: Config, source: Path | None, part: EvaluatedPart, at_most: int | None
) -> LabelledImages:
    if at_most is not None:
        whole = _labelled_images(model_name, config, source, part, None)
        distance = max(1, len(whole.targets) // at_most)
        return LabelledImages(whole.inputs[::distance][:at_most].contiguous(), whole.targets[::distance][:at_most])
    book = model(model_name)
    data = book.load(config, source)
    if part == "both":
        parts = (data.validation, data.test)
        return LabelledImages(book.prepare(torch.cat([p.inputs for p in parts])), torch.cat([p.targets for p in parts]))
    chosen = {"train": data.train, "validation": data.validation, "test": data.test}[part]
    return LabelledImages(book.prepare(chosen.inputs[:CURVE_ROWS]), chosen.targets[:CURVE_ROWS])


def score_on_changed(
    network: nn.Module, images: LabelledImages, change: Change, stopped: Callable[[], bool] = lambda: False
) -> Score:
    """The score of ``network`` (in evaluation mode) on ``images`` after ``change``.

    The number of a batch of 128 is the seed of its noise. stopped: called before each batch; raises Cancelled when it
    returns True.
    """
    correct, loss = 0, 0.0
    with torch.no_grad():
        batches = zip(images.inputs.split(BATCH_SIZE), images.targets.split(BATCH_SIZE), strict=True)
        for i, (x, y) in enumerate(batches):
            if stopped():
                raise Cancelled
            scores = network(changed(x, change, seed=i))  # (B, 10) log-probabilities
            correct += int((scores.argmax(dim=1) == y).sum())
            loss -= float(scores.gather(1, y[:, None]).sum(dtype=torch.float64))
    return Score(correct / len(images.targets), loss / len(images.targets))


def _kind(
    name: str,
    coordinates: tuple[str, ...],
    points: Callable[[Run], tuple[Point, ...]],
    *,
    whole_numbers: bool = False,
    every_checkpoint: bool = False,
    grid: tuple[int, int] | None = None,
) -> MeasurementKind:
    measure = partial(_score_at, name, None)
    return MeasurementKind(name, coordinates, points, measure, whole_numbers, every_checkpoint, grid)


def _score_at(change: str, at_most: int | None, opened: OpenRun, point: Point, stopped: Callable[[], bool]) -> Score:
    images = labelled_images(opened, point.part, at_most)
    return score_on_changed(opened.network, images, change_at(change, point), stopped)


def sampled_name(kind: str) -> str:
    """The name of the first answer to the measurement called ``kind``.

    >>> sampled_name("noise")
    'noise-of-500'
    """
    return f"{kind}-of-{SAMPLED}"


def _sampled(kind: MeasurementKind) -> MeasurementKind:
    """The same points on ``SAMPLED`` images."""
    return replace(kind, name=sampled_name(kind.name), measure=partial(_score_at, kind.name, SAMPLED))


def _same_for_every_run(coordinates: Sequence[tuple[float, ...]]) -> Callable[[Run], tuple[Point, ...]]:
    points = tuple(Point(i, at) for i, at in enumerate(coordinates))
    return lambda _run: points


def _curve_points(run: Run) -> tuple[Point, ...]:
    """A point for each checkpoint and part, the parts of one checkpoint together."""
    pairs = [(step, part) for step in run.checkpoints for part in CURVE_PARTS]
    return tuple(Point(i, (step,), part, step) for i, (step, part) in enumerate(pairs))


_SHIFTS = range(-LARGEST_SHIFT, LARGEST_SHIFT + 1)
SHIFT = _kind(
    "shift",
    ("x", "y"),
    _same_for_every_run([(float(x), float(y)) for y in _SHIFTS for x in _SHIFTS]),  # row by row, from the top left
    whole_numbers=True,
    grid=(len(_SHIFTS), len(_SHIFTS)),
)
ROTATION = _kind("rotation", ("degrees",), _same_for_every_run([(float(angle),) for angle in ANGLES]))
SCALE = _kind("scale", ("scale",), _same_for_every_run([(scale,) for scale in SCALES]))
NOISE = _kind("noise", ("noise",), _same_for_every_run([(noise,) for noise in NOISES]))
CURVES = _kind("curves", ("step",), _curve_points, whole_numbers=True, every_checkpoint=True)
SHIFT_OF_500, ROTATION_OF_500, SCALE_OF_500, NOISE_OF_500 = map(_sampled, (SHIFT, ROTATION, SCALE, NOISE))
