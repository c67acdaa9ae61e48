"""The command ``measure``: measure a run in this process, print the result, and write it as a CSV.

What can be measured comes from the chapters' tables (``explorer/chapters/tables.py``), and the confusion matrix from
any classifier.
"""

import csv
import json
import math
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from explorer.chapters.evaluation import ClassScore, Indices, confusion_counts, predictions, scores_by_class
from explorer.chapters.exports import check_writable
from explorer.chapters.measurement_kinds import measurement_kind
from explorer.chapters.measurements import Measurement, cancel_measurement, measure_missing_points, read_measurement
from explorer.cli.progress import cancellable
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, find_run
from explorer.settings import Settings
from explorer.storage import unwritable, write_atomically
from models.errors import N_, RunError, SettingError

CONFUSION = "confusion"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class MeasureResult:
    """record: the JSON object. rows: the lines of the CSV. text: for a terminal."""

    record: dict[str, Any]
    rows: Rows
    text: str


def measure(store: Path, name: str, what: str, checkpoint: int | None, as_json: bool, to: Path | None) -> int:
    """Measure a run in this process and print the result; a CSV goes to ``to``. Ctrl-C keeps the points measured.

    Points that are stored in the run's folder are not measured again. Returns the exit status. Raises UserError.
    """
    run = find_run(store, name)
    if to is not None:
        _check_csv(to)
    result = _confusion(run, checkpoint) if what == CONFUSION else _points(run, what, checkpoint)
    if to is not None:
        _save_csv(result.rows, to)
    print(json.dumps(result.record, ensure_ascii=False) if as_json else result.text)
    return 0


def _step(run: Run, checkpoint: int | None) -> int:
    """The step of the checkpoint, by default of the last one. Raises RunError where there is none."""
    if run.damage:
        raise run.damage
    if not run.checkpoints:
        raise RunError(N_("Run {run} has no checkpoint yet."), run=run.id)
    return run.checkpoints[-1] if checkpoint is None else checkpoint


def _points(run: Run, kind_name: str, checkpoint: int | None) -> MeasureResult:
    """Measure the missing points of one kind."""
    every_checkpoint = measurement_kind(kind_name, run).every_checkpoint  # refuses a run that cannot be measured
    if every_checkpoint and checkpoint is not None:
        raise SettingError(N_("Curves show every checkpoint; leave out checkpoint {step}."), step=checkpoint)
    step = _step(run, checkpoint)

    def progress() -> str:
        return _summary(run, read_measurement(run, step, kind_name))

    with cancellable(progress, lambda: cancel_measurement(run, step, kind_name)):
        measure_missing_points(str(run.path), kind_name, step)
    measurement = read_measurement(run, step, kind_name)
    if measurement.state == "failed":
        raise RunError(measurement.message, **measurement.message_values)
    rows = _point_rows(measurement)
    record = {
        "run": run.id,
        "what": kind_name,
        "checkpoint": None if every_checkpoint else step,
        "status": measurement.state,
        "done": measurement.done,
        "total": measurement.total,
        "seconds": round(measurement.seconds, 3),
        "points": rows,
    }
    lines = _row_lines(rows) if measurement.definition.grid is None else _grid_lines(measurement)
    return MeasureResult(record, rows, "\n".join([_summary(run, measurement), *lines]))


def _point_rows(measurement: Measurement) -> Rows:
    """A row for each point measured: its coordinates, its part where there are several, accuracy and loss.

    A loss that is not finite is None: JSON has no other word for it.
    """
    kind = measurement.definition
    several_parts = len({point.part for point in measurement.points}) > 1
    rows = []
    for point in measurement.points:
        accuracy, loss = float(measurement.accuracy[point.index]), float(measurement.loss[point.index])
        if math.isnan(accuracy):
            continue
        at = [int(value) for value in point.at] if kind.whole_numbers else point.at
        part = {"part": point.part} if several_parts else {}
        coordinates = dict(zip(kind.coordinates, at, strict=True))
        rows.append({**coordinates, **part, "accuracy": accuracy, "loss": loss if math.isfinite(loss) else None})
    return rows


