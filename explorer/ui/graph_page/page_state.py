"""The state of a session's graph page: the graph, how it is drawn, and what is open of each graph looked at.

Nothing is drawn here. The page's script run changes the state; a prefetch (``prefetch.py``) reads it from another
thread, which is why each entry is replaced as a whole.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st
from cachetools import FIFOCache

from explorer.drawing.actions import DrawingAction, Opened, apply_action
from explorer.drawing.expansion import opened_to_reveal
from explorer.drawing.visible import first_view
from explorer.ui.frame import selection
from explorer.ui.graph_page.rendering import DrawingOptions
from explorer.ui.inspector.subject import GraphSubject
from models.errors import UserError

KEY = "graph.page"
MOST_FOLDINGS = 20  # graphs whose folding a session remembers


@dataclass(frozen=True)
class Folding:
    """opened: ids of what is open, or "all". revealed: the node that was last made visible."""

    opened: Opened
    revealed: str = ""


@dataclass
class GraphPageState:
    """One session's.

    name: a secret between the server and the session's browser. turn: of the last action that was applied. subject,
    options: what is on the screen; None before the first drawing. foldings: by the subject's id; the oldest one beyond
    ``MOST_FOLDINGS`` is evicted. upload_error: why the last upload was refused.
    """

    name: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    turn: int = 0
    subject: GraphSubject | None = None
    options: DrawingOptions | None = None
    foldings: FIFOCache[str, Folding] = field(default_factory=lambda: FIFOCache(MOST_FOLDINGS))
    upload_error: UserError | None = None

    def opened(self, subject: GraphSubject) -> Opened:
        """What is open of a graph, at first what ``first_view`` opens; raises GraphError."""
        folding = self.foldings.get(subject.id)
        return first_view(subject.graph) if folding is None else folding.opened

    def keep(self, subject: GraphSubject, folding: Folding) -> None:
        """Remember what is open of a graph."""
        self.foldings[subject.id] = folding


def page_state() -> GraphPageState:
    """The state of this session."""
    page: GraphPageState = st.session_state.setdefault(KEY, GraphPageState())
    return page


def opened_boxes(subject: GraphSubject) -> Opened:
    """What is open; what hides a newly selected node is opened, too."""
    page, node = page_state(), selection.current().node
    folding = page.foldings.get(subject.id)
    if folding is None:
        folding = Folding(page.opened(subject))
        page.keep(subject, folding)
    if node and node != folding.revealed and folding.opened != "all":
        # Selected by an address, a search or a table: it is revealed once, and may be folded away again.
        folding = Folding(folding.opened | opened_to_reveal(subject.graph, node), node)
        page.keep(subject, folding)
    return folding.opened


def apply_actions(subject: GraphSubject, actions: Iterable[DrawingAction]) -> None:
    """Apply those that are new: the browser repeats an action until it is told the ``turn`` of one as late."""
    page = page_state()
    for action in actions:
        if action.turn > page.turn:
            opened = apply_action(subject.graph, opened_boxes(subject), action)
            page.keep(subject, Folding(opened, selection.current().node))
            page.turn = action.turn


def open_first_view(subject: GraphSubject) -> None:
    """Open what is open at first."""
    page_state().keep(subject, Folding(first_view(subject.graph), selection.current().node))
