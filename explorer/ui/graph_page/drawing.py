"""The drawing of a subject's graph on the page: folding, search, colours, and what a click does."""

from typing import Any, Literal

import streamlit as st

from explorer.drawing.diagram import Diagram, box_by_node
from explorer.graph.cost import numeric_shape
from explorer.graph.graph import Node
from explorer.graph.module_tree import scope_name
from explorer.graph.search import search_nodes
from explorer.translations.language_words import sentence
from explorer.ui.components.graph_view import Found, Overlay, graph_overlay, graph_view
from explorer.ui.frame import selection
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.delivery import deliver
from explorer.ui.frame.language import gettext, language
from explorer.ui.graph_page import GRAPH
from explorer.ui.graph_page.colours import category_legend, chosen_measure, colour_choice, coloured
from explorer.ui.graph_page.page_state import carry_out, open_boxes, page_state
from explorer.ui.graph_page.prefetch import register_page
from explorer.ui.graph_page.rendering import DrawingOptions, render
from explorer.ui.graph_page.source_choice import form_choice
from explorer.ui.inspector.subject import GraphSubject
from explorer.web.graph_words import WORDS
from models.errors import GraphError

HEIGHT = 720  # pixels
QUERY = "graph.query"
DIRECTION, BOOK_ORDER, WIDTHS = "graph.direction", "graph.order", "graph.widths"
SHOWN = "graph.shown"  # the drawing that stands on this session's page
LONGEST_QUERY = 200
LONGEST_PLACE = 18  # characters beside a hit
WIDEST, THINNEST = 7.0, 0.8  # pixels of an edge


def current_options() -> DrawingOptions:
    """How the drawing looks by the controls on the screen."""
    state = st.session_state
    direction: Literal["TB", "LR"] = "LR" if state.get(DIRECTION) == "LR" else "TB"
    return DrawingOptions(
        is_dark(), language(), direction, bool(state.get(BOOK_ORDER)), bool(state.get(WIDTHS)), chosen_measure()
    )


def controls(subject: GraphSubject) -> None:
    """The row of controls over the drawing."""
    _ = gettext()
    with st.container(horizontal=True, vertical_alignment="bottom", key="graph-controls"):
        with st.container(width=190):
            colour_choice()
        with st.popover(_("Drawing"), key="graph.look"):
            form_choice(subject)
            st.segmented_control(
                _("Direction"),
                ["TB", "LR"],
                default="TB",
                required=True,
                key=DIRECTION,
                persist_state="session",
                format_func=lambda one: {"TB": _("Top to bottom"), "LR": _("Left to right")}[one],
            )
            st.toggle(
                _("Arrows in the book's order, from the output back to the input"),
                key=BOOK_ORDER,
                persist_state="session",
            )
            st.toggle(_("Wider edges for larger tensors"), key=WIDTHS, persist_state="session")


def picture(subject: GraphSubject, look: DrawingOptions) -> None:
    """The drawing; what lies over it comes with ``show_overlay``."""
    _ = gettext()
    page = page_state()
    drawing = render(subject, look, open_boxes(subject))[1]
    words = {name: _(text) for name, text in WORDS.items()}
    page.subject, page.look = subject, look
    register_page(page)
    graph_view(
        drawing,
        lambda acts: carry_out(subject, acts),
        key=GRAPH,
        height=HEIGHT,
        words=words,
        page=page.name,
        turn=page.turn,
    )
    if st.session_state.get(SHOWN) != drawing.name:
        st.session_state[SHOWN] = drawing.name
        deliver()


def show_overlay(subject: GraphSubject, look: DrawingOptions) -> None:
    """Selection, colours and search hits. Where the selected node is hidden in the drawing, the page is run again."""
    _ = gettext()
    view, drawing = render(subject, look, open_boxes(subject))
    if drawing.name != st.session_state.get(SHOWN):
        st.rerun(scope="app")
    boxes = box_by_node(view)
    colours, scale, reason = coloured(subject, view, look.measure, _)
    node = selection.current().node
    overlay = Overlay(
        selected=boxes.get(node, node) or None,
        legend=() if scale else category_legend(subject, _),
        scale=scale,
        colours=colours,
        widths=_widths(view) if look.wide_edges else None,
        found=_found(subject),
    )
    graph_overlay(drawing, overlay, _pick(subject), _search, key=GRAPH)
    if reason:
        st.caption(reason)


def has_drawing() -> bool:
    """Whether a drawing stands on the page."""
    return SHOWN in st.session_state


def forget_drawing() -> None:
    """The page is new, or shows no graph."""
    st.session_state.pop(SHOWN, None)


def _pick(subject: GraphSubject) -> Any:
    def pick(node: str) -> None:
        if subject.graph.find(node) is not None:
            selection.change(node=node)

    return pick


def _search(query: str) -> None:
    st.session_state[QUERY] = query[:LONGEST_QUERY]


def _found(subject: GraphSubject) -> Found | None:
    """The hits of the session's query in this graph, for the search field."""
    query = st.session_state.get(QUERY, "")
    if not query:
        return None
    try:
        found = search_nodes(subject.graph, query)
    except GraphError as error:
        return Found(query, message=sentence(error, gettext()))
    nodes = {node.id: node for node in subject.graph.all_nodes()} if found.hits else {}
    return Found(query, found.total, tuple(_hit(nodes[hit]) for hit in found.hits))


def _hit(node: Node) -> tuple[str, str, str]:
    """Id, title and place of a hit; of a long place the end, which tells it from its neighbours."""
    place = scope_name(node.scope) or node.name
    return node.id, node.op_type[:60], place if len(place) <= LONGEST_PLACE else f"…{place[-LONGEST_PLACE:]}"


def _widths(view: Diagram) -> dict[int, float]:
    """Pixels by the square root of the tensor's elements, the largest one ``WIDEST``."""
    counts: dict[int, float] = {}
    for place, edge in enumerate(view.edges):
        shape = numeric_shape(edge.tensor)
        if shape is not None:
            product = 1
            for size in shape:
                product *= size
            counts[place] = float(product) ** 0.5
    largest = max(counts.values(), default=0.0) or 1.0
    return {place: THINNEST + (WIDEST - THINNEST) * count / largest for place, count in counts.items()}
