"""Which modules are open in this session, for each graph that it has looked at. Nothing is drawn here."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from explorer.graph.opening import depth, opening, to_depth
from explorer.graph.view import first_view
from explorer.ui import selection
from explorer.ui.subject import Subject

MEMORY = "graph.open"
MOST_KEPT = 20  # graphs whose folding a session remembers

Opened = Literal["all"] | frozenset[str]


@dataclass(frozen=True)
class Folds:
    """opened: ids of what is open, or "all". revealed: the node that was last made visible."""

    opened: Opened
    revealed: str = ""


def folds_of(subject: Subject) -> Opened:
    """At first what ``first_view`` opens; what hides a newly selected node is opened too."""
    kept: dict[str, Folds] = st.session_state.setdefault(MEMORY, {})
    if subject.id not in kept:
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[subject.id] = Folds(first_view(subject.graph))
    folds, node = kept[subject.id], selection.current().node
    if node and node != folds.revealed and folds.opened != "all":
        # Chosen by an address, a search or a table: it is made visible once, and may be folded away again.
        kept[subject.id] = Folds(folds.opened | opening(subject.graph, node), node)
    return kept[subject.id].opened


def toggle(subject: Subject, box: str) -> None:
    """Open what is folded, fold what is open."""
    opened = folds_of(subject)
    ids = to_depth(subject.graph, depth(subject.graph)) if opened == "all" else opened
    _keep(subject, ids - {box} if box in ids else ids | {box})


def open_to(subject: Subject, levels: int) -> None:
    """Open everything down to so many levels, 0 for nothing."""
    _keep(subject, to_depth(subject.graph, levels))


def open_level(subject: Subject, by: int) -> None:
    """Open (1) or fold (-1) one level of everything, from the level down to which all is open now."""
    opened, last = folds_of(subject), depth(subject.graph)
    now = last
    while now > 0 and opened != "all" and not to_depth(subject.graph, now) <= opened:
        now -= 1
    open_to(subject, min(last, max(0, now + by)))


def open_all(subject: Subject) -> None:
    """Every module, body and run of a long level."""
    _keep(subject, "all")


def open_first(subject: Subject) -> None:
    """The first view again."""
    _keep(subject, first_view(subject.graph))


def _keep(subject: Subject, opened: Opened) -> None:
    st.session_state.setdefault(MEMORY, {})[subject.id] = Folds(opened, selection.current().node)
