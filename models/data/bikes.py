"""Hourly bike hires as a checked table: the embedded year 2011, or UCI's ``hour.csv`` (2011 and 2012).

Every mistake in a file is one DataError that names the file, the row (the header is row 1) and the value. Encoding for
a network is not done here; see ``models/bike/demand.py``.
"""

import gzip
import math
import re
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd

from models.data.files import FOLDER, csv_rows, read_text
from models.errors import N_, DataError

EMBEDDED = FOLDER / "bike_2011.csv.gz"
# UCI's names and codes; the same lists in every file, so that a rare category (heavy rain) always has its column.
CATEGORIES = {
    "season": range(1, 5),
    "weathersit": range(1, 5),
    "mnth": range(1, 13),
    "hr": range(24),
    "weekday": range(7),
}
FLAGS = {"yr": range(2), "holiday": range(2)}
MEASURES = ("temp", "hum", "windspeed")
TARGET = "cnt"
COLUMNS = ("dteday", *CATEGORIES, *FLAGS, *MEASURES, TARGET)
FEWEST_ROWS = 504 + 168  # 21 days to predict and a week to learn from


@lru_cache(maxsize=1)
def embedded() -> pd.DataFrame:
    """8,645 hours of 2011. Cached: do not write into it."""
    return parsed(gzip.decompress(EMBEDDED.read_bytes()).decode(), EMBEDDED.name)


def from_file(path: Path) -> pd.DataFrame:
    """The hours of a file in the form of UCI's ``hour.csv``. Raises DataError."""
    return parsed(read_text(path), path.name)


def parsed(text: str, name: str) -> pd.DataFrame:
    """One row an hour in order of time: ``time`` ("2011-01-31T08") and, as numbers, the other COLUMNS.

    name: the file's, for the messages. Columns that are not needed are dropped. Raises DataError.
    """
    rows = csv_rows(text, name)
    header = [cell.strip() for cell in next(rows)[1]]
    _check_header(header, name)
    place = {column: header.index(column) for column in COLUMNS}
    table: dict[str, list[float]] = {column: [] for column in COLUMNS if column != "dteday"}
    times: list[str] = []
    for row, cells in rows:
        for column, values in table.items():
            values.append(_number(cells[place[column]], column, row, name))
        day = _day(cells[place["dteday"]], int(table["mnth"][-1]), row, name)
        times.append(f"{day}T{int(table['hr'][-1]):02d}")
        if len(times) > 1 and times[-1] == times[-2]:
            raise DataError(
                N_("The file {name} has the hour {time} twice: in row {row} it stands again."),
                name=repr(name),
                row=row,
                time=times[-1],
            )
        if len(times) > 1 and times[-1] < times[-2]:
            raise DataError(
                N_("The file {name} is not in order of time: in row {row}, {time} comes after {before}."),
                name=repr(name),
                row=row,
                time=times[-1],
                before=times[-2],
            )
    if len(times) < FEWEST_ROWS:
        raise DataError(
            N_("The file {name} has {found} rows; {wanted} are needed: 21 days to predict and a week to learn from."),
            name=repr(name),
            found=len(times),
            wanted=FEWEST_ROWS,
        )
    return pd.DataFrame({"time": times, **table})


def _check_header(header: list[str], name: str) -> None:
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise DataError(
            N_("The file {name} has no column {missing}; there are: {found}."),
            name=repr(name),
            missing=", ".join(missing),
            found=", ".join(header),
        )
    for column in COLUMNS:
        if header.count(column) > 1:
            raise DataError(N_("The file {name} has the column {column} twice."), name=repr(name), column=column)


def _number(cell: str, column: str, row: int, name: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    allowed = CATEGORIES.get(column) or FLAGS.get(column)
    if not math.isfinite(value):
        raise DataError(
            N_("The file {name} has {value} in row {row}, column {column}, where a number must stand."),
            name=repr(name),
            value=repr(cell),
            row=row,
            column=column,
        )
    if allowed is not None and value not in allowed:
        raise DataError(
            N_("The file {name} has {value} in row {row}, column {column}, where {first} to {last} must stand."),
            name=repr(name),
            value=repr(cell),
            row=row,
            column=column,
            first=allowed[0],
            last=allowed[-1],
        )
    if column == TARGET and value < 0:
        raise DataError(
            N_("The file {name} has {value} in row {row}, column {column}, where a count of bikes must stand."),
            name=repr(name),
            value=repr(cell),
            row=row,
            column=column,
        )
    return value


def _day(cell: str, month: int, row: int, name: str) -> str:
    """The day as ``2011-01-31``; the calendar is checked.

    Spreadsheets write 2011/1/31, 1/31/2011 or 31/1/2011, some with a time of 0:00 behind it. month: as the row's own
    column has it, which tells the last two apart.

    >>> _day("2011/1/31", 1, 2, "a.csv"), _day("31/1/2011 0:00", 1, 2, "a.csv")
    ('2011-01-31', '2011-01-31')
    """
    match = re.fullmatch(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:[ T]0{1,2}(?::00){1,2})?", cell.strip())
    if match is not None:
        first, second, third = int(match[1]), int(match[3]), int(match[4])
        if len(match[1]) == 4:
            year, months, day = first, second, third
        else:
            year, months, day = (third, first, second) if first == month else (third, second, first)
        with suppress(ValueError):
            return date(year, months, day).isoformat()
    raise DataError(
        N_("The file {name} has {value} in row {row}, column dteday, where a day like 2011-01-31 must stand."),
        name=repr(name),
        value=repr(cell),
        row=row,
    )
