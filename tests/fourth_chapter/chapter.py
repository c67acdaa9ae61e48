"""The catalogue's half of the added chapter: two models, with no torch and no screen.

Its laboratory is ``tests/fourth_chapter/laboratory.py``.
"""

from models.catalogue import LOSS, Chapter, Headline, Metric, ModelEntry

MISTAKES = Metric("mistakes", "Share of mistakes", "percent", higher_is_better=False)

CHAPTER = Chapter(
    6,
    "letters",
    "Letters",
    (
        ModelEntry(
            "letters",
            "Last letter",
            "tests.fourth_chapter.letters",
            Headline("mistakes", "test", "Wrong for {share} of the words that it has never seen."),
            (LOSS, MISTAKES),
            first_start={"epochs": 3},
            first_rank=4,
        ),
        ModelEntry(
            "curve",
            "Curve on an interval",
            "tests.fourth_chapter.curve",
            Headline("loss", "test", "Off by {value} at points that it has never seen."),
            (LOSS,),
        ),
    ),
    record="tests.fourth_chapter.laboratory",
)
