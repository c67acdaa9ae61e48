"""The button that explains what a page shows, in a few sentences, one click away, with the book's chapter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from explorer.ui.frame.labels import Translate
from explorer.ui.frame.language import gettext

Values = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Explained:
    """What the braces in the sentences of an explanation stand for.

    values: a text among them is a catalogue text, which may have braces for the numbers among them. of_the_book: the
    numbers are the book's, because no run is shown.
    """

    values: Values = field(default_factory=dict)
    of_the_book: bool = False


def explanation_button(
    key: str, chapter: int, sentences: tuple[str, ...], explained: Callable[[], Explained] = Explained
) -> None:
    """A button that opens ``sentences`` and the book's chapter. explained: what fills their braces."""
    _ = gettext()
    # Filled when it is opened: a dozen paragraphs that nobody reads would delay the page.
    opened = st.popover(_("What am I looking at?"), type="tertiary", key=f"explanation.{key}", on_change="rerun")
    if opened.open:
        filled = explained()
        for sentence in sentences:
            opened.markdown(filled_sentence(sentence, filled.values, _))
        if filled.of_the_book:
            opened.caption(_("No run is shown yet: the numbers are those of the book."))
        opened.caption(_("Chapter {n} of the book").format(n=chapter))


def filled_sentence(sentence: str, values: Values, _: Translate) -> str:
    """A catalogue text, translated, with ``values`` for its braces.

    >>> filled_sentence("It keeps {what}.", {"what": "one of {n} pixels", "n": 4}, str)
    'It keeps one of 4 pixels.'
    """
    if not values:
        return _(sentence)
    texts = {name: _(value).format(**values) if isinstance(value, str) else value for name, value in values.items()}
    return _(sentence).format(**texts)
