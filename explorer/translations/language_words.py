"""The texts of a language, from gettext catalogues; the state of gettext that is global to the process is not touched.

English is the language of the source and has no catalogue. ``catalogue.py`` updates the catalogues, and
``explorer/ui/frame/language.py`` chooses the language of a session.
"""

import gettext
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

from models.errors import UserError
from models.reasons import without_folders

DOMAIN = "toushi"
LOCALE = Path(__file__).parent
LANGUAGES = {"en": "English", "zh": "简体中文"}
LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}  # language → the tag that a page carries
CATALOGUES = {"zh": "zh_CN"}  # language → folder under LOCALE


@cache
def translation(language: str) -> gettext.NullTranslations:
    """The texts of ``language``; English for a language that has no catalogue.

    The object is shared by sessions and never changed. Nothing is installed into builtins, which all sessions share.

    >>> translation("zh").gettext("Loss")
    '损失'
    """
    if language not in CATALOGUES:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [CATALOGUES[language]])


def preferred(locale: str | None) -> Literal["en", "zh"]:
    """The language for a browser's locale (``zh-CN``, ``zh_Hans``, ``en-GB``, None): Chinese for every Chinese one.

    >>> preferred("zh_Hans"), preferred("de-DE")
    ('zh', 'en')
    """
    first = (locale or "").strip().lower().replace("_", "-").partition("-")[0]
    return "zh" if first == "zh" else "en"


def sentence(error: UserError, gettext: Callable[[str], str]) -> str:
    """The sentence of ``error`` for a page, in the language of ``gettext``: without the folders of the server."""
    return gettext(error.template).format(**{name: without_folders(text) for name, text in error.values.items()})
