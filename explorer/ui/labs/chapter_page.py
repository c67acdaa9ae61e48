"""A chapter's page for the navigation and for links. Light: what it draws is imported when the page is opened."""

from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from explorer.ui.frame.language import gettext
from models.catalogue import Chapter


def chapter_page(chapter: Chapter) -> StreamlitPage:
    """The page of ``chapter`` at ``/<its name>``."""
    return st.Page(partial(_draw, chapter), title=gettext()(chapter.title), url_path=chapter.name)


def _draw(chapter: Chapter) -> None:
    from explorer.ui.labs.page import laboratory_page  # torch: only where a laboratory is opened

    laboratory_page(chapter)
