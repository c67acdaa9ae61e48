"""The graph on a page: the SVG that ``explorer/graph`` drew, to be panned, zoomed and clicked.

Two Streamlit components share one JavaScript module (three files joined): one holds the drawing, the other only the
selected node, because any change in a component's data sends all of its data again.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import streamlit as st

from models.errors import N_

WORDS: dict[str, str] = {
    "graph": N_("Computation graph"),
    "legend": N_("Colours"),
    "tools": N_("View of the graph"),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "zoom": N_("Zoom in or out"),
    "actual": N_("Actual size"),
    "fit": N_("Fit the whole graph"),
    "keys": N_("Show or hide the keys"),
    "move": N_("Go to the next operation"),
    "select": N_("Select the operation"),
    "pan": N_("Move the view"),
}
"""The component's words in English; a page passes their translations."""

_FOLDER = Path(__file__).parent
_JS = "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in ("safe_svg", "viewport", "graph_view"))
_drawing = st.components.v2.component(
    "toushi_graph",
    html=(_FOLDER / "graph_view.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "graph_view.css").read_text(encoding="utf-8"),
    js=_JS,
)
_selection = st.components.v2.component("toushi_graph_selection", js=_JS)


def graph_view(
    svg: str,
    *,
    selected: str | None,
    key: str,
    height: int = 640,
    words: Mapping[str, str] = WORDS,
    legend: Iterable[tuple[str, str]] = (),
) -> str | None:
    """Show ``svg`` and return the id of a node in the very rerun that a click on it caused, else None.

    svg: as ``explorer.graph.layout.draw`` gives it. selected: id of the node to highlight. height: in pixels.
    words: translations of ``WORDS``. legend: (title, colour) of each category in the drawing.
    """
    said = {name: words.get(name, text) for name, text in WORDS.items()}
    with st.container(gap=None):
        result = _drawing(
            key=key,
            data={"key": key, "svg": svg, "words": said, "legend": [list(entry) for entry in legend], "height": height},
            on_picked_change=lambda: None,
        )
        _selection(key=f"{key}_selection", data={"key": key, "selected": selected})
    picked = result.picked
    return picked if isinstance(picked, str) else None
