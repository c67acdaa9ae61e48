"""The button that explains what a page shows, in a few sentences, one click away, with the book's chapter."""

import streamlit as st

from explorer.ui.frame.language import gettext


def explanation_button(key: str, chapter: int, sentences: tuple[str, ...]) -> None:
    """A button that opens ``sentences`` and the book's chapter."""
    _ = gettext()
    # Filled when it is opened: a dozen paragraphs that nobody reads would delay the page.
    opened = st.popover(_("What am I looking at?"), type="tertiary", key=f"explanation.{key}", on_change="rerun")
    if opened.open:
        for sentence in sentences:
            opened.markdown(_(sentence))
        opened.caption(_("Chapter {n} of the book").format(n=chapter))
