"""What the variable that adds chapters may get wrong: one clear sentence each."""

import pytest

from models.catalogue import EXTRA, chapters
from models.errors import SettingError

CHAPTER = "tests.fourth_chapter.chapter"


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("tests.no_such_chapter", "which cannot be loaded"),
        ("tests.fourth_chapter.letters", "which cannot be loaded"),
        (f"{CHAPTER},{CHAPTER}", "Two chapters or two models are called 'letters'"),
    ],
)
def test_a_wrong_variable_is_a_users_mistake(extra: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXTRA, extra)
    with pytest.raises(SettingError, match=sentence):
        chapters()
