"""What holds for every model of the book: names, settings and the texts that a page shows."""

import pytest

from models import TITLES, model
from models.base import Config, parsed_config
from models.errors import SettingError


@pytest.mark.parametrize("name", TITLES)
def test_model_is_the_one_asked_for(name: str) -> None:
    found = model(name)
    assert (found.name, found.title) == (name, TITLES[name])
    metric, part = found.headline
    assert metric != "loss" and part == "test"


@pytest.mark.parametrize("name", TITLES)
def test_first_start_can_be_trained_and_leaves_the_architecture_alone(name: str) -> None:
    found = model(name)
    config = parsed_config(found.config, found.first_start)
    assert config.epochs <= found.config().epochs
    assert set(found.first_start) <= set(Config.model_fields)
    assert found.check(config, {}) is None


@pytest.mark.parametrize("name", TITLES)
def test_every_setting_has_a_title_a_description_and_bounds(name: str) -> None:
    properties = model(name).config.model_json_schema()["properties"]
    for key, setting in properties.items():
        assert setting["title"] and setting["description"].endswith("."), key
        if "enum" not in setting:
            assert setting["minimum"] <= setting["default"] <= setting["maximum"], key


@pytest.mark.parametrize("name", TITLES)
def test_settings_come_as_text_from_the_command_line(name: str) -> None:
    kind = model(name).config
    texts = {key: str(value) for key, value in kind().model_dump().items()}
    assert parsed_config(kind, texts) == kind()
    with pytest.raises(SettingError, match="There is no setting 'colour'"):
        parsed_config(kind, {"colour": "red"})


def test_unknown_model() -> None:
    with pytest.raises(SettingError, match="There is no model 'cat'; there are: bike, sentiment, digits"):
        model("cat")
