"""The session's language: from the address, else from what was chosen, else from the browser."""

from collections.abc import Callable

import streamlit as st

from explorer.translations.language_words import LANGUAGES, preferred, sentence, translation
from explorer.ui.frame.labels import plain
from models.errors import UserError

KEY = "lang"
BROWSER = "lang.browser"  # the browser's own, asked once a session
LONGEST_SENTENCE = 1500  # characters of an error


def language() -> str:
    """``en`` or ``zh``."""
    asked = st.query_params.get(KEY, "")
    if asked in LANGUAGES:
        st.session_state[KEY] = asked
    if not st.session_state.get(KEY) and BROWSER not in st.session_state:
        st.session_state[BROWSER] = preferred(st.context.locale)
    return str(st.session_state.get(KEY) or st.session_state[BROWSER])


def gettext() -> Callable[[str], str]:
    """The session's translation function; pages call it ``_``."""
    return translation(language()).gettext


def error_text(error: UserError) -> str:
    """A user's mistake as a sentence in the session's language, as Markdown that shows quoted input as it is.

    Unescaped, an address could put a picture from another host into the page.
    """
    return plain(sentence(error, gettext()), LONGEST_SENTENCE)


def choose_language() -> None:
    """The switch at the foot of the sidebar; the choice goes into the address."""
    key = "language.choice"
    st.session_state[key] = language()

    def keep() -> None:
        chosen = st.session_state[key]
        if chosen in LANGUAGES:
            st.session_state[KEY] = st.query_params[KEY] = chosen

    st.sidebar.segmented_control(
        "语言 Language",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key=key,
        on_change=keep,
        required=True,
        label_visibility="collapsed",
    )
