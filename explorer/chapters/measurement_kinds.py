"""What can be measured about a run, point by point: the interface that a chapter implements.

A chapter lists its kinds in its table ``MEASUREMENTS`` (see ``tables.py``). Points are measured one at a time here;
``measurements.py`` runs them on the cluster or in this process and keeps the scores with the run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name

from explorer.chapters.evaluation import EvaluatedPart
from explorer.chapters.tables import all_names, chapter_table
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from models.catalogue import chapter_of, chapters
from models.errors import N_, RunError, SettingError


@dataclass(frozen=True)
class Point:
    """One thing to measure.

    index: its place among the points of its kind. at: one number for each coordinate of the kind. part: the samples
    that it is measured on. step: its checkpoint, None for the checkpoint of the whole measurement.
    """

    index: int
    at: tuple[float, ...]
    part: EvaluatedPart = "both"
    step: int | None = None


@dataclass(frozen=True)
class Score:
    """What is measured at a point. accuracy: share of correct answers. loss: mean negative log-likelihood."""

    accuracy: float
    loss: float


@dataclass(frozen=True)
class MeasurementKind:
    """One kind of measurement.

    name: on the command line and in file names. coordinates: names of the numbers in ``Point.at``, columns of a table.
    points: all points of a run, always in the same order. measure: the score of a network at a point; the network is a
    ``fast_copy``, and ``stopped`` is called often: when it returns True, ``measure`` raises ``Cancelled``.
    whole_numbers: the coordinates are integers. every_checkpoint: the points cover all checkpoints, so that the
    measurement belongs to none of them. grid: (rows, columns) that the points fill row by row, None for points in line.
    """

    name: str
    coordinates: tuple[str, ...]
    points: Callable[[Run], tuple[Point, ...]]
    measure: Callable[[OpenRun, Point, Callable[[], bool]], Score]
    whole_numbers: bool = False
    every_checkpoint: bool = False
    grid: tuple[int, int] | None = None


def measurement_kind(name: str, run: Run) -> MeasurementKind:
    """The kind called ``name`` of the chapter that ``run``'s model belongs to.

    Raises SettingError for a name that no chapter knows, RunError for a damaged run or one of another chapter.
    """
    known = all_names("MEASUREMENTS")
    if name not in known:
        raise SettingError(
            N_("There is no measurement {kind}; there are: {known}."), kind=repr(name), known=", ".join(known)
        )
    if run.damage:
        raise run.damage
    table = chapter_table(chapter_of(run.model), "MEASUREMENTS")
    if name not in table:
        raise RunError(
            N_("Run {run} cannot be measured so: only runs of {models} can."), run=run.id, models=_models_with(name)
        )
    kind: MeasurementKind = resolve_name(table[name])
    return kind


def _models_with(name: str) -> str:
    """The models whose chapter has the kind called ``name``, separated by commas."""
    suitable = (chapter for chapter in chapters() if name in chapter_table(chapter, "MEASUREMENTS"))
    return ", ".join(entry.name for chapter in suitable for entry in chapter.models)
