"""The drawing of a subject's graph on the page: its controls, what lies over it, and what an action changes."""

from typing import Literal

import streamlit as st

from explorer.drawing.diagram import box_by_node
from explorer.drawing.edge_widths import edge_widths
from explorer.graph.faults import fault_sentence
from explorer.graph.graph import Node
from explorer.graph.module_tree import scope_name
from explorer.graph.search import search_nodes
from explorer.translations.language_words import sentence
from explorer.ui.components.graph_view import Overlay, SearchAnswer, graph_overlay, graph_view
from explorer.ui.frame import selection
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.delivery import deliver
from explorer.ui.frame.labels import plain
from explorer.ui.frame.language import gettext, language
from explorer.ui.graph_page import GRAPH
from explorer.ui.graph_page.colours import box_colours, category_legend, chosen_measure, colour_choice
from explorer.ui.graph_page.page_state import apply_actions, opened_boxes, page_state, shown_node
from explorer.ui.graph_page.prefetch import register_page
from explorer.ui.graph_page.rendering import DrawingOptions, render
from explorer.ui.graph_page.sources.form_choice import form_choice
from explorer.ui.inspector.subject import GraphSubject
from explorer.web.words import GRAPH_WORDS
from models.errors import N_, GraphError

HEIGHT = 720  # pixels
LONGEST_WARNING = 600  # characters
DIRECTION, BOOK_ORDER, WIDTHS = "graph.direction", "graph.order", "graph.widths"
DIRECTIONS = {"TB": N_("Top to bottom"), "LR": N_("Left to right")}
BOOK, BY_SIZE = "book", "size"  # ``order`` and ``widths`` of the selection
ON_SCREEN = "graph.shown"  # the name of the drawing that is on this session's page
LONGEST_QUERY = 200
LONGEST_TITLE, LONGEST_PLACE = 60, 18  # characters of a hit and beside it


def current_options() -> DrawingOptions:
    """How the graph is drawn, by the selection."""
    chosen = selection.current()
    direction: Literal["TB", "LR"] = "LR" if chosen.direction == "LR" else "TB"
    return DrawingOptions(
        is_dark(), language(), direction, chosen.order == BOOK, chosen.widths == BY_SIZE, chosen_measure()
    )


def drawing_controls(subject: GraphSubject) -> None:
    """Draw the row of controls above the drawing."""
    _ = gettext()
    options, state = current_options(), st.session_state
    selection.steer(DIRECTION, options.direction)
    selection.steer(BOOK_ORDER, options.book_order)
    selection.steer(WIDTHS, options.wide_edges)

    def chosen() -> None:
        selection.change(
            direction="LR" if state[DIRECTION] == "LR" else "",
            order=BOOK if state[BOOK_ORDER] else "",
            widths=BY_SIZE if state[WIDTHS] else "",
        )

    with st.container(horizontal=True, vertical_alignment="bottom", key="graph-controls"):
        with st.container(width=190):
            colour_choice()
        with st.popover(_("Drawing"), key="graph.look"):
            form_choice(subject)
            st.segmented_control(
                _("Direction"),
                list(DIRECTIONS),
                required=True,
                key=DIRECTION,
                on_change=chosen,
                format_func=lambda direction: _(DIRECTIONS[direction]),
            )
            order = _("Arrows in the book's order, from the output back to the input")
            st.toggle(order, key=BOOK_ORDER, on_change=chosen)
            st.toggle(_("Wider edges for larger tensors"), key=WIDTHS, on_change=chosen)


def show_drawing(subject: GraphSubject, options: DrawingOptions) -> None:
    """Draw the graph; what lies over it is drawn by ``show_overlay``. Raises GraphError."""
    _ = gettext()
    page = page_state()
    if subject.graph.faults:
        st.warning(plain(fault_sentence(subject.graph, _), LONGEST_WARNING))
    drawing = render(subject, options, opened_boxes(subject))[1]
    page.subject, page.options = subject, options
    register_page(page)
    graph_view(
        drawing,
        lambda actions: apply_actions(subject, actions),
        key=GRAPH,
        height=HEIGHT,
        words={name: _(text) for name, text in GRAPH_WORDS.items()},
        page=page.name,
        turn=page.turn,
    )
    if st.session_state.get(ON_SCREEN) != drawing.name:
        st.session_state[ON_SCREEN] = drawing.name
        deliver()


def show_overlay(subject: GraphSubject, options: DrawingOptions) -> None:
    """Draw selection, colours and search hits. Where they need another drawing, the whole page runs again."""
    _ = gettext()
    diagram, drawing = render(subject, options, opened_boxes(subject))
    if drawing.name != st.session_state.get(ON_SCREEN):
        st.rerun(scope="app")  # the selected node is hidden in the drawing on the screen
    boxes = box_by_node(diagram)
    colours, scale, reason = box_colours(subject, boxes, options.measure, _)
    node = shown_node(subject)
    overlay = Overlay(
        selected=None if node is None else boxes.get(node.id, node.id),
        legend=() if scale else category_legend(subject, _),
        scale=scale,
        colours=colours,
        widths=edge_widths(diagram) if options.wide_edges else None,
        search=_search_result(subject),
    )

    def select(picked: str) -> None:
        if subject.graph.find(picked) is not None:
            selection.change(node=picked)

    graph_overlay(drawing, overlay, select, _search, key=GRAPH)
    if reason:
        st.caption(reason)


def has_drawing() -> bool:
    """Whether a drawing is on the page."""
    return ON_SCREEN in st.session_state


def forget_drawing() -> None:
    """Note that no drawing is on the page: it is new, or shows no graph."""
    st.session_state.pop(ON_SCREEN, None)


def _search(query: str) -> None:
    selection.change(search=query[:LONGEST_QUERY])


def _search_result(subject: GraphSubject) -> SearchAnswer | None:
    """The hits of the selection's query in this graph, for the search field; None without a query."""
    query = selection.current().search[:LONGEST_QUERY]
    if not query:
        return None
    try:
        result = search_nodes(subject.graph, query)
    except GraphError as error:
        return SearchAnswer(query, message=sentence(error, gettext()))
    nodes = {node.id: node for node in subject.graph.all_nodes()} if result.node_ids else {}
    return SearchAnswer(query, result.total, tuple(_hit(nodes[hit]) for hit in result.node_ids))


def _hit(node: Node) -> tuple[str, str, str]:
    """Id, title and place of a hit; of a long place its end, which differs from its neighbours'."""
    place = scope_name(node.scope) or node.name
    short = place if len(place) <= LONGEST_PLACE else f"…{place[-LONGEST_PLACE:]}"
    return node.id, node.op_type[:LONGEST_TITLE], short
