"""The graph page: what is looked at, its drawing beside the inspector, and tables, comparison and downloads below."""

import streamlit as st

from explorer.ui import selection
from explorer.ui.bar import node_place
from explorer.ui.explanations import explanation
from explorer.ui.graph_page.comparison import comparison
from explorer.ui.graph_page.drawing import controls, picture
from explorer.ui.graph_page.source import subject_choice
from explorer.ui.graph_page.tables import node_table, operation_table
from explorer.ui.graph_page.taking_away import taking_away
from explorer.ui.inspector import NODE_HINT, inspector
from explorer.ui.language import gettext, language, told
from explorer.ui.subject import Subject
from models.errors import UserError


def graph_page() -> None:
    """The whole page."""
    _ = gettext()
    st.title(_("Graph explorer"))
    with st.container(horizontal=True, vertical_alignment="center"):
        question = _("What does the network compute, step by step, and what flows through each step?")
        st.markdown(question, width="content")
        explanation("graph")
    try:
        subject = subject_choice()
        if subject is not None:
            _lens(subject)
            _below(subject)
    except UserError as error:
        st.error(told(error))


# A fragment: folding, selecting and searching run this alone, neither the bar nor the tables.
@st.fragment
def _lens(subject: Subject) -> None:
    _ = gettext()
    node = subject.graph.find(selection.current().node)
    with st.container(key="graph-lens"):
        left, right = st.columns([5, 3], gap="medium")
    with left:
        look = controls(subject)
        try:
            picture(subject, look)
        except UserError as error:
            st.error(told(error))
    with right:
        node_place(subject.graph)
        if node is None:
            st.info(_(NODE_HINT))
        else:
            inspector(subject, node)


@st.fragment
def _below(subject: Subject) -> None:
    """Only the open tab is computed."""
    _ = gettext()
    shows = {
        _("Operations"): operation_table, _("Table"): node_table, _("Compare"): comparison, _("Take away"): taking_away,
    }  # fmt: skip
    with st.container(key="graph-below"):
        tabs = st.tabs(list(shows), key=f"graph.tabs.{language()}", on_change="rerun")
    for tab, show in zip(tabs, shows.values(), strict=True):
        if tab.open:
            with tab:
                try:
                    show(subject)
                except UserError as error:
                    st.error(told(error))
