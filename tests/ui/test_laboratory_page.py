"""One page draws every chapter's laboratory: without runs, with several models, and with views that need no run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui.labs.laboratory import laboratory
from models.catalogue import chapters

EXTRA = "tests.fourth_chapter.chapter"
ADDED = "letters"


def page(name: str, store: str) -> None:
    import os

    os.environ["TOUSHI_STORE"] = store
    from explorer.ui.frame import selection
    from explorer.ui.frame import store as run_store
    from explorer.ui.labs.page import laboratory_page
    from models.catalogue import chapters

    run_store.settings.clear()
    selection.restore()
    selection.arrived(name)
    laboratory_page(next(chapter for chapter in chapters() if chapter.name == name))


@pytest.fixture(autouse=True)
def extra_chapter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The book's chapters and that of the tests; ``page`` sets the store for this process, which must not stay set."""
    monkeypatch.setenv("TOUSHI_CHAPTERS", EXTRA)
    monkeypatch.setenv("TOUSHI_STORE", "")
    yield
    from explorer.ui.frame import store

    store.settings.clear()


def opened(name: str, store: Path, **query: str) -> AppTest:
    app = AppTest.from_function(page, args=(name, str(store)), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def keys(widgets: Any) -> set[str]:
    return {str(widget.key) for widget in widgets}


@pytest.mark.parametrize("name", ["bike", "sentiment", "digits", ADDED])
def test_a_page_without_runs_asks_for_a_training(name: str, tmp_path: Path) -> None:
    app = opened(name, tmp_path)
    record = laboratory(next(chapter for chapter in chapters() if chapter.name == name))
    assert [title.value for title in app.title] == [record.title]
    assert record.views[0].question in [text.value for text in app.markdown]
    assert [info.value for info in app.info] == ["No run yet: press Train."]
    assert "train" in keys(app.button)
    assert (f"{name}.view" in keys(app.segmented_control)) == (len(record.views) > 1)


def test_the_model_to_train_is_chosen_where_a_view_shows_several(tmp_path: Path) -> None:
    app = opened(ADDED, tmp_path, view="training")
    assert "setting.letters.hidden_units" in keys(app.slider)
    choice = app.segmented_control(key="training.model.letters")
    assert list(choice.options) == ["Last letter", "Curve on an interval"]
    app = choice.set_value("curve").run()
    assert not app.exception
    assert "setting.letters.hidden_units" not in keys(app.slider)
    assert "setting.curve.seed" in keys(app.number_input)


def test_a_view_of_one_model_trains_that_model(tmp_path: Path) -> None:
    app = opened(ADDED, tmp_path, view="interval")
    assert "training.model.letters" not in keys(app.segmented_control)
    assert "setting.curve.seed" in keys(app.number_input)


def test_a_view_that_needs_no_run_is_drawn_without_one(tmp_path: Path) -> None:
    app = opened(ADDED, tmp_path, view="alphabet")
    assert not app.info
    assert "The letters are a, b, c, d, e, f." in [text.value for text in app.markdown]


def test_an_unknown_view_is_the_first_one(tmp_path: Path) -> None:
    app = opened(ADDED, tmp_path, view="no such view")
    assert app.segmented_control(key="letters.view").value == "word"
