"""What holds for every model of the book: names, settings and the texts that a page shows."""

import pytest

from models.base import Config, parsed_config
from models.catalogue import chapter_of, chapters, entry, model, model_entries, title_of
from models.errors import SettingError


@pytest.mark.parametrize("name", model_entries())
def test_model_is_the_one_asked_for(name: str) -> None:
    known = entry(name)
    assert (model(name).name, known.name, known.title) == (name, name, title_of(name))
    assert known.headline.part == "test"
    assert known.headline.metric in {metric.name for metric in known.metrics} - {"loss"}
    assert chapter_of(name) in chapters() and known in chapter_of(name).models


@pytest.mark.parametrize("name", model_entries())
def test_first_start_can_be_trained_and_leaves_the_architecture_alone(name: str) -> None:
    book, first = model(name), entry(name).first_start
    assert first is not None
    config = parsed_config(book.config, first)
    assert config.epochs <= book.config().epochs
    assert set(first) <= set(Config.model_fields)
    assert book.check(config, {}) is None


@pytest.mark.parametrize("name", model_entries())
def test_every_setting_has_a_title_a_description_and_bounds(name: str) -> None:
    properties = model(name).config.model_json_schema()["properties"]
    for key, setting in properties.items():
        assert setting["title"] and setting["description"].endswith("."), key
        if "enum" not in setting:
            assert setting["minimum"] <= setting["default"] <= setting["maximum"], key


@pytest.mark.parametrize("name", model_entries())
def test_settings_come_as_text_from_the_command_line(name: str) -> None:
    kind = model(name).config
    texts = {key: str(value) for key, value in kind().model_dump().items()}
    assert parsed_config(kind, texts) == kind()
    with pytest.raises(SettingError, match="There is no setting 'colour'"):
        parsed_config(kind, {"colour": "red"})


def test_unknown_model() -> None:
    with pytest.raises(SettingError, match="There is no model 'cat'; there are: bike, sentiment, digits"):
        model("cat")
