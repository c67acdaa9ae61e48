"""The commands of the laboratory: measure a run, and make a film of it; ``cli.py`` parses, this carries out."""

import csv
import json
import math
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any, cast

from explorer.chapters.digits.image_sweeps import KINDS, Kind
from explorer.chapters.digits.kernel_film import check_writable
from explorer.chapters.evaluation import confusion_counts, predictions, scores_by_class
from explorer.chapters.exports import export_run
from explorer.chapters.measurements import Measurement, cancel, measure_missing_points, read
from explorer.figures.palette import theme
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, find_run
from explorer.storage import write_atomically
from models.errors import N_, RunError, SettingError

CONFUSION = "confusion"
WHAT: tuple[str, ...] = (*KINDS, CONFUSION)
# What a point's place is called in a table.
PLACES: dict[Kind, tuple[str, ...]] = {
    "shift": ("x", "y"),
    "rotation": ("degrees",),
    "scale": ("scale",),
    "noise": ("noise",),
    "curves": ("step",),
}
Rows = list[dict[str, Any]]


def measure(store: Path, name: str, what: str, checkpoint: int | None, as_json: bool, to: Path | None) -> int:
    """Measure a run in this process and print the result; a CSV goes to ``to``. Ctrl-C keeps the points done.

    What is measured once is read from the run's folder the next time. Raises UserError.
    """
    run = find_run(store, name)
    if to is not None:
        _check_place(to)
    record, rows, text = _confusion(run, checkpoint) if what == CONFUSION else _sweep(run, cast(Kind, what), checkpoint)
    if to is not None:
        _save(rows, to)
    print(json.dumps(record, ensure_ascii=False) if as_json else text)
    return 0


def film(store: Path, name: str, checkpoint: int | None, to: Path, sample: str) -> int:
    """Write the run's film on ``sample`` ('' for the first) to a .gif."""
    export_run(find_run(store, name), checkpoint, to, look=theme(dark=False), sample=sample)
    return 0


def _step(run: Run, checkpoint: int | None) -> int:
    if run.damage:
        raise run.damage
    if not run.checkpoints:
        raise RunError(N_("Run {run} has no checkpoint yet."), run=run.id)
    return run.checkpoints[-1] if checkpoint is None else checkpoint


def _sweep(run: Run, kind: Kind, checkpoint: int | None) -> tuple[dict[str, Any], Rows, str]:
    if kind == "curves" and checkpoint is not None:
        raise SettingError(N_("Curves show every checkpoint; leave out checkpoint {step}."), step=checkpoint)
    step = _step(run, checkpoint)
    read(run, step, kind)  # a run that cannot be measured is refused before anything begins
    with _cancelled_by_ctrl_c(run, step, kind), _progress(run, step, kind):
        measure_missing_points(str(run.path), kind, step)
    found = read(run, step, kind)
    if found.state == "failed":
        raise RunError(found.message, **found.message_values)
    rows = _rows(found)
    record = {
        "run": run.id,
        "what": kind,
        "checkpoint": None if kind == "curves" else step,
        "status": found.state,
        "done": found.done,
        "total": found.total,
        "seconds": round(found.seconds, 3),
        "points": rows,
    }
    return record, rows, "\n".join([_one_line(run, found), *(_grid(found) if kind == "shift" else _lines(rows))])


def _rows(found: Measurement) -> Rows:
    """The points done, one a row; JSON has no word for no number at all: null."""
    rows = []
    for point in found.points:
        accuracy, loss = float(found.accuracy[point.index]), float(found.loss[point.index])
        if math.isnan(accuracy):
            continue
        place: dict[str, Any] = dict(zip(PLACES[found.kind], point.at, strict=True))
        if found.kind in ("shift", "curves"):
            place = {key: int(value) for key, value in place.items()}
        part = {"part": point.part} if found.kind == "curves" else {}
        rows.append({**place, **part, "accuracy": accuracy, "loss": loss if math.isfinite(loss) else None})
    return rows


def _one_line(run: Run, found: Measurement) -> str:
    left = "" if found.seconds_left is None else f", {found.seconds_left:.0f} s left"
    return f"{run.id}; {found.kind}; {found.state}; {found.done} of {found.total}, {found.seconds:.1f} s{left}"


def _grid(found: Measurement) -> list[str]:
    """Accuracy in percent for each shift: a row for y, a column for x."""
    head = "  y\\x " + " ".join(f"{x:5d}" for x in range(-6, 7))
    cells = [" ".join("    –" if math.isnan(v) else f"{100 * v:5.1f}" for v in row) for row in found.grid()]
    return [head, *(f"{y:5d} {line}" for y, line in zip(range(-6, 7), cells, strict=True))]


def _lines(rows: Rows) -> list[str]:
    return ["  ".join(f"{key} {_short(value)}" for key, value in row.items()) for row in rows]


def _short(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _confusion(run: Run, checkpoint: int | None) -> tuple[dict[str, Any], Rows, str]:
    found = predictions(open_run(run, _step(run, checkpoint)), "both")
    matrix, scores = confusion_counts(found), scores_by_class(found)
    classes = [
        {
            "class": i,
            **{
                name: None if math.isnan(v) else v
                for name, v in (("precision", s.precision), ("recall", s.recall), ("f1", s.f1))
            },
            "support": s.support,
        }
        for i, s in enumerate(scores)
    ]
    record = {
        "run": run.id,
        "what": CONFUSION,
        "checkpoint": _step(run, checkpoint),
        "parts": [n for n, _ in found.parts],
        "accuracy": found.accuracy,
        "confusion": matrix.tolist(),
        "classes": classes,
    }
    rows = [{"truth": i, "said": j, "count": int(n)} for i, row in enumerate(matrix) for j, n in enumerate(row)]
    head = "truth " + " ".join(f"{i:5d}" for i in range(len(matrix))) + "  precision  recall     f1"
    lines = [
        f"{i:5d} " + " ".join(f"{n:5d}" for n in row) + f"  {s.precision:9.4f}  {s.recall:6.4f}  {s.f1:.4f}"
        for i, (row, s) in enumerate(zip(matrix, scores, strict=True))
    ]
    return record, rows, "\n".join([f"{run.id}; accuracy {found.accuracy:.4f} of {len(found)}", head, *lines])


def _check_place(to: Path) -> None:
    if to.suffix != ".csv":
        raise RunError(N_("A measurement cannot be written as {name}; the ending is .csv."), name=repr(to.name))
    try:
        check_writable(to)
    except OSError as error:
        raise _unwritable(to, error) from None


def _save(rows: Rows, to: Path) -> None:
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    try:
        write_atomically(to, text.getvalue().encode())
    except OSError as error:
        raise _unwritable(to, error) from None


def _unwritable(to: Path, error: OSError) -> RunError:
    return RunError(N_("The file {path} cannot be written: {reason}."), path=to, reason=error.strerror or error)


@contextmanager
def _cancelled_by_ctrl_c(run: Run, step: int, kind: Kind) -> Iterator[None]:
    """While the block lasts, an interrupt asks the measurement to stop instead of breaking it off."""

    def ask(number: int, frame: FrameType | None) -> None:
        cancel(run, step, kind)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(run: Run, step: int, kind: Kind) -> Iterator[None]:
    """Repeats the measurement's progress on standard error, in place, where that is a terminal."""
    ended = threading.Event()

    def show() -> None:
        while not ended.wait(0.5):
            print(f"\r\x1b[K{_one_line(run, read(run, step, kind))}", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=show, daemon=True)
    if sys.stderr.isatty():
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if thread.is_alive():
            thread.join()
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
