"""How a graph is drawn, and its drawing made so, kept for all sessions. Nothing of a session is known here."""

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from explorer.drawing.actions import Opened
from explorer.drawing.diagram import Diagram, Expand
from explorer.drawing.dot import to_dot
from explorer.drawing.expansion import max_depth
from explorer.drawing.layout import draw
from explorer.drawing.visible import visible
from explorer.graph.graph import Graph
from explorer.translations.language_words import translation
from explorer.ui.components.graph_view import Drawing
from explorer.ui.inspector.subject import GraphSubject


@dataclass(frozen=True)
class DrawingOptions:
    """How a graph is drawn, whatever it holds."""

    dark: bool
    language: str
    direction: Literal["TB", "LR"] = "TB"
    book_order: bool = False
    wide_edges: bool = False
    measure: str = ""


def render(subject: GraphSubject, look: DrawingOptions, opened: Opened) -> tuple[Diagram, Drawing]:
    """What is visible with ``opened`` ids open, and its drawing; raises GraphError."""
    # A run's graph is the same at each of its checkpoints.
    key = (subject.id, str(subject.path), subject.path.stat().st_mtime_ns)
    ids = opened if isinstance(opened, str) else tuple(sorted(opened))
    view = _view(subject.graph, key, ids)
    drawn = (look.dark, look.language, look.direction, look.book_order)
    return view, _drawing(view, key, ids, drawn, max_depth(subject.graph))


@st.cache_resource(show_spinner=False, max_entries=64)
def _view(_graph: Graph, key: tuple[Any, ...], opened: tuple[str, ...] | str) -> Diagram:
    expand: Expand = "all" if isinstance(opened, str) else frozenset(opened)
    return visible(_graph, expand)


@st.cache_resource(show_spinner=False, max_entries=64)
def _drawing(
    _view: Diagram, key: tuple[Any, ...], opened: tuple[str, ...] | str, look: tuple[Any, ...], levels: int
) -> Drawing:
    dark, speech, direction, book_order = look
    words = translation(speech).gettext
    svg = draw(to_dot(_view, dark=dark, book_order=book_order, direction=direction, translate=words), "svg").decode()
    return Drawing(svg, tuple(_view.openable()), tuple(_view.foldable()), _view.enclosing_frames(), _view.jumps, levels)
