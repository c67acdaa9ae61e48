"""Reading a file like UCI's hour.csv: what is taken, and one clear sentence for each thing that can be wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.data import bikes, files
from models.errors import DataError

HEADER = [
    "instant",
    "dteday",
    "season",
    "yr",
    "mnth",
    "hr",
    "holiday",
    "weekday",
    "workingday",
    "weathersit",
    "temp",
    "atemp",
    "hum",
    "windspeed",
    "casual",
    "registered",
    "cnt",
]
Rows = list[list[str]]


def hours(count: int = bikes.FEWEST_ROWS) -> Rows:
    """Rows like UCI's, from 2011-01-01 on, header first."""
    rows = [list(HEADER)]
    for i in range(count):
        at = datetime(2011, 1, 1) + timedelta(hours=i)
        cells = [i + 1, f"{at:%Y-%m-%d}", 1, 0, at.month, at.hour, 0, at.isoweekday() % 7, 0, 1 + i % 4]
        rows.append([str(cell) for cell in [*cells, 0.24, 0.28, 0.8, 0.1, 3, 13 + i, 16 + i]])
    return rows


def text(rows: Rows) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def put(row: int, column: str, value: str) -> Callable[[Rows], None]:
    """Write ``value`` into a row (numbered as in a spreadsheet: the header is row 1)."""

    def change(rows: Rows) -> None:
        rows[row - 1][HEADER.index(column)] = value

    return change


def test_reads_numbers_and_times(tmp_path: Path) -> None:
    path = tmp_path / "hour.csv"
    path.write_text("\ufeff" + text(hours()).replace("\n", "\r\n"), encoding="utf-8")  # as a spreadsheet saves it
    table = bikes.from_file(path)
    assert len(table) == 672
    assert table["time"].iloc[25] == "2011-01-02T01"
    assert table["cnt"].iloc[25] == 41
    assert table["weathersit"].iloc[:5].tolist() == [1, 2, 3, 4, 1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put(7, "temp", "warm"), "The file 'a.csv' has 'warm' in row 7, column temp, where a number must stand."),
        (put(7, "temp", ""), "The file 'a.csv' has '' in row 7, column temp, where a number must stand."),
        (put(8, "cnt", "nan"), "The file 'a.csv' has 'nan' in row 8, column cnt, where a number must stand."),
        (put(8, "hum", "1e999"), "The file 'a.csv' has '1e999' in row 8, column hum, where a number must stand."),
        (put(9, "cnt", "-1"), "The file 'a.csv' has '-1' in row 9, column cnt, where a count of bikes must stand."),
        (put(2, "season", "5"), "The file 'a.csv' has '5' in row 2, column season, where 1 to 4 must stand."),
        (put(2, "season", "1.5"), "The file 'a.csv' has '1.5' in row 2, column season, where 1 to 4 must stand."),
        (put(3, "hr", "24"), "The file 'a.csv' has '24' in row 3, column hr, where 0 to 23 must stand."),
        (put(3, "holiday", "2"), "The file 'a.csv' has '2' in row 3, column holiday, where 0 to 1 must stand."),
        (put(673, "weekday", "7"), "The file 'a.csv' has '7' in row 673, column weekday, where 0 to 6 must stand."),
        (
            put(4, "dteday", "2011-02-30"),
            "The file 'a.csv' has '2011-02-30' in row 4, column dteday, where a day like 2011-01-31 must stand.",
        ),
        (
            put(4, "dteday", "13/13/2011"),
            "The file 'a.csv' has '13/13/2011' in row 4, column dteday, where a day like 2011-01-31 must stand.",
        ),
        (
            put(4, "hr", "1"),
            "The file 'a.csv' has the hour 2011-01-01T01 twice: in row 4 it stands again.",
        ),
        (
            put(4, "hr", "0"),
            "The file 'a.csv' is not in order of time: in row 4, 2011-01-01T00 comes after 2011-01-01T01.",
        ),
        (lambda rows: rows[5].append("7"), "The file 'a.csv' has 18 cells in row 6 instead of 17."),
        (lambda rows: rows[5].clear(), None),
        (lambda rows: rows[5].pop(), "The file 'a.csv' has 16 cells in row 6 instead of 17."),
        (
            lambda rows: [row.pop(HEADER.index("hr")) for row in rows],
            "The file 'a.csv' has no column hr; there are: instant, dteday, season, yr, mnth, holiday, weekday, "
            "workingday, weathersit, temp, atemp, hum, windspeed, casual, regis….",
        ),
        (put(1, "atemp", "temp"), "The file 'a.csv' has the column temp twice."),
        (
            lambda rows: rows.pop(),
            "The file 'a.csv' has 671 rows; 672 are needed: 21 days to predict and a week to learn from.",
        ),
        (
            put(4, "instant", '"1"x'),
            "The file 'a.csv' is not a readable CSV after row 3: ',' expected after '\"'.",
        ),
    ],
)
def test_one_sentence_for_each_mistake(change: Callable[[Rows], object], sentence: str | None) -> None:
    rows = hours(672 if sentence else 673)
    change(rows)
    if sentence is None:  # a blank line is no mistake
        assert len(bikes.parsed(text(rows), "a.csv")) == 672
        return
    with pytest.raises(DataError) as caught:
        bikes.parsed(text(rows), "a.csv")
    assert str(caught.value) == sentence


def test_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hour.csv"
    with pytest.raises(DataError, match=r"There is no file '.*hour.csv'"):
        bikes.from_file(path)
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        bikes.from_file(tmp_path)
    path.write_bytes(b" \n\n")
    with pytest.raises(DataError, match=r"The file 'hour.csv' is empty\."):
        bikes.from_file(path)
    path.write_bytes(b"instant,dteday\n1,2011\n2,\xff\n")
    with pytest.raises(DataError, match=r"'hour.csv' is not text in UTF-8: line 3 holds bytes that do not fit"):
        bikes.from_file(path)
    path.write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(DataError, match=r"'hour.csv' is larger than 1 MB"):
        files.read_text(path, most_bytes=2**20)
    assert files.MOST_BYTES == 64 * 2**20
