"""The inspector: everything about one node of a graph for the current input, in tabs. The same on every page."""

import streamlit as st

from explorer.graph.categories import CATEGORIES
from explorer.graph.graph import Node
from explorer.graph.operation_docs import operation_doc
from explorer.ui.frame import selection
from explorer.ui.frame.labels import Translate, formula, plain
from explorer.ui.frame.language import error_text, gettext, language
from explorer.ui.inspector import activation_tab, arithmetic_tab, attributes_tab, gradient_tab, source_tab, weights_tab
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_, NotRunError, UserError

LONGEST_SENTENCE = 4000  # characters of ONNX's documentation
NODE_HINT = N_("Click a node to see its activation, weights, attributes and source line.")

TABS: tuple[InspectorTab, ...] = (
    activation_tab.TAB,
    weights_tab.TAB,
    gradient_tab.TAB,
    arithmetic_tab.TAB,
    attributes_tab.TAB,
    source_tab.TAB,
)


def inspector(subject: GraphSubject, node: Node) -> None:
    """Draw the heading, what the operation does, and the tabs of ``node``."""
    _ = gettext()
    st.header(plain(node.op_type))
    st.caption(" · ".join(filter(None, (plain(node.name), _(CATEGORIES[node.category].title)))))
    _operation_card(node, _)
    _tabs(subject, node, selection.current().node)


def _operation_card(node: Node, _: Translate) -> None:
    """What the operation does, one click away."""
    operation = operation_doc(node.op_type, node.domain)
    with st.popover(_("What does it do?"), type="tertiary"):
        for sentence in operation.sentences:
            st.markdown(_(sentence) if operation.ours else plain(sentence, LONGEST_SENTENCE))
        if not operation.ours:
            st.caption(_("From ONNX's documentation"))
        if operation.formula:
            st.markdown(formula(operation.formula))
        if operation.chapter is not None:
            st.caption(_("Chapter {n} of the book").format(n=operation.chapter))


# A fragment: another tab or another element of the arithmetic reruns this alone, not the page with its drawing.
@st.fragment
def _tabs(subject: GraphSubject, node: Node, selected: str) -> None:
    """The same tabs for every node, so that the open one stays open; only that one is computed.

    selected: the id of the selection's node when the inspector's heading was drawn.
    """
    if selection.current().node != selected:
        st.rerun(scope="app")  # a tab has selected another node: heading and drawing are outside this fragment
    _ = gettext()
    places = st.tabs([_(tab.title) for tab in TABS], key=f"inspector.tabs.{language()}", on_change="rerun")
    for tab, place in zip(TABS, places, strict=True):
        if place.open:
            with place:
                _content(tab, subject, node, _)


def _content(tab: InspectorTab, subject: GraphSubject, node: Node, _: Translate) -> None:
    """The tab's content, or the sentence that says why there is none."""
    try:
        reason = tab.reason_missing(subject, node)
        if reason:
            st.caption(_(reason))
        else:
            tab.show(subject, node, _)
    except NotRunError as error:
        st.caption(error_text(error))
    except UserError as error:
        st.error(error_text(error))
