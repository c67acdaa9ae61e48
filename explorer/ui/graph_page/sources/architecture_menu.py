"""The menu of torchvision's architectures, which prefetches the chosen one's drawing (``prefetch.py``)."""

from collections.abc import Callable, Collection

import msgspec
import streamlit as st

from explorer.drawing.actions import DrawingAction
from explorer.files.zoo import architectures, zoo_name
from explorer.files.zoo_list import ARCHITECTURES
from explorer.ui.components.component import register
from explorer.ui.frame.language import gettext
from explorer.ui.graph_page import GRAPH
from explorer.ui.graph_page.page_state import page_state
from explorer.web.modules import markup
from models.errors import GraphError

_menu = register(
    "architecture_menu", html=markup("fields/architecture_menu"), styles=("fields/field", "fields/architecture_menu")
)


def architecture_menu(
    chosen: str, ending: str, ready: Collection[str], choose: Callable[[str], None], *, key: str, width: int
) -> None:
    """Draw the menu.

    chosen: a name, '' for none. ending: of the id of whatever is chosen, as ``zoo_id`` gives it. ready: names of those
    that are exported. choose: called with the id before the rerun that a choice causes. width: in pixels.
    """
    _ = gettext()
    millions = _("{millions} M parameters")

    def pass_on() -> None:
        try:
            action = msgspec.convert(st.session_state.get(key, {}).get("chosen"), DrawingAction)
            zoo_name(action.value)  # raises GraphError for an unknown one
        except (msgspec.ValidationError, GraphError):
            return  # a browser can send anything
        page = page_state()
        page.turn = max(page.turn, action.turn)
        choose(action.value)

    names = architectures()
    _menu(
        key=key,
        data={
            "graph": GRAPH,
            "before": "zoo-",
            "after": ending,
            "chosen": chosen,
            "entries": [
                [name, millions.format(millions=f"{ARCHITECTURES[name].parameters / 1e6:.1f}"), name in ready]
                for name in names
            ],
            "words": {
                "architecture": _("Architecture"),
                "choose": _("Choose one of {n}").format(n=len(names)),
                "ready": _("exported"),
            },
        },
        width=width,
        on_chosen_change=pass_on,
    )
