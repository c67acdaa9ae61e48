"""The graph page: what is looked at, its drawing beside the inspector, and tables, comparison and downloads below."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.ui.frame import selection
from explorer.ui.frame.bar import node_place
from explorer.ui.frame.explanation import explanation_button
from explorer.ui.frame.language import error_text, gettext, language
from explorer.ui.graph_page.comparison import comparison_tab
from explorer.ui.graph_page.downloads import downloads
from explorer.ui.graph_page.drawing import (
    current_options,
    drawing_controls,
    forget_drawing,
    has_drawing,
    show_drawing,
    show_overlay,
)
from explorer.ui.graph_page.explanation import CHAPTER, SENTENCES
from explorer.ui.graph_page.page_state import open_first_view, shown_node
from explorer.ui.graph_page.rendering import DrawingOptions
from explorer.ui.graph_page.sources.selected_file import SelectedFile, selected_file
from explorer.ui.graph_page.sources.source_choice import chosen_file, chosen_source, subject_choice
from explorer.ui.graph_page.tables import node_table, operation_table
from explorer.ui.inspector.panel import NODE_HINT, inspector
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_, UserError

TABS: dict[str, tuple[str, Callable[[GraphSubject], None]]] = {  # below the drawing, by their names in the selection
    "": (N_("Operations"), operation_table),
    "nodes": (N_("Table"), node_table),
    "compare": (N_("Compare"), comparison_tab),
    "export": (N_("Export"), downloads),
}


def graph_page() -> None:
    """Draw the page: a model file's graph first where a drawing is on the page already, for the rest stays as it is."""
    head, body = st.container(), st.container()
    if selection.is_fresh():
        forget_drawing()
    file = selected_file()
    early = chosen_file(file, chosen_source()) if has_drawing() else None
    drawn = early is None or _graph(body, early)
    with head:
        subject = _head(file)
    if subject is None:
        forget_drawing()
    elif early is None:
        drawn = _graph(body, subject)
    if subject is not None and drawn:
        _below(subject)


def _head(file: SelectedFile) -> GraphSubject | None:
    """Title, question and the choice of what is looked at; None where there is nothing."""
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


def _graph(body: DeltaGenerator, subject: GraphSubject) -> bool:
    """Draw the graph beside the inspector; False where it cannot be read, which the page then says."""
    with body:
        try:
            _lens(subject)
        except UserError as error:
            forget_drawing()
            st.error(error_text(error))
            return False
    return True


# A fragment: folding reruns this alone, neither the bar nor the tables.
@st.fragment
def _lens(subject: GraphSubject) -> None:
    with st.container(key="graph-lens"):
        left, right = st.columns([5, 3], gap="medium")
    with left:
        controls, drawing = st.container(), st.container()
    again = has_drawing()  # then the drawing goes first: the controls are on the page already
    if not again:
        with controls:
            drawing_controls(subject)
    options = current_options()
    with drawing:
        try:
            show_drawing(subject, options)
        except UserError as error:
            forget_drawing()
            st.error(error_text(error))
            st.button(gettext()("Overview"), key="graph.first", on_click=open_first_view, args=(subject,))
    if again:
        with controls:
            drawing_controls(subject)
    with right:
        _beside(subject, options)


# A fragment: selecting and searching rerun this alone, not the drawing.
@st.fragment
def _beside(subject: GraphSubject, options: DrawingOptions) -> None:
    """What lies over the drawing, and the inspector."""
    with st.container(gap=None):  # the overlay takes no space here
        if has_drawing():
            show_overlay(subject, options)
        node_place(subject.graph)
    node = shown_node(subject)
    if node is None:
        st.info(gettext()(NODE_HINT))
    else:
        inspector(subject, node)


@st.fragment
def _below(subject: GraphSubject) -> None:
    """Tables, comparison and downloads in tabs; only the open one is computed."""
    _ = gettext()
    names = {_(title): name for name, (title, _show) in TABS.items()}
    key = f"graph.tabs.{language()}"
    wanted = selection.current().tab
    selection.steer(key, next(title for title, name in names.items() if name == (wanted if wanted in TABS else "")))
    with st.container(key="graph-below"):
        tabs = st.tabs(
            list(names), key=key, on_change=lambda: selection.change(tab=names.get(st.session_state[key], ""))
        )
    for tab, (_title, show) in zip(tabs, TABS.values(), strict=True):
        if tab.open:
            with tab:
                try:
                    show(subject)
                except UserError as error:
                    st.error(error_text(error))
