"""The files and words of the interactive graph, for the page's component and for the page that stands alone.

Importing ``explorer/ui/components/graph_view.py`` registers components with Streamlit; this file does not.
"""

from pathlib import Path

from models.errors import N_

WORDS: dict[str, str] = {
    "graph": N_("Computation graph"),
    "legend": N_("Colours"),
    "tools": N_("View of the graph"),
    "minimap": N_("Map of the whole graph"),
    "search": N_("Find operations"),
    "next": N_("Next hit"),
    "previous": N_("Previous hit"),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "zoom": N_("Zoom in or out"),
    "actual": N_("Actual size"),
    "fit": N_("Fit the whole graph"),
    "path": N_("Light everything before and after the selection, or only its neighbours"),
    "keys": N_("Show or hide the keys"),
    "move": N_("Go to the next operation"),
    "select": N_("Select the operation, or open the module"),
    "fold": N_("Fold the module around it"),
    "depth": N_("Fold or open one level of all"),
    "pan": N_("Move the view"),
    "modules": N_("Modules"),
    "overview": N_("Overview"),
    "first": N_("The first view: as much as fits one look"),
    "fold_all": N_("Fold all"),
    "levels": N_("Open {n} levels"),
    "open_all": N_("Open all"),
}
"""The component's words in English; a page passes their translations."""

_FOLDER = Path(__file__).parent / "graph"
_DRAWING = ("safe_svg", "viewport", "words", "minimap", "search", "paint", "depths", "links", "graph_view", "gestures")


def drawing_script() -> str:
    """The JavaScript of the drawing on a page, as one module."""
    return _joined((*_DRAWING, "ahead", "meeting", "component"), "js")


def overlay_script() -> str:
    """The JavaScript of what lies over it."""
    return _joined(("meeting", "overlay"), "js")


def standalone_script() -> str:
    """The JavaScript of the page that stands alone."""
    return _joined((*_DRAWING, "standalone"), "js")


def field_script(name: str) -> str:
    """The JavaScript of a field that asks for a drawing: ``architecture_menu`` or ``upload_field``."""
    return _joined(("meeting", name), "js")


def field_styles(name: str) -> str:
    """The style sheet of such a field."""
    return _joined(("field", name), "css")


def field_markup(name: str) -> str:
    """The HTML of such a field."""
    return _joined((name,), "html")


def styles(*more: str) -> str:
    """The style sheets of the graph, and ``more`` after them."""
    return _joined(("graph_view", "panels", *more), "css")


def markup() -> str:
    """The HTML around the drawing."""
    return _joined(("graph_view",), "html")


def _joined(names: tuple[str, ...], ending: str) -> str:
    return "\n".join((_FOLDER / f"{name}.{ending}").read_text(encoding="utf-8") for name in names)
