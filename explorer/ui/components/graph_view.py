"""The graph on a page: the SVG that ``explorer/graph`` drew, to be panned, zoomed, folded, searched and clicked.

Two Streamlit components: one holds the drawing, the other what lies over it (selection, colours, search hits), because
any change in a component's data sends all of its data again, and its script too; and so that a selection runs the
fragment with the inspector alone, which the overlay belongs to.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
import streamlit as st

from explorer.drawing.actions import DrawingAction
from explorer.ui.components.component import register
from explorer.web.modules import markup
from explorer.web.words import GRAPH_WORDS

_drawing = register("graph", html=markup("graph/graph_view"), styles=("graph/graph_view", "graph/panels"))
_overlay = register("graph_overlay")


@dataclass(frozen=True)
class Drawing:
    """svg: as ``explorer.drawing.layout.draw`` gives it. opens, folds: ids of boxes and of frames that a click opens or
    folds. inside: the frame to fold around each box. jumps: the boxes to which a stub leads. levels: how many clicks,
    one inside the other, open everything; 0 for a graph without modules."""

    svg: str
    opens: tuple[str, ...] = ()
    folds: tuple[str, ...] = ()
    inside: Mapping[str, str] = field(default_factory=dict)
    jumps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    levels: int = 0

    @cached_property
    def name(self) -> str:
        """The same for the same picture."""
        return hashlib.sha256(self.svg.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True)
class Scale:
    """What the colours of an overlay mean. colours: from the low end to the high one, as CSS."""

    title: str
    colours: tuple[str, ...]
    low: str
    high: str


@dataclass(frozen=True)
class SearchAnswer:
    """The answer to a search for nodes. hits: (node id, title, place); message: why a query could not be understood."""

    query: str
    total: int = 0
    hits: tuple[tuple[str, str, str], ...] = ()
    message: str = ""


@dataclass(frozen=True)
class Overlay:
    """What lies over a drawing and changes without a new one.

    selected: id of the box to highlight. legend: (title, colour) of each category. colours: (fill, ink, words) by box
    id, None for the drawing's own. widths: pixels by the edge's place in the view.
    """

    selected: str | None = None
    legend: tuple[tuple[str, str], ...] = ()
    scale: Scale | None = None
    colours: Mapping[str, tuple[str, str, str]] | None = None
    widths: Mapping[int, float] | None = None
    search: SearchAnswer | None = None


def graph_view(
    drawing: Drawing,
    carry_out: Callable[[tuple[DrawingAction, ...]], None],
    *,
    key: str,
    height: int = 640,
    words: Mapping[str, str] = GRAPH_WORDS,
    page: str = "",
    turn: int = 0,
) -> None:
    """Show ``drawing``. Selection, search and colours need a ``graph_overlay`` of the same key.

    carry_out: called before the rerun that an action causes, with what is to be opened or folded, the oldest first; an
    action comes again until the page has shown its ``turn``. height: in pixels. words: translations of
    ``GRAPH_WORDS``. page: the name under which the browser may prefetch the next drawing, '' for no prefetch. turn: of
    the last action that ``drawing`` shows.
    """
    said = {name: words.get(name, text) for name, text in GRAPH_WORDS.items()}
    _drawing(
        key=key,
        data={**plain_drawing(drawing), "key": key, "words": said, "height": height, "page": page, "turn": turn},
        on_actions_change=_checked(key, "actions", tuple[DrawingAction, ...], carry_out),
    )


def graph_overlay(
    drawing: Drawing, overlay: Overlay, picked: Callable[[str], None], searched: Callable[[str], None], *, key: str
) -> None:
    """Lay ``overlay`` over the ``drawing`` that ``graph_view`` shows under the same key, in whatever fragment.

    picked: called with a node's id, searched: with a query, '' for none, before the rerun that these cause.
    """
    own = f"{key}_overlay"
    _overlay(
        key=own,
        data={"key": key, "drawing": drawing.name, **_plain(overlay)},
        on_pick_change=_checked(own, "pick", str, picked),
        on_search_change=_checked(own, "search", str, searched),
    )


def plain_drawing(drawing: Drawing) -> dict[str, Any]:
    """What the browser needs of a drawing, as data for JSON."""
    return {
        "drawing": drawing.name,
        "svg": drawing.svg,
        "opens": list(drawing.opens),
        "folds": list(drawing.folds),
        "inside": dict(drawing.inside),
        "jumps": {stub: list(ends) for stub, ends in drawing.jumps.items()},
        "levels": drawing.levels,
    }


def _checked(key: str, event: str, kind: Any, action: Callable[[Any], None]) -> Callable[[], None]:
    """Calls ``action`` with what the browser sent, where it is of the right kind: anybody can send anything."""

    def act() -> None:
        with suppress(msgspec.ValidationError):
            action(msgspec.convert(st.session_state.get(key, {}).get(event), kind))

    return act


def _plain(overlay: Overlay) -> dict[str, Any]:
    scale, search = overlay.scale, overlay.search
    return {
        "selected": overlay.selected,
        "legend": [list(entry) for entry in overlay.legend],
        "scale": None if scale is None else {**vars(scale), "colours": list(scale.colours)},
        "colours": None if overlay.colours is None else {box: list(entry) for box, entry in overlay.colours.items()},
        "widths": None if overlay.widths is None else {str(edge): width for edge, width in overlay.widths.items()},
        "search": None if search is None else {**vars(search), "hits": [list(hit) for hit in search.hits]},
    }
