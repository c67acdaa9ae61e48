"""The graph page: what is looked at, its drawing beside the inspector, and tables, comparison and downloads below."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.ui.frame import selection
from explorer.ui.frame.bar import node_place
from explorer.ui.frame.explanation import explanation_button
from explorer.ui.frame.language import error_text, gettext, language
from explorer.ui.graph_page.comparison import comparison
from explorer.ui.graph_page.downloads import downloads
from explorer.ui.graph_page.drawing import controls, current_options, forget_drawing, has_drawing, picture, show_overlay
from explorer.ui.graph_page.explanation import CHAPTER, SENTENCES
from explorer.ui.graph_page.page_state import show_first_view
from explorer.ui.graph_page.rendering import DrawingOptions
from explorer.ui.graph_page.selected_file import SelectedFile, selected_file
from explorer.ui.graph_page.source_choice import chosen_file, chosen_source, subject_choice
from explorer.ui.graph_page.tables import node_table, operation_table
from explorer.ui.inspector.panel import NODE_HINT, inspector
from explorer.ui.inspector.subject import GraphSubject
from models.errors import UserError


def graph_page() -> None:
    """The whole page. A model file's graph comes first where the page is there already: the rest stays as it was."""
    head, body = st.container(), st.container()
    if selection.is_fresh():
        forget_drawing()
    file = selected_file()
    early = chosen_file(file, chosen_source()) if has_drawing() else None
    shown = early is None or _shown(body, early)
    with head:
        subject = _head(file)
    if subject is None:
        forget_drawing()
    elif early is None:
        shown = _shown(body, subject)
    if subject is not None and shown:
        _below(subject)


def _head(file: SelectedFile) -> GraphSubject | None:
    """Title, question and the choice of what is looked at."""
    _ = gettext()
    st.title(_("Graph explorer"))
    with st.container(horizontal=True, vertical_alignment="center"):
        question = _("What does the network compute, step by step, and what flows through each step?")
        st.markdown(question, width="content")
        explanation_button("graph", CHAPTER, SENTENCES)
    try:
        return subject_choice(file)
    except UserError as error:
        st.error(error_text(error))
        return None


def _shown(body: DeltaGenerator, subject: GraphSubject) -> bool:
    """Draw the graph; False where it cannot be read, which the page then says."""
    with body:
        try:
            _lens(subject)
        except UserError as error:
            forget_drawing()
            st.error(error_text(error))
            return False
    return True


# A fragment: folding runs this alone, neither the bar nor the tables.
@st.fragment
def _lens(subject: GraphSubject) -> None:
    with st.container(key="graph-lens"):
        left, right = st.columns([5, 3], gap="medium")
    with left:
        bar, place = st.container(), st.container()
    again = has_drawing()  # then the drawing goes first: the controls are there already
    if not again:
        with bar:
            controls(subject)
    look = current_options()
    with place:
        try:
            picture(subject, look)
        except UserError as error:
            forget_drawing()
            st.error(error_text(error))
            st.button(gettext()("Overview"), key="graph.first", on_click=show_first_view, args=(subject,))
    if again:
        with bar:
            controls(subject)
    with right:
        _beside(subject, look)


# A fragment: selecting and searching run this alone, not the drawing.
@st.fragment
def _beside(subject: GraphSubject, look: DrawingOptions) -> None:
    """What lies over the drawing, and the inspector."""
    with st.container(gap=None):  # what lies over the drawing takes no room here
        if has_drawing():
            show_overlay(subject, look)
        node_place(subject.graph)
    node = subject.graph.find(selection.current().node)
    if node is None:
        st.info(gettext()(NODE_HINT))
    else:
        inspector(subject, node)


@st.fragment
def _below(subject: GraphSubject) -> None:
    """Only the open tab is computed."""
    _ = gettext()
    shows = {
        _("Operations"): operation_table,
        _("Table"): node_table,
        _("Compare"): comparison,
        _("Take away"): downloads,
    }
    with st.container(key="graph-below"):
        tabs = st.tabs(list(shows), key=f"graph.tabs.{language()}", on_change="rerun")
    for tab, show in zip(tabs, shows.values(), strict=True):
        if tab.open:
            with tab:
                try:
                    show(subject)
                except UserError as error:
                    st.error(error_text(error))
