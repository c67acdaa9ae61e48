"""The drawing of a subject's graph on the page: folding, search, colours, and what a click does."""

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from explorer.graph.boxes import Expand, View, holder
from explorer.graph.cost import sizes
from explorer.graph.dot import to_dot
from explorer.graph.find import find
from explorer.graph.graph import Graph, Node
from explorer.graph.layout import draw
from explorer.graph.opening import depth
from explorer.graph.tree import scope_name
from explorer.graph.view import visible
from explorer.ui import selection
from explorer.ui.charts import is_dark
from explorer.ui.delivery import deliver
from explorer.ui.graph_assets import WORDS
from explorer.ui.graph_page.colours import category_legend, chosen_measure, colour_choice, coloured
from explorer.ui.graph_page.folding import Opened, folds_of, open_all, open_first, open_level, open_to, toggle
from explorer.ui.graph_page.source import form_choice
from explorer.ui.graph_view import Drawing, Events, Found, Overlay, graph_view
from explorer.ui.language import gettext, language
from explorer.ui.subject import Subject
from explorer.ui.translation import sentence, translation
from models.errors import GraphError

HEIGHT = 720  # pixels
QUERY = "graph.query"
DIRECTION, BOOK_ORDER, WIDTHS = "graph.direction", "graph.order", "graph.widths"
SHOWN = "graph.shown"  # the drawing that stands on this session's page
LONGEST_QUERY = 200
LONGEST_PLACE = 18  # characters beside a hit
WIDEST, THINNEST = 7.0, 0.8  # pixels of an edge


@dataclass(frozen=True)
class Look:
    """How a graph is drawn, whatever it holds."""

    dark: bool
    language: str
    direction: Literal["TB", "LR"] = "TB"
    book_order: bool = False
    wide_edges: bool = False
    measure: str = ""


@st.cache_resource(show_spinner=False, max_entries=64)
def _view(_graph: Graph, key: tuple[Any, ...], opened: tuple[str, ...] | str) -> View:
    expand: Expand = "all" if isinstance(opened, str) else frozenset(opened)
    return visible(_graph, expand)


@st.cache_resource(show_spinner=False, max_entries=64)
def _drawing(_view: View, key: tuple[Any, ...], opened: tuple[str, ...] | str, look: tuple[Any, ...]) -> Drawing:
    dark, speech, direction, book_order = look
    words = translation(speech).gettext
    svg = draw(to_dot(_view, dark=dark, book_order=book_order, direction=direction, words=words), "svg").decode()
    return Drawing(svg, tuple(_view.openable()), tuple(_view.foldable()), _view.inside(), _view.jumps)


def drawing_of(subject: Subject, look: Look, opened: Opened) -> tuple[View, Drawing]:
    """What is visible with ``opened`` ids open, and its drawing; raises GraphError."""
    # A run's graph is the same at each of its checkpoints.
    key = (subject.id, str(subject.path), subject.path.stat().st_mtime_ns)
    ids = opened if isinstance(opened, str) else tuple(sorted(opened))
    view = _view(subject.graph, key, ids)
    return view, _drawing(view, key, ids, (look.dark, look.language, look.direction, look.book_order))


def look_now() -> Look:
    """How the drawing looks by the controls on the screen."""
    state = st.session_state
    direction: Literal["TB", "LR"] = "LR" if state.get(DIRECTION) == "LR" else "TB"
    return Look(
        is_dark(), language(), direction, bool(state.get(BOOK_ORDER)), bool(state.get(WIDTHS)), chosen_measure()
    )


def controls(subject: Subject) -> None:
    """The row of controls over the drawing."""
    _ = gettext()
    with st.container(horizontal=True, vertical_alignment="bottom", key="graph-controls"):
        with st.container(width=190):
            colour_choice()
        with st.container(width="content", key="graph-modules", gap=None):
            _depth_choice(subject)
        with st.popover(_("Drawing"), key="graph.look"):
            form_choice(subject)
            st.segmented_control(
                _("Direction"), ["TB", "LR"], default="TB", required=True, key=DIRECTION, persist_state="session",
                format_func=lambda one: {"TB": _("Top to bottom"), "LR": _("Left to right")}[one],
            )  # fmt: skip
            st.toggle(
                _("Arrows in the book's order, from the output back to the input"), key=BOOK_ORDER,
                persist_state="session",
            )  # fmt: skip
            st.toggle(_("Wider edges for larger tensors"), key=WIDTHS, persist_state="session")


