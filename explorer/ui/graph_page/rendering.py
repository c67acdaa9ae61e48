"""A graph's drawing by its options and its folding, cached for all sessions. Nothing of a session is read here."""

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
    """How a graph is drawn, whatever it holds.

    language: of ``explorer.translations``. direction: Graphviz's, from top to bottom or from left to right. book_order:
    arrows from the output back to the inputs. wide_edges: wider for larger tensors. measure: a key of
    ``colours.MEASURES``, '' for the categories' colours. Only the first four change the SVG; the others lie over it.
    """

    dark: bool
    language: str
    direction: Literal["TB", "LR"] = "TB"
    book_order: bool = False
    wide_edges: bool = False
    measure: str = ""


def render(subject: GraphSubject, options: DrawingOptions, opened: Opened) -> tuple[Diagram, Drawing]:
    """What is visible with ``opened`` ids open, and its drawing; raises GraphError."""
    # A run's graph is the same at each of its checkpoints.
    graph_key = (subject.id, str(subject.path), subject.path.stat().st_mtime_ns)
    ids = opened if isinstance(opened, str) else tuple(sorted(opened))
    diagram = _diagram(subject.graph, graph_key, ids)
    svg_key = (options.dark, options.language, options.direction, options.book_order)
    return diagram, _drawing(diagram, options, max_depth(subject.graph), graph_key, ids, svg_key)


def dot_source(diagram: Diagram, options: DrawingOptions) -> str:
    """The diagram in Graphviz's DOT."""
    return to_dot(
        diagram,
        dark=options.dark,
        book_order=options.book_order,
        direction=options.direction,
        translate=translation(options.language).gettext,
    )


@st.cache_resource(show_spinner=False, max_entries=64)
def _diagram(_graph: Graph, graph_key: tuple[Any, ...], opened: tuple[str, ...] | str) -> Diagram:
    expand: Expand = "all" if isinstance(opened, str) else frozenset(opened)
    return visible(_graph, expand)


@st.cache_resource(show_spinner=False, max_entries=64)
def _drawing(
    _diagram: Diagram,
    _options: DrawingOptions,
    _levels: int,
    graph_key: tuple[Any, ...],
    opened: tuple[str, ...] | str,
    svg_key: tuple[Any, ...],
) -> Drawing:
    svg = draw(dot_source(_diagram, _options), "svg").decode()
    return Drawing(
        svg,
        tuple(_diagram.openable()),
        tuple(_diagram.foldable()),
        _diagram.enclosing_frames(),
        _diagram.jumps,
        _levels,
    )
