"""The page's language for the browser, Streamlit's own texts in it, and a new drawing for another theme.

A component that shows nothing.

Streamlit knows English only; its texts, as they stand in the browser, are listed here and replaced there.
"""

import streamlit as st

from explorer.translations.language_words import LANGUAGE_TAGS
from explorer.ui.components.component import register
from explorer.ui.frame.language import gettext, language
from models.errors import N_

# Each is a whole text or label of Streamlit 1.67 or of Plotly's tools; {} stands for what varies.
TEXTS: tuple[str, ...] = (
    # Fields.
    N_("Help for {}"),
    N_("Choose an option"),
    N_("Choose options"),
    N_("No results"),
    N_("No options to select"),
    N_("Select..."),
    N_("Selectbox options"),
    N_("Clear value"),
    N_("Clear all"),
    N_("Increment"),
    N_("Decrement"),
    N_("Open"),
    N_("Remove {}"),
    N_("Press Enter to apply"),
    N_("Press Ctrl+Enter to apply"),
    N_("Press ⌘+Enter to apply"),
    N_("Upload"),
    N_("file upload"),
    N_("Add files"),
    N_("Drag and drop a file here"),
    N_("Drag and drop files here"),
    N_("{} per file"),
    # Tables.
    N_("Type to search"),
    N_("Close Search"),
    N_("Previous Result"),
    N_("Next Result"),
    N_("Clear selection"),
    N_("Select all"),
    N_("Sort ascending"),
    N_("Sort descending"),
    N_("Autosize"),
    N_("Pin column"),
    N_("Unpin column"),
    N_("Hide column"),
    N_("Format"),
    N_("Copy column name"),
    N_("Copy to clipboard"),
    N_("No data"),
    N_("empty"),
    # The frame.
    N_("Close"),
    N_("Link to heading"),
    N_("Skip to main content"),
    N_("Navigate to home page"),
    N_("App pages"),
    N_("Sidebar"),
    N_("Logo"),
    N_("Expand sidebar"),
    N_("Collapse sidebar"),
    N_("Main menu"),
    N_("Running..."),
    N_("Stop"),
    N_("Connecting"),
    N_("Connection error"),
    # Plotly.
    N_("Download plot as a PNG"),
    N_("Zoom"),
    N_("Pan"),
    N_("Zoom in"),
    N_("Zoom out"),
    N_("Reset axes"),
)
# The buttons above a chart or a table; a screen reader hears its name after them, where it has one.
TOOLBAR_TEXTS: tuple[str, ...] = (
    N_("Fullscreen"),
    N_("Close fullscreen"),
    N_("Download as CSV"),
    N_("Download as PNG"),
    N_("Copy Vega-Lite spec"),
    N_("Copied!"),
    N_("Show/hide columns"),
    N_("Show data"),
    N_("Show chart"),
    N_("Search"),
)
_frame = register("page_frame", html="<i hidden></i>")


def page_frame(shown: str) -> None:
    """Give the browser the page's language, and draw the page anew when its theme changes. shown: page and view."""
    _ = gettext()
    phrases = [[text, _(text)] for text in TEXTS + TOOLBAR_TEXTS if _(text) != text]
    if phrases:
        phrases += [[f"{text}: {{}}", _("{tool}: {name}").format(tool=_(text), name="{}")] for text in TOOLBAR_TEXTS]
    with st.container(key="page-frame"):
        data = {"language": LANGUAGE_TAGS[language()], "phrases": phrases, "shown": shown}
        _frame(key="page.frame", data=data, on_theme_change=lambda: None)  # the change itself is a run of the page
