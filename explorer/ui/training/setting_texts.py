"""A setting's name and its value in the session's language."""

from collections.abc import Mapping
from typing import Any

from explorer.ui.frame.language import gettext
from models.catalogue import model, model_entries
from models.errors import N_

# Values that are words; all others are numbers, or names such as adam and relu, which are the same in each language.
WORDS = (N_("same"), N_("none"), N_("max"), N_("average"), N_("auto"))


def value_text(value: object) -> str:
    """A setting's value as it is shown."""
    return gettext()(value) if isinstance(value, str) and value in WORDS else str(value)


def setting_texts(model_name: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of each setting; one that the model does not know keeps the name that it was stored under."""
    _ = gettext()
    fields = model(model_name).config.model_fields if model_name in model_entries() else {}
    titles = {name: _(field.title) for name, field in fields.items() if field.title}
    return [(titles.get(name, name), value_text(value)) for name, value in settings.items()]
