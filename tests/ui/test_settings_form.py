"""Each setting of each model gets a widget that can hold its default and both of its limits."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models.base import parsed_config
from models.catalogue import model, model_entries

FIELDS = [(name, field) for name in model_entries() for field in model(name).config.model_fields]


def page(name: str, store: str) -> None:
    import os

    os.environ["TOUSHI_STORE"] = store
    from explorer.ui.training.settings_form import settings_form

    settings_form(name, None)


def form(name: str, store: Any) -> AppTest:
    app = AppTest.from_function(page, args=(name, str(store)), default_timeout=30).run()
    assert not app.exception
    return app


def widgets(app: AppTest) -> dict[str, Any]:
    groups = [app.slider, app.select_slider, app.number_input, app.segmented_control]
    return {str(widget.key).rpartition(".")[2]: widget for group in groups for widget in group}


@pytest.mark.parametrize("name", list(model_entries()))
def test_the_form_starts_from_the_books_values(name: str, tmp_path: Any) -> None:
    config = model(name).config()
    shown = {field: widget.value for field, widget in widgets(form(name, tmp_path)).items()}
    assert parsed_config(model(name).config, shown) == config


@pytest.mark.parametrize("name", list(model_entries()))
def test_every_setting_has_a_widget(name: str, tmp_path: Any) -> None:
    assert set(widgets(form(name, tmp_path))) == set(model(name).config.model_fields)


def test_an_impossible_kernel_stays_visible_with_its_reason(tmp_path: Any) -> None:
    app = form("digits", tmp_path)
    widgets(app)["kernel_size"].set_value(27)
    app.run()
    assert [error.value for error in app.error if "27" in error.value]
    assert next(button for button in app.button if button.key == "train").disabled
    assert widgets(app)["kernel_size"].value == 27


def test_reset_brings_the_books_values_back(tmp_path: Any) -> None:
    app = form("bike", tmp_path)
    widgets(app)["hidden_units"].set_value(20)
    app.run()
    assert widgets(app)["hidden_units"].value == 20
    next(button for button in app.button if button.key == "train.reset").click()
    app.run()
    assert widgets(app)["hidden_units"].value == 10
