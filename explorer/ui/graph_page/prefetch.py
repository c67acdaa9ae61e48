"""A drawing ahead of the page: a click asks for it with a request of its own, and the page's run follows.

Streamlit runs the page's script for each act, and the browser renders all that it sends; a drawing that waits for this
comes late. So the browser posts what a person did (``web/graph/ahead.js``) and gets the drawing that the page will
show, made by the same function and kept, so that the run finds it made. It asks even before the click, for what the
pointer or the focus rests on. Where there is no answer (another session, a graph that cannot be drawn, a model that is
not exported yet), the browser waits for the page, which says why.
"""

from typing import Annotated
from weakref import WeakValueDictionary

import msgspec

from explorer.drawing.actions import DrawingAction, apply_action
from explorer.ui.components.graph_view import plain_drawing
from explorer.ui.graph_page.page_state import GraphPageState
from explorer.ui.graph_page.rendering import render
from explorer.ui.graph_page.selected_file import file_by_id
from models.errors import UserError

LARGEST_REQUEST = 64 * 1024  # bytes of a request
MOST_NODES_PREFETCHED = 5_000  # operations of a graph that is drawn for a pointer that only rests

_pages: WeakValueDictionary[str, GraphPageState] = WeakValueDictionary()


class PrefetchRequest(msgspec.Struct, frozen=True):
    """page: the name of a session's page. acts: all that the page has not confirmed yet, the oldest first. resting: the
    act has not been done yet, only the pointer or the focus is where it would be."""

    page: str
    acts: Annotated[tuple[DrawingAction, ...], msgspec.Meta(max_length=100)]
    resting: bool = False


def register_page(page: GraphPageState) -> None:
    """Let a session's browser send requests of its own, as long as the session lives."""
    _pages[page.name] = page


def registered_page(name: str) -> GraphPageState | None:
    """The page that bears this name."""
    return _pages.get(name)


def prefetched_drawing(request: bytes) -> bytes | None:
    """The drawing after some acts as JSON; None where the page's own run has to say it. Callable from any thread."""
    try:
        asked = msgspec.json.decode(request, type=PrefetchRequest)
        page = registered_page(asked.page)
        if page is None or (asked.resting and _is_large(page)):
            return None
        return _answer(page, asked.acts)
    except (msgspec.MsgspecError, UserError):
        return None


def _is_large(page: GraphPageState) -> bool:
    """Whether a drawing that may never be wanted would keep the server from other people's."""
    return page.subject is None or len(page.subject.graph.nodes) > MOST_NODES_PREFETCHED


def _answer(page: GraphPageState, acts: tuple[DrawingAction, ...]) -> bytes | None:
    subject, look, done = page.subject, page.look, page.turn
    if subject is None or look is None:
        return None
    opened = page.opened(subject)
    for act in acts:
        if act.kind == "choose":
            found = file_by_id(act.value)
            if found is None:
                return None
            subject, opened = found, page.opened(found)
        elif act.turn > done:
            opened = apply_action(subject.graph, opened, act)
    return msgspec.json.encode(plain_drawing(render(subject, look, opened)[1]))
