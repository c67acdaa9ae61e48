"""Explanations give the numbers of the run that is shown, and the book's where there is none, and say so."""

import re
from pathlib import Path
from typing import Any

import pytest

from explorer.runs.folder import Run, create_run
from explorer.ui.frame.explanation import filled_sentence
from explorer.ui.labs.explained import explained_by
from explorer.ui.labs.laboratory import laboratory
from models.catalogue import chapter_of, chapters

NETWORK = {"kernels1": 3, "kernels2": 7, "kernel_size": 9, "pool_size": 3, "hidden_units": 77}


def explanation(model: str, view: str, run: Run | None) -> str:
    chosen = laboratory(chapter_of(model)).view(view)
    explained = explained_by(chosen, run, (model,))
    assert explained.of_the_book == (run is None)
    return " ".join(filled_sentence(sentence, explained.values, str) for sentence in chosen.sentences)


@pytest.mark.parametrize(
    ("model", "view", "settings", "own", "of_the_book"),
    [
        ("bike", "demand", {"hidden_units": 37}, ["number of its neurons: 37."], "number of its neurons: 10."),
        ("sentiment", "verdict", {"hidden_units": 23}, ["number of its neurons: 23)"], "number of its neurons: 10)"),
        ("sentiment", "verdict", {"min_count": 6}, ["reviews than 6 have no place"], "reviews than 2 have no place"),
        ("digits", "network", NETWORK, ["has 3, 7 kernels", "of 9×9", "largest of 9 pixels", "77 units"], "512 units"),
        ("digits", "network", {"layers": 1}, ["has 4 kernels"], "has 4, 8 kernels"),
        ("digits", "network", {"layers": 3}, ["has 4, 8, 16 kernels"], "has 4, 8 kernels"),
        ("digits", "network", {"activation": "tanh"}, ["Tanh brings"], "ReLU sets negative values to zero; "),
        ("digits", "network", {"pooling": "average"}, ["keeps the mean of 4 pixels"], "largest of 4 pixels"),
        ("digits", "network", {"pooling": "none"}, ["there is no pooling"], "largest of 4 pixels"),
        ("digits", "dropout", {"dropout": 0.25}, ["p = 0.25"], "p = 0.5)"),
        ("digits", "loading", {"batch_size": 32}, ["takes 32 of them"], "takes 64 of them"),
    ],
)
def test_an_explanation_has_the_numbers_of_its_run(
    tmp_path: Path, model: str, view: str, settings: dict[str, Any], own: list[str], of_the_book: str
) -> None:
    run = create_run(tmp_path, model, settings)
    text = explanation(model, view, run)
    assert all(each in text for each in own), text
    assert of_the_book not in text
    assert of_the_book in explanation(model, view, None)


def test_every_explanation_can_be_filled_and_none_has_settings_of_the_book(tmp_path: Path) -> None:
    fixed = re.compile(
        r"\bten (hidden|neurons)|56 numbers|largest of four|half of its|[0-9],000 pictures", re.IGNORECASE
    )
    for chapter in chapters():
        for view in laboratory(chapter).views:
            assert not fixed.search(" ".join((view.question, *view.sentences))), view.key
            for entry in chapter.models:
                text = explanation(entry.name, view.key, create_run(tmp_path, entry.name, {}))
                assert "{" not in text, view.key