def _summary(run: Run, measurement: Measurement) -> str:
    """The measurement in one line, which is also its progress."""
    left = "" if measurement.seconds_left is None else f", {measurement.seconds_left:.0f} s left"
    counts = f"{measurement.done} of {measurement.total}, {measurement.seconds:.1f} s{left}"
    return f"{run.id}; {measurement.kind}; {measurement.state}; {counts}"


def _grid_lines(measurement: Measurement) -> list[str]:
    """Accuracy in per cent: a line for each value of the second coordinate, a column for each of the first."""
    across, down = measurement.definition.coordinates
    columns = sorted({int(point.at[0]) for point in measurement.points})
    rows = sorted({int(point.at[1]) for point in measurement.points})
    head = f"  {down}\\{across} " + " ".join(f"{value:5d}" for value in columns)
    cells = [" ".join("    –" if math.isnan(v) else f"{100 * v:5.1f}" for v in row) for row in measurement.grid()]
    return [head, *(f"{value:5d} {line}" for value, line in zip(rows, cells, strict=True))]


def _row_lines(rows: Rows) -> list[str]:
    return ["  ".join(f"{key} {_short(value)}" for key, value in row.items()) for row in rows]


def _short(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _confusion(run: Run, checkpoint: int | None) -> MeasureResult:
    """The confusion matrix over the validation and test parts, with precision and recall of each class."""
    step = _step(run, checkpoint)
    result = predictions(open_run(run, step), "both")
    counts, scores = confusion_counts(result), scores_by_class(result)
    record = {
        "run": run.id,
        "what": CONFUSION,
        "checkpoint": step,
        "parts": [name for name, _ in result.parts],
        "accuracy": result.accuracy,
        "confusion": counts.tolist(),
        "classes": [_class_record(i, score) for i, score in enumerate(scores)],
    }
    rows = [{"truth": i, "said": j, "count": int(n)} for i, row in enumerate(counts) for j, n in enumerate(row)]
    summary = f"{run.id}; accuracy {result.accuracy:.4f} of {len(result)}"
    return MeasureResult(record, rows, "\n".join([summary, *_confusion_lines(counts, scores)]))


def _class_record(index: int, score: ClassScore) -> dict[str, Any]:
    shares = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
    finite = {name: None if math.isnan(value) else value for name, value in shares.items()}
    return {"class": index, **finite, "support": score.support}


def _confusion_lines(counts: Indices, scores: Sequence[ClassScore]) -> list[str]:
    head = "truth " + " ".join(f"{i:5d}" for i in range(len(counts))) + "  precision  recall     f1"
    lines = [
        f"{i:5d} " + " ".join(f"{n:5d}" for n in row) + f"  {s.precision:9.4f}  {s.recall:6.4f}  {s.f1:.4f}"
        for i, (row, s) in enumerate(zip(counts, scores, strict=True))
    ]
    return [head, *lines]


def _check_csv(to: Path) -> None:
    """Raise RunError where ``to`` is no CSV or cannot be written, before anything is measured."""
    if to.suffix != ".csv":
        raise RunError(N_("A measurement cannot be written as {name}; the ending is .csv."), name=repr(to.name))
    try:
        check_writable(to)
    except OSError as error:
        raise unwritable(to, error) from None


def _save_csv(rows: Rows, to: Path) -> None:
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    try:
        write_atomically(to, text.getvalue())
    except OSError as error:
        raise unwritable(to, error) from None


def execute(settings: Settings, options: Namespace) -> int:
    """Carry out the parsed command. Returns the exit status. Raises UserError."""
    return measure(settings.store, options.run, options.what, options.checkpoint, options.json, options.to)