def _depth_choice(subject: Subject) -> None:
    """Fold all, open to a depth, open all; the first view."""
    _ = gettext()
    last = depth(subject.graph)
    if last == 0:
        return
    st.caption(_("Modules"))
    with st.container(horizontal=True, gap="small"):
        st.button(_("Overview"), key="graph.depth.first", on_click=open_first, args=(subject,), type="tertiary",
                  help=_("The first view: as much as fits one look"))  # fmt: skip
        st.button(_("Fold all"), key="graph.depth.0", on_click=open_to, args=(subject, 0), type="tertiary")
        for levels in range(1, min(last, 4)):
            st.button(str(levels), key=f"graph.depth.{levels}", on_click=open_to, args=(subject, levels),
                      type="tertiary", help=_("Open {n} levels").format(n=levels))  # fmt: skip
        st.button(_("Open all"), key="graph.depth.all", on_click=open_all, args=(subject,), type="tertiary")


def picture(subject: Subject, look: Look) -> None:
    """The drawing with everything that lies over it."""
    _ = gettext()
    view, drawing = drawing_of(subject, look, folds_of(subject))
    boxes = holder(view)
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
    events = Events(
        picked=_pick(subject), toggled=lambda box: toggle(subject, box), searched=_search,
        deeper=lambda by: open_level(subject, 1 if by > 0 else -1),
    )  # fmt: skip
    words = {name: _(text) for name, text in WORDS.items()}
    graph_view(drawing, overlay, events, key="graph", height=HEIGHT, words=words)
    if reason:
        st.caption(reason)
    if st.session_state.get(SHOWN) != drawing.name:
        st.session_state[SHOWN] = drawing.name
        deliver()


def is_shown() -> bool:
    """Whether a drawing stands on the page."""
    return SHOWN in st.session_state


def forget_shown() -> None:
    """The page is new, or shows no graph."""
    st.session_state.pop(SHOWN, None)


def _pick(subject: Subject) -> Any:
    def pick(node: str) -> None:
        if subject.graph.find(node) is not None:
            selection.change(node=node)

    return pick


def _search(query: str) -> None:
    st.session_state[QUERY] = query[:LONGEST_QUERY]


def _found(subject: Subject) -> Found | None:
    """The hits of the session's query in this graph, for the search field."""
    query = st.session_state.get(QUERY, "")
    if not query:
        return None
    try:
        found = find(subject.graph, query)
    except GraphError as error:
        return Found(query, message=sentence(error, gettext()))
    nodes = {node.id: node for node in subject.graph.all_nodes()} if found.hits else {}
    return Found(query, found.total, tuple(_hit(nodes[hit]) for hit in found.hits))


def _hit(node: Node) -> tuple[str, str, str]:
    """Id, title and place of a hit; of a long place the end, which tells it from its neighbours."""
    place = scope_name(node.scope) or node.name
    return node.id, node.op_type[:60], place if len(place) <= LONGEST_PLACE else f"…{place[-LONGEST_PLACE:]}"


def _widths(view: View) -> dict[int, float]:
    """Pixels by the square root of the tensor's elements, the largest one ``WIDEST``."""
    counts: dict[int, float] = {}
    for place, edge in enumerate(view.edges):
        shape = sizes(edge.tensor)
        if shape is not None:
            product = 1
            for size in shape:
                product *= size
            counts[place] = float(product) ** 0.5
    largest = max(counts.values(), default=0.0) or 1.0
    return {place: THINNEST + (WIDEST - THINNEST) * count / largest for place, count in counts.items()}
