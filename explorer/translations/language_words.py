"""Words in the person's language, from gettext catalogues. One translation object a session, nothing global.

English is the source language and needs no catalogue. ``catalogue.py`` makes the catalogues; choosing a
language is ``explorer/ui/frame/language.py``'s business.
"""

import gettext
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

from models.errors import UserError

DOMAIN = "toushi"
LOCALE = Path(__file__).parent
LANGUAGES = {"en": "English", "zh": "简体中文"}
CATALOGUES = {"zh": "zh_CN"}  # language → folder under LOCALE


@cache
def translation(language: str) -> gettext.NullTranslations:
    """The words of ``language``; English for a language that is not in LANGUAGES.

    The object is shared between sessions and never changed; nothing is installed into builtins, which would mix up
    the languages of two people.

    >>> translation("zh").gettext("Loss")
    '损失'
    """
    if language not in CATALOGUES:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [CATALOGUES[language]])


def preferred(locale: str | None) -> Literal["en", "zh"]:
    """The language for a browser's locale (``zh-CN``, ``zh_Hans``, ``en-GB``, None): Chinese for any Chinese one."""
    first = (locale or "").strip().lower().replace("_", "-").partition("-")[0]
    return "zh" if first == "zh" else "en"


def sentence(error: UserError, gettext: Callable[[str], str]) -> str:
    """A user's mistake in the language of ``gettext``, with its values in place."""
    return gettext(error.template).format(**error.values)
