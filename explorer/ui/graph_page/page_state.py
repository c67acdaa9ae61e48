"""What a session's graph page shows: the graph, how it looks, and what is open of each graph that it has looked at.

Nothing is drawn here. The page's script run changes it; a prefetch (``prefetch.py``) reads it from another thread,
which is why each entry is replaced as a whole.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

from explorer.drawing.actions import DrawingAction, Opened, apply_action
from explorer.drawing.expansion import opened_to_reveal
from explorer.drawing.visible import first_view
from explorer.ui.frame import selection
from explorer.ui.graph_page.rendering import DrawingOptions
from explorer.ui.inspector.subject import GraphSubject
from models.errors import UserError

KEY = "graph.page"
MOST_KEPT = 20  # graphs whose folding a session remembers


@dataclass(frozen=True)
class Folding:
    """opened: ids of what is open, or "all". revealed: the node that was last made visible."""

    opened: Opened
    revealed: str = ""


@dataclass
class GraphPageState:
    """Of one session. name: known to its browser alone. turn: of the last act that was carried out. subject, look: what
    stands on the screen; None before the first drawing. refused: why the last upload cannot be kept."""

    name: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    turn: int = 0
    subject: GraphSubject | None = None
    look: DrawingOptions | None = None
    folds: dict[str, Folding] = field(default_factory=dict)
    refused: UserError | None = None

    def opened(self, subject: GraphSubject) -> Opened:
        """What is open of a graph, at first what ``first_view`` opens; raises GraphError."""
        kept = self.folds.get(subject.id)
        return first_view(subject.graph) if kept is None else kept.opened

    def keep(self, subject: GraphSubject, folds: Folding) -> None:
        """Remember what is open of a graph, and forget the oldest beyond ``MOST_KEPT``."""
        while subject.id not in self.folds and len(self.folds) >= MOST_KEPT:
            self.folds.pop(next(iter(self.folds)))
        self.folds[subject.id] = folds


def page_state() -> GraphPageState:
    """The session's."""
    page: GraphPageState = st.session_state.setdefault(KEY, GraphPageState())
    return page


def open_boxes(subject: GraphSubject) -> Opened:
    """What is open; what hides a newly selected node is opened too."""
    page, node = page_state(), selection.current().node
    kept = page.folds.get(subject.id)
    if kept is None:
        kept = Folding(page.opened(subject))
        page.keep(subject, kept)
    if node and node != kept.revealed and kept.opened != "all":
        # Chosen by an address, a search or a table: it is made visible once, and may be folded away again.
        kept = Folding(kept.opened | opened_to_reveal(subject.graph, node), node)
        page.keep(subject, kept)
    return kept.opened


def carry_out(subject: GraphSubject, acts: Iterable[DrawingAction]) -> None:
    """Carry out what has not been carried out yet: the browser says an act again until it hears that it was done."""
    page = page_state()
    for act in acts:
        if act.turn > page.turn:
            page.keep(subject, Folding(apply_action(subject.graph, open_boxes(subject), act), selection.current().node))
            page.turn = act.turn


def show_first_view(subject: GraphSubject) -> None:
    """The first view again."""
    page_state().keep(subject, Folding(first_view(subject.graph), selection.current().node))
