"""Reading reviews: what is a word, what is a duplicate, and one clear sentence for each thing that can be wrong."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from models.data import reviews
from models.data.cutting import cut, is_word, pieces
from models.data.files import FOLDER
from models.data.reviews import Review, distinct
from models.errors import DataError

GOOD = [f"好书第{i}本，喜欢" for i in range(reviews.FEWEST)]
BAD = [f"差书第{i}本，失望" for i in range(reviews.FEWEST)]


def write(path: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def test_words_worked_by_hand() -> None:
    assert cut("书很好，很 好看！\n:) 100分 DVD…") == ["书", "很", "好", "很", "好看", "100", "分", "DVD"]
    assert all(is_word(piece) for piece in ("书", "a", "7"))
    assert not any(is_word(piece) for piece in ("，", " ", "…", "\u3000", ":)", ""))


def test_pieces_lose_nothing() -> None:
    text = "他说：“不错 不错！”——\n价格￥35.50"
    assert "".join(pieces(text)) == text


@pytest.mark.slow
def test_jieba_is_quiet_and_keeps_out_of_the_shared_folder(tmp_path: Path) -> None:
    code = "from models.data.cutting import cut; print(cut('好书'))"
    cache, temporary = tmp_path / "cache", tmp_path / "tmp"
    temporary.mkdir()
    environment = {"XDG_CACHE_HOME": str(cache), "TMPDIR": str(temporary), "PYTHONIOENCODING": "utf-8", "PATH": ""}
    for _ in range(2):  # without and with the cache
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=FOLDER.parent.parent, capture_output=True, check=True
        )
        assert done.stderr == b""
    assert [path.name for path in cache.rglob("*.cache")] == ["jieba.cache"]
    assert not list(temporary.iterdir())


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code = "from models.data.cutting import cut; print(cut('好书'))"
    environment = {"XDG_CACHE_HOME": str(tmp_path / "file"), "PYTHONIOENCODING": "utf-8", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=FOLDER.parent.parent, capture_output=True, check=True
    )
    assert done.stderr == b"" and "好" in done.stdout.decode()
    assert logging.getLogger("jieba").getEffectiveLevel() >= logging.WARNING


def test_duplicates_go_and_contradictions_too() -> None:
    a, b, c = ("好", "书"), ("差",), ("行",)
    both_sides = [Review(c, 1), Review(c, 0), Review(c, 1)]
    found = distinct([Review(a, 1), Review(b, 0), Review(a, 1), Review((), 1), *both_sides])
    assert found == (Review(a, 1), Review(b, 0))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_two_files(tmp_path: Path, encoding: str) -> None:
    write(tmp_path / "good.txt", [*GOOD, GOOD[0] + "！！", "", BAD[0], "。。。"], encoding)
    write(tmp_path / "bad.txt", [*BAD, "又差又贵"], encoding)
    found = reviews.from_source(tmp_path)
    assert sum(review.label for review in found) == len(GOOD)
    assert len(found) == len(GOOD) + len(BAD)  # BAD[0] stands on both sides, one more is new
    assert found[0].words == tuple(cut(GOOD[0]))


@pytest.mark.parametrize(
    ("good", "bad"),
    [("1", "0"), ("pos", "neg"), ("Good", " BAD "), ("正", "负"), ("positive", "negative"), ("好", "差")],
)
def test_csv(tmp_path: Path, good: str, bad: str) -> None:
    lines = ["id,Label, TEXT"] + [f"1,{good},{line}" for line in GOOD] + [f'2,{bad},"{line}, really"' for line in BAD]
    found = reviews.from_source(write(tmp_path / "a.csv", lines))
    assert sum(review.label for review in found) == len(GOOD)
    assert len(found) == len(GOOD) + len(BAD)
    assert found[-1].words[-1] == "really"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "The file 'a.csv' is empty."),
        (["text,verdict", "好,1"], "The file 'a.csv' has no column label; there are: text, verdict."),
        (["words,label", "好,1"], "The file 'a.csv' has no column text; there are: words, label."),
        (
            ["text,label", "好,1", "好书,2"],
            "The file 'a.csv' has the label '2' in row 3; it must be 1 or 0, pos or neg, good or bad, 正 or 负.",
        ),
        (
            ["text,label", "好,"],
            "The file 'a.csv' has the label '' in row 2; it must be 1 or 0, pos or neg, good or bad, 正 or 负.",
        ),
        (["text,label", "好，很好,yes,1"], "The file 'a.csv' has 3 cells in row 2 instead of 2."),
        (
            ["text,label", "好,1", "好！,1", "差,0"],
            "'a.csv' holds too few different reviews: 1 good and 1 bad ones; 20 of each are needed.",
        ),
        (["text,label", '"好,1'], "The file 'a.csv' is not a readable CSV after row 1: unexpected end of data."),
    ],
)
def test_one_sentence_for_each_mistake(tmp_path: Path, lines: list[str], sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        reviews.from_source(write(tmp_path / "a.csv", lines))
    assert str(caught.value) == sentence


def test_folder_mistakes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file '.*good.txt'"):
        reviews.from_source(tmp_path)
    write(tmp_path / "good.txt", GOOD)
    write(tmp_path / "bad.txt", [])
    with pytest.raises(DataError, match=r"The file 'bad.txt' is empty\."):
        reviews.from_source(tmp_path)
    (tmp_path / "bad.txt").write_bytes("差\n".encode() + b"\xff\xff\n")
    with pytest.raises(DataError, match=r"'bad.txt' is not text in UTF-8 / GB18030 / BIG5: line 2 holds bytes"):
        reviews.from_source(tmp_path)
