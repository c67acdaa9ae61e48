"""The graph page: the selected run's computation graph, the inspector of the chosen node, and the ONNX download."""

import streamlit as st

from explorer.graph.categories import legend
from explorer.graph.graph import Graph, Node
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.ui import selection
from explorer.ui.bar import selection_bar, step_of
from explorer.ui.charts import is_dark
from explorer.ui.explanations import explanation
from explorer.ui.graph_view import WORDS, graph_view
from explorer.ui.inspector import NODE_HINT, inspector
from explorer.ui.language import gettext, language, told
from explorer.ui.opened import drawing, graph_of, onnx_bytes, opened
from explorer.ui.sample_choice import sample_choice
from models.errors import UserError

HEIGHT = 720  # pixels of the drawing


def graph_page() -> None:
    """The whole page."""
    _ = gettext()
    st.title(_("Graph explorer"))
    with st.container(horizontal=True, vertical_alignment="center"):
        question = _("What does the network compute, step by step, and what flows through each step?")
        st.markdown(question, width="content")
        explanation("graph")
    run = selection_bar(sample=sample_choice)
    if run is None:
        st.info(_("No run yet: train a model on its page first."))
        return
    try:
        graph = graph_of(run)
        one = opened(run, step_of(run))
        _columns(run, one, graph)
    except UserError as error:
        st.error(told(error))


def _columns(run: Run, one: OpenRun, graph: Graph) -> None:
    _ = gettext()
    nodes = {node.id: node for node in graph.all_nodes()}
    chosen = nodes.get(selection.current().node)
    with st.container(key="graph-lens"):
        picture, detail = st.columns([5, 3], gap="medium")
    with picture:
        book_order = st.toggle(
            _("Arrows in the book's order, from the output back to the inputs"),
            key="graph.order",
            persist_state="session",
        )
        changed = run.onnx_path.stat().st_mtime_ns
        svg = drawing(run.onnx_path, changed, is_dark(), book_order, language())
        clicked = graph_view(
            svg,
            selected=chosen.id if chosen else None,
            key="graph",
            height=HEIGHT,
            words=_words(),
            legend=_legend(nodes),
        )
        if clicked is not None and clicked in nodes and clicked != selection.current().node:
            selection.change(node=clicked)
            st.rerun()
    with detail:
        if chosen is None:
            st.info(_(NODE_HINT))
        else:
            inspector(one, graph, chosen, selection.current().sample)
        st.download_button(
            _("Download ONNX"),
            onnx_bytes(run.id, one.step, changed),
            f"{run.id}-{one.step}.onnx",
            "application/octet-stream",
            on_click="ignore",
            key="graph.download",
            width="stretch",
        )
        difference = run.status.onnx_max_difference
        if difference is not None:
            st.caption(_("Largest difference from PyTorch on real samples: {value}").format(value=f"{difference:.1e}"))


def _words() -> dict[str, str]:
    """The component's words in the session's language."""
    _ = gettext()
    return {name: _(text) for name, text in WORDS.items()}


def _legend(nodes: dict[str, Node]) -> list[tuple[str, str]]:
    """(title, colour) of the categories that occur."""
    _ = gettext()
    present = legend(node.category for node in nodes.values())
    return [(_(category.title), category.dark if is_dark() else category.light) for category in present]
