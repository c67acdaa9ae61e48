"""Chinese reviews with a verdict, cut into words: the embedded ones, the book's two text files, or one CSV.

Duplicates go: reviews with the same words count once, and those that stand on both sides not at all. The split into
parts and the vocabulary are made in ``models/sentiment/bag_of_words.py``.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.data.cutting import cut, is_word
from models.data.files import FOLDER, csv_rows, lines_of, read_text
from models.errors import N_, DataError

EMBEDDED = FOLDER / "reviews.csv.gz"
MARK = "\x1f"  # "unit separator": stands between jieba's pieces in the embedded file
ENCODINGS = ("utf-8-sig", "gb18030", "big5")
FEWEST = 20  # reviews of each side; fewer leave the validation and test parts empty
POSITIVE = ("1", "1.0", "pos", "positive", "good", "正", "正面", "正向", "积极", "積極", "好", "好评", "好評")
NEGATIVE = (
    "0",
    "0.0",
    "neg",
    "negative",
    "bad",
    "负",
    "負",
    "负面",
    "負面",
    "负向",
    "消极",
    "消極",
    "差",
    "坏",
    "差评",
    "差評",
)
TEXT_COLUMNS = ("text", "text_a", "review", "comment", "sentence", "content", "文本", "评论", "評論", "内容", "內容")
LABEL_COLUMNS = ("label", "sentiment", "标签", "標籤", "情感")


@dataclass(frozen=True)
class Review:
    """words: in order, without punctuation. label: 1 praise, 0 complaint."""

    words: tuple[str, ...]
    label: int


@lru_cache(maxsize=1)
def embedded() -> tuple[Review, ...]:
    """The reviews that come with the project, without duplicates. They are stored cut, so jieba is not needed."""
    text = gzip.decompress(EMBEDDED.read_bytes()).decode()
    rows = csv_rows(text, EMBEDDED.name)
    next(rows)  # label,text
    return tuple(
        Review(tuple(piece for piece in cells[1].split(MARK) if is_word(piece)), int(cells[0])) for _, cells in rows
    )


def from_source(source: Path) -> tuple[Review, ...]:
    """The reviews of a folder with good.txt and bad.txt (one review a line), or of a CSV. Raises DataError."""
    labelled = _two_files(source) if source.is_dir() else _one_csv(source)
    result = distinct(Review(tuple(cut(text)), label) for text, label in labelled)
    good = sum(review.label for review in result)
    if min(good, len(result) - good) < FEWEST:
        raise DataError(
            N_("{name} holds too few different reviews: {good} good and {bad} bad ones; {wanted} of each are needed."),
            name=repr(source.name),
            good=good,
            bad=len(result) - good,
            wanted=FEWEST,
        )
    return result


def distinct(reviews: Iterable[Review]) -> tuple[Review, ...]:
    """``reviews`` in their order, each once; without those of no words and those that stand on both sides.

    >>> distinct([Review(("好",), 1), Review(("好",), 1), Review(("行",), 1), Review(("行",), 0), Review((), 0)])
    (Review(words=('好',), label=1),)
    """
    labels: dict[tuple[str, ...], set[int]] = {}
    for review in reviews:
        labels.setdefault(review.words, set()).add(review.label)
    return tuple(Review(words, min(sides)) for words, sides in labels.items() if words and len(sides) == 1)


def _two_files(folder: Path) -> Iterator[tuple[str, int]]:
    for name, label in (("good.txt", 1), ("bad.txt", 0)):
        for line in lines_of(read_text(folder / name, ENCODINGS)):
            yield line, label


def _one_csv(path: Path) -> Iterator[tuple[str, int]]:
    rows = csv_rows(read_text(path, ENCODINGS), path.name)
    header = [cell.strip().lower() for cell in next(rows)[1]]
    text, label = _place(header, TEXT_COLUMNS, path), _place(header, LABEL_COLUMNS, path)
    for row, cells in rows:
        yield cells[text], _label(cells[label], row, path)


def _place(header: list[str], names: tuple[str, ...], path: Path) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    raise DataError(
        N_("The file {name} has no column {missing}; there are: {found}."),
        name=repr(path.name),
        missing=names[0],
        found=", ".join(header),
    )


def _label(cell: str, row: int, path: Path) -> int:
    label = cell.strip().lower()
    if label in POSITIVE or label in NEGATIVE:
        return int(label in POSITIVE)
    raise DataError(
        N_("The file {name} has the label {label} in row {row}; it must be 1 or 0, pos or neg, good or bad, 正 or 负."),
        name=repr(path.name),
        label=repr(cell),
        row=row,
    )


def stored(reviews: Iterable[tuple[list[str], int]]) -> bytes:
    """The embedded file's content for reviews given as (jieba's pieces, label): gzip without a date or a name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("label", "text"))
    writer.writerows((label, MARK.join(pieces)) for pieces, label in reviews)
    target = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=target, mtime=0) as packed:
        packed.write(text.getvalue().encode())
    return target.getvalue()
