"""Tables, reviews and pictures that once fell short (``../shared/cases``): what is read of each."""

from pathlib import Path

import pytest

from models.data import bikes, reviews
from models.errors import DataError
from tests.cases.test_model_cases import case


def test_big5_is_read_as_such() -> None:
    found = reviews.from_source(case("big5.csv"))
    assert {"房間", "服務"} <= {word for review in found for word in review.words}


@pytest.mark.parametrize("name", ["zero_width.csv", "fullwidth.csv", "tsv.csv", "jiji.csv"])
def test_usual_forms_of_reviews(name: str) -> None:
    found = reviews.from_source(case(name))
    assert len(found) == 400
    assert sum(review.label for review in found) == 200
    assert found[0].words[:2] == ("环境", "很差")
    assert found[0].label == 0
    words = {word for review in found for word in review.words}
    assert not any("\u200b" in word for word in words)
    if name == "fullwidth.csv":
        assert {"BAD", "GOOD123"} <= words


def test_one_review_a_line() -> None:
    found = reviews.from_source(case("seps/good.txt").parent)
    lines = [case(f"seps/{name}.txt").read_bytes().count(b"\n") + 1 for name in ("good", "bad")]
    assert len(found) == sum(lines)


@pytest.mark.parametrize("name", ["excel_slash.csv", "blank_tail.csv"])
def test_what_a_spreadsheet_saves(name: str) -> None:
    hours = bikes.from_file(case(name))
    assert len(hours) == 1500
    assert hours.time.iloc[0] == "2011-01-01T00"
    assert hours.time.iloc[-1] == "2011-03-07T20"


def test_an_hour_that_stands_twice() -> None:
    with pytest.raises(DataError, match=r"has the hour 2011-01-13T22 twice: in row 302"):
        bikes.from_file(case("dup_rows.csv"))


def test_a_file_in_an_encoding_that_is_not_recognised(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"label,text\n1," + bytes(range(128, 256)) * 3 + b"\n")
    with pytest.raises(DataError, match=r"line 2 holds bytes that do not fit"):
        reviews.from_source(path)
