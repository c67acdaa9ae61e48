"""Uploaded data: kept under harmless names once a process of its own has read them, else refused in one sentence."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.runs.data import sources
from explorer.runs.data.sources import accept, adopt, check_in_worker, known_sources
from models.catalogue import model
from models.data import bikes
from models.errors import DataError

pytestmark = pytest.mark.slow  # most start a process that imports torch


@pytest.fixture(scope="module")
def hours() -> bytes:
    """2,000 hours of the embedded data in the form of UCI's file."""
    table = bikes.embedded().head(2000).copy()
    table.insert(0, "dteday", table["time"].str[:10])
    whole = [column for column in table if column not in ("time", "dteday", *bikes.MEASURES)]
    return table.drop(columns="time").astype(dict.fromkeys(whole, int)).to_csv(index=False).encode()


def test_a_good_file_is_kept_and_read_by_the_model(store: Path, hours: bytes) -> None:
    kept = accept(store, "bike", {"hour.csv": hours})
    assert kept.name == "hour.csv"
    assert kept.read_bytes() == hours
    assert kept.is_relative_to(store / "data" / "bike")
    assert known_sources(store, "bike") == (kept,)
    book = model("bike")
    assert len(book.load(book.config(), kept).train) == 2000 - 504


def test_the_same_file_again_is_the_newest_and_stays_one(
    store: Path, hours: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "check_in_worker", lambda model, source: None)
    first = accept(store, "bike", {"hour.csv": hours})
    second = accept(store, "bike", {"hour.csv": hours + b"\n"})
    assert known_sources(store, "bike") == (second, first)
    assert accept(store, "bike", {"hour.csv": hours}) == first
    assert known_sources(store, "bike") == (first, second)


def test_contents_that_are_cut_differently_are_different_data(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "check_in_worker", lambda model, source: None)
    kept = {accept(store, "sentiment", {"good.txt": a, "bad.txt": b}) for a, b in ((b"ab", b"c"), (b"c", b"ab"))}
    kept |= {accept(store, "sentiment", {"good.txt": a, "bad.txt": b}) for a, b in ((b"bc", b"a"), (b"a", b"bc"))}
    assert len(kept) == 4


def test_book_files_make_a_folder(store: Path) -> None:
    good, bad = ("\n".join(f"{word}{n}号" for n in range(30)).encode() for word in ("很好", "很差"))
    kept = accept(store, "sentiment", {"Good.TXT": good, "dir/bad.txt": bad})
    assert sorted(path.name for path in kept.iterdir()) == ["bad.txt", "good.txt"]
    assert known_sources(store, "sentiment") == (kept,)


def with_a_broken_row(hours: bytes) -> bytes:
    rows = list(csv.reader(io.StringIO(hours.decode())))
    rows[7][rows[0].index("temp")] = "warm"
    return "\n".join(",".join(row) for row in rows).encode()


def without_wind(hours: bytes) -> bytes:
    return hours.replace(b"windspeed", b"wind", 1)


