"""Prefetches a drawing: the browser asks for it by a request of its own (``/drawing``), before the page's script run.

Streamlit runs the page's script for each action, and the browser renders all that it sends; a drawing that waits for
this comes late. So the browser posts the person's actions (``explorer/web/graph/drawing_requests.js``) and gets the
drawing that the page is going to show, rendered and cached by the same function, so that the script run finds it in the
cache. It asks even before a click, for what the pointer or the focus rests on. Where there is no answer (another
session, a graph that cannot be drawn, a model that is not exported yet), the browser waits for the page, which says
why.
"""

from typing import Annotated
from weakref import WeakValueDictionary

import msgspec

from explorer.drawing.actions import DrawingAction, apply_action
from explorer.drawing.visible import first_view
from explorer.ui.components.graph_view import plain_drawing
from explorer.ui.graph_page.page_state import GraphPageState
from explorer.ui.graph_page.rendering import render
from explorer.ui.graph_page.sources.selected_file import file_by_id
from models.errors import UserError

LARGEST_REQUEST = 64 * 1024  # bytes
MOST_ACTIONS = 100
MOST_NODES_ON_HOVER = 5_000  # of a graph that is drawn before any click

_pages: WeakValueDictionary[str, GraphPageState] = WeakValueDictionary()


class PrefetchRequest(msgspec.Struct, frozen=True):
    """What the browser posts.

    page: the name of a session's page. actions: all that the page has not confirmed yet, the oldest first. hovering:
    the last action has not been done yet, the pointer or the focus only rests where it would be.
    """

    page: str
    actions: Annotated[tuple[DrawingAction, ...], msgspec.Meta(max_length=MOST_ACTIONS)]
    hovering: bool = False


def register_page(page: GraphPageState) -> None:
    """Answer the requests of a session's browser, as long as the session lives."""
    _pages[page.name] = page


def registered_page(name: str) -> GraphPageState | None:
    """The page of this name; None where its session is over or there never was one."""
    return _pages.get(name)


def prefetched_drawing(request: bytes) -> bytes | None:
    """The drawing after some actions as JSON; None where the browser has to wait for the page. Thread-safe."""
    try:
        decoded = msgspec.json.decode(request, type=PrefetchRequest)
        page = registered_page(decoded.page)
        if page is None or (decoded.hovering and _is_large(page)):
            return None
        return _drawing_after(page, decoded.actions)
    except (msgspec.MsgspecError, UserError):
        return None


def _is_large(page: GraphPageState) -> bool:
    """Whether a drawing that nobody may ever want would keep other people's waiting."""
    return page.subject is None or len(page.subject.graph.nodes) > MOST_NODES_ON_HOVER


def _drawing_after(page: GraphPageState, actions: tuple[DrawingAction, ...]) -> bytes | None:
    subject, options, last_turn = page.subject, page.options, page.turn
    if subject is None or options is None:
        return None
    opened = page.opened(subject)
    for action in actions:
        if action.kind == "choose":
            file = file_by_id(action.value)
            if file is None:
                return None
            subject, opened = file, first_view(file.graph)
        elif action.turn > last_turn:
            opened = apply_action(subject.graph, opened, action)
    drawing = render(subject, options, opened)[1]
    return msgspec.json.encode(plain_drawing(drawing))
