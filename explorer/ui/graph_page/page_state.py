"""The state of a session's graph page: the graph, how it is drawn, and what is open of it.

Nothing is drawn here. The page's script run changes the state; a prefetch (``prefetch.py``) reads it from another
thread, which is why the folding is replaced as a whole. What is open stands in the address, too, which decides.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

from explorer.drawing.actions import DrawingAction, Opened, apply_action
from explorer.drawing.expansion import opened_to_reveal
from explorer.drawing.opened_text import opened_from_text, opened_text
from explorer.drawing.visible import first_node, first_view
from explorer.graph.graph import Graph, Node
from explorer.ui.frame import selection
from explorer.ui.graph_page.rendering import DrawingOptions
from explorer.ui.inspector.subject import GraphSubject
from models.errors import UserError

KEY = "graph.page"


@dataclass(frozen=True)
class Folding:
    """What is open of a graph.

    graph_key: of the graph. opened: ids of what is open, or "all". revealed: the selected node, which was made visible
    once. text: what the address says about it; '' for a first view in which ``revealed`` is visible, and where it is
    too long for an address.
    """

    graph_key: tuple[str, str]
    opened: Opened
    revealed: str = ""
    text: str = ""


@dataclass
class GraphPageState:
    """One session's.

    name: a secret between the server and the session's browser. turn: of the last action that was applied. subject,
    options: what is on the screen; None before the first drawing. folding: of the graph that was last drawn.
    upload_error: why the last upload was refused.
    """

    name: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    turn: int = 0
    subject: GraphSubject | None = None
    options: DrawingOptions | None = None
    folding: Folding | None = None
    upload_error: UserError | None = None

    def opened(self, subject: GraphSubject) -> Opened:
        """What is open of a graph, at first what ``first_view`` opens; raises GraphError."""
        folding = self.folding
        if folding is None or folding.graph_key != graph_key(subject):
            return first_view(subject.graph)
        return folding.opened


def graph_key(subject: GraphSubject) -> tuple[str, str]:
    """Names a subject's graph, which is another one as written than as the exporter optimises it."""
    return subject.id, str(subject.path)


def page_state() -> GraphPageState:
    """The state of this session."""
    page: GraphPageState = st.session_state.setdefault(KEY, GraphPageState())
    return page


def opened_boxes(subject: GraphSubject) -> Opened:
    """What is open, by the address or as it was left; what hides a newly selected node is opened, too."""
    chosen, folding = selection.current(), page_state().folding
    if folding is None or folding.graph_key != graph_key(subject) or folding.text != chosen.open:
        opened = opened_from_text(chosen.open)
        # What an address says is open is exactly that: the person may have folded the node away again.
        revealed = "" if opened is None else chosen.node
        folding = Folding(graph_key(subject), first_view(subject.graph) if opened is None else opened, revealed)
    elif folding.revealed == chosen.node:
        return folding.opened
    opened = folding.opened
    if chosen.node != folding.revealed:
        # Selected by an address, a search or a table: it is revealed once, and may be folded away again.
        opened = _with_revealed(subject.graph, opened, chosen.node)
    _keep(subject, opened)
    return opened


def _with_revealed(graph: Graph, opened: Opened, node: str) -> Opened:
    return opened if opened == "all" or not node else opened | opened_to_reveal(graph, node)


def _keep(subject: GraphSubject, opened: Opened) -> None:
    """Remember what is open, in the session and in the address."""
    node = selection.current().node
    is_first_view = opened == _with_revealed(subject.graph, first_view(subject.graph), node)
    text = "" if is_first_view else opened_text(opened)
    page_state().folding = Folding(graph_key(subject), opened, node, text)
    selection.change(open=text)


def shown_node(subject: GraphSubject) -> Node | None:
    """The selected node, else one to begin with, which is not in the address: nobody has chosen it."""
    return subject.graph.find(selection.current().node) or first_node(subject.graph)


def apply_actions(subject: GraphSubject, actions: Iterable[DrawingAction]) -> None:
    """Apply those that are new: the browser repeats an action until the page confirms the ``turn`` of one as late."""
    page = page_state()
    for action in actions:
        if action.turn > page.turn:
            _keep(subject, apply_action(subject.graph, opened_boxes(subject), action))
            page.turn = action.turn


def open_first_view(subject: GraphSubject) -> None:
    """Open what is open at first."""
    _keep(subject, first_view(subject.graph))