Upload = tuple[str, dict[str, bytes | Callable[[bytes], bytes]], str]
WRONG: dict[str, Upload] = {
    "wrong columns": ("bike", {"a.csv": without_wind}, "'a.csv' has no column windspeed"),
    "a broken row": ("bike", {"a.csv": with_a_broken_row}, "'warm' in row 8, column temp"),
    "empty": ("bike", {"a.csv": b""}, "'a.csv' is empty"),
    "no text": ("bike", {"a.csv": bytes(range(128, 256))}, "'a.csv' is not text"),
    "no files": ("bike", {}, "No file was given"),
    "an empty review file": ("sentiment", {"good.txt": b"", "bad.txt": "很差".encode()}, r"good\.txt.*empty"),
    "one review file": ("sentiment", {"good.txt": "很好".encode()}, r"bad\.txt|no file"),
    "no MNIST": ("digits", {"a.gz": b"x"}, "no folder"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_file_is_refused_in_one_sentence_and_not_kept(store: Path, hours: bytes, name: str) -> None:
    kind, contents, sentence = WRONG[name]
    files = {file: each(hours) if callable(each) else each for file, each in contents.items()}
    with pytest.raises(DataError, match=sentence) as caught:
        accept(store, kind, files)
    assert "\n" not in str(caught.value)
    assert known_sources(store, kind) == ()
    assert not [path for path in store.rglob("*") if path.is_file()]


def test_a_bad_file_harms_no_good_one(store: Path, hours: bytes) -> None:
    kept = accept(store, "bike", {"hour.csv": hours})
    with pytest.raises(DataError):
        accept(store, "bike", {"hour.csv": b"a,b\n1,2\n"})
    assert known_sources(store, "bike") == (kept,)


def test_too_large_is_refused_unread(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_BYTES", 3 * 2**20)
    with pytest.raises(DataError, match="The upload has 4 MB; at most 3 MB are read"):
        accept(store, "bike", {"a.csv": bytes(2 * 2**20), "b.csv": bytes(2 * 2**20)})
    assert not store.exists()


DIGITS_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def test_packed_digits_that_swell_are_refused(store: Path) -> None:
    bomb = gzip.compress(bytes(2**30), 1)
    assert len(bomb) < 10 * 2**20
    with pytest.raises(DataError, match="train-images-idx3-ubyte' is not MNIST's"):
        accept(store, "digits", {f"{name}.gz": bomb for name in DIGITS_FILES})


def test_packed_digits_stay_packed(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "check_in_worker", lambda model, source: None)
    kept = accept(store, "digits", {f"{name}.GZ": b"x" for name in DIGITS_FILES})
    assert sorted(path.name for path in kept.iterdir()) == sorted(f"{name}.gz" for name in DIGITS_FILES)


names = st.one_of(
    st.sampled_from(
        [
            "../../x.csv",
            "..",
            ".",
            "",
            "/etc/passwd",
            "a\\b.csv",
            "..\\..\\x",
            ".hidden",
            "...",
            "a/../..",
            "C:\\x.csv",
            "\0",
            "a\0b.csv",
            "字" * 300 + ".csv",
            "x" * 5000,
            "\ud800.csv",
            "a\nb.csv",
            "./.",
            "a/.",
            "con. .",
        ]
    ),
    st.text(max_size=80),
)


@given(name=names)
def test_no_name_leaves_the_uploads_own_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    root = tmp_path_factory.mktemp("root")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "check_in_worker", lambda model, source: None)
        kept = accept(root / "store", "bike", {name: b"content"})
    files = [path for path in root.rglob("*") if path.is_file()]
    assert files == [kept]
    assert kept.parent.parent == root / "store" / "data" / "bike"
    assert not kept.name.startswith(".")
    assert kept.read_bytes() == b"content"


def test_reading_that_needs_too_much_memory_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(b"x,y\n" * 1000)
    monkeypatch.setattr(sources, "MOST_MEMORY", 300 * 2**20)
    with pytest.raises(DataError, match=r"Reading a\.csv broke off: it needs too much memory or time"):
        check_in_worker("bike", tmp_path / "a.csv")


def test_reading_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(b"x,y\n")
    monkeypatch.setattr(sources, "CHECK_SECONDS", 0.2)
    with pytest.raises(DataError, match=r"Reading a\.csv took longer than 0\.2 seconds"):
        check_in_worker("bike", tmp_path / "a.csv")


def test_a_store_that_cannot_be_written(no_place: Path) -> None:
    with pytest.raises(DataError, match="The upload cannot be stored: Not a directory"):
        accept(no_place, "bike", {"a.csv": b"x"})
    with pytest.raises(DataError, match="The upload cannot be stored: Not a directory"):
        adopt(no_place, "bike", lambda folder: None)


def test_fetched_data_are_adopted_whole_or_not_at_all(store: Path, hours: bytes) -> None:
    def fetch(folder: Path) -> None:
        (folder / "hour.csv").write_bytes(hours)

    def fail(folder: Path) -> None:
        (folder / "hour.csv").write_bytes(b"half")
        raise DataError("broken off")

    kept = adopt(store, "bike", fetch)
    assert kept == store / "data" / "bike" / "original" / "hour.csv"
    with pytest.raises(DataError, match="broken off"):
        adopt(store, "bike", fail)
    assert known_sources(store, "bike") == (kept,)
    assert kept.read_bytes() == hours
