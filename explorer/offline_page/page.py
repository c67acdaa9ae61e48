"""A graph as one HTML file that pans, zooms, searches and opens modules and nodes, without a server or a network.

Its JavaScript is the modules of ``explorer/web/offline`` and ``explorer/web/graph``, carried in an import map. Folding
needs a layout, and so the page holds several drawings: the first view, each depth, and everything open; opening a
module turns to the nearest one that shows it. All that comes from a model stands in the page as JSON, never as markup,
and the page's own policy forbids any other script and any request. Streamlit is not needed here.
"""

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

from explorer.drawing.diagram import Diagram, Expand, box_by_node
from explorer.drawing.dot import to_dot
from explorer.drawing.expansion import opened_to_depth
from explorer.drawing.layout import draw
from explorer.drawing.save import write_file
from explorer.drawing.visible import visible
from explorer.figures.palette import DARK, LIGHT, browser_scales
from explorer.graph.categories import legend
from explorer.graph.graph import Graph
from explorer.offline_page.node_records import Details, Words, cards, node_records, shown, tensor_records
from explorer.offline_page.theme import theme_variables
from explorer.web.modules import OFFLINE_PREFIX, import_map, markup, stylesheet
from explorer.web.words import GRAPH_WORDS, TILE_WORDS
from models.errors import N_, GraphError

ENTRY = "offline/page.js"  # the module that shows the page
START = f'import {{ showPage }} from "{OFFLINE_PREFIX}{ENTRY}";\nshowPage();'
STYLES = ("graph/graph_view", "graph/panels", "lab/controls", "lab/tiles_view", "offline/page")
MOST_DEPTHS = 8
LARGEST = 20 * 2**20  # bytes of all drawings together
OTHERS = 6.0  # seconds for the layout of a drawing that is not the first

OWN_WORDS: dict[str, str] = {
    "overview": N_("Overview"),
    "level": N_("Open to depth {n}"),
    "none": N_("All folded"),
    "all": N_("All open"),
    "shown": N_("Modules"),
    "hint": N_("Click a node to see its activation, weights, attributes and source line."),
    "generated": N_("For a made-up input: random numbers of the declared shape."),
    "formula": N_("Formula"),
    "chapter": N_("Chapter {n} of the book"),
    "theirs": N_("From ONNX's documentation"),
    "input": N_("Input"),
    "output": N_("Output"),
    "weights": N_("Weights"),
    "attributes": N_("Attributes"),
    "source": N_("Source"),
    "place": N_("{path}, line {line}, in {function}"),
    "some": N_("the first {count} of {total}"),
}


@dataclass(frozen=True)
class _Drawn:
    """One drawing. title: a key of OWN_WORDS; level: depth of the open modules, for the title."""

    title: str
    level: int
    view: Diagram
    light: bytes
    dark: bytes


def graph_html(
    graph: Graph,
    details: Details | None = None,
    *,
    direction: Literal["TB", "LR"] = "TB",
    book_order: bool = False,
    theme: Literal["auto", "light", "dark"] = "auto",
    language: Literal["en", "zh"] = "en",
    words: Words = str,
    seconds: float = 20,
) -> str:
    """The page. Raises GraphError where not even the first view can be drawn.

    theme: "auto" follows the reader's browser. words: translates catalogue entries into ``language``. seconds: for the
    layout of the first view; another one that takes longer than ``OTHERS``, or that finds no room, is left out.
    """
    known = details or Details()
    drawings = list(_drawings(graph, direction, book_order, words, seconds))
    data = {
        "name": shown(graph.name),
        "theme": theme,
        "language": language,
        "words": {name: words(text) for name, text in (GRAPH_WORDS | OWN_WORDS).items()},
        "tile_words": {name: words(text) for name, text in TILE_WORDS.items()},
        "colours": {"light": browser_scales(LIGHT), "dark": browser_scales(DARK)},
        "generated": known.generated,
        "drawings": [_drawing(drawn) for drawn in drawings],
        "legend": [[words(e.title), e.light, e.dark] for e in legend(node.category for node in graph.all_nodes())],
        "nodes": node_records(graph, known, words),
        "tensors": tensor_records(graph, known, words),
        "cards": cards(graph, words),
        "inputs": list(map(shown, graph.inputs)),
        "outputs": list(map(shown, graph.outputs)),
    }
    return _page(shown(graph.name), language, data)


def save_graph_html(page: str, path: Path) -> None:
    """Write the page. Raises GraphError."""
    write_file(path, page.encode("utf-8", "replace"))


def _drawings(
    graph: Graph, direction: Literal["TB", "LR"], book_order: bool, words: Words, seconds: float
) -> Iterator[_Drawn]:
    """The first view, then from all folded to all open, each once, as far as time and room allow."""
    seen: set[frozenset[str]] = set()
    room, end = LARGEST, time.monotonic() + 2 * seconds
    for title, level, expand in _levels(graph):
        view = visible(graph, expand)
        boxes = frozenset(box.id for box in view.boxes()) | {f"frame {frame.id}" for frame in view.frames()}
        if boxes in seen:
            continue
        seen.add(boxes)
        most = seconds if title == "overview" else min(seconds, OTHERS)
        try:
            if title != "overview" and time.monotonic() > end:
                raise GraphError(N_("There was no time for this drawing."))
            both = [
                draw(to_dot(view, dark=dark, book_order=book_order, direction=direction, translate=words), "svg", most)
                for dark in (False, True)
            ]
        except GraphError:
            if title == "overview":
                raise
            continue
        drawn = _Drawn(title, level, view, *(gzip.compress(svg, 9, mtime=0) for svg in both))
        room -= len(drawn.light) + len(drawn.dark)
        if title == "overview" or room > 0:
            yield drawn


def _levels(graph: Graph) -> Iterator[tuple[str, int, Expand]]:
    yield "overview", 0, "auto"
    before: frozenset[str] | None = None
    for level in range(MOST_DEPTHS):
        opened = opened_to_depth(graph, level)
        if opened == before:
            break
        before = opened
        yield ("level" if level else "none"), level, opened
    yield "all", 0, "all"


def _drawing(drawn: _Drawn) -> dict[str, Any]:
    view = drawn.view
    return {
        "title": drawn.title,
        "level": drawn.level,
        "light": base64.b64encode(drawn.light).decode("ascii"),
        "dark": base64.b64encode(drawn.dark).decode("ascii"),
        "opens": sorted(view.openable()),
        "folds": sorted(view.foldable()),
        "inside": view.enclosing_frames(),
        "jumps": {stub: list(ends) for stub, ends in view.jumps.items()},
        "boxes": [box.id for box in view.boxes()],
        "holder": {node: box for node, box in box_by_node(view).items() if node != box},
    }


def _page(name: str, language: str, data: dict[str, Any]) -> str:
    style = f"{theme_variables()}\n{stylesheet(*STYLES)}"
    # "<" never stands in the JSON, so that nothing in it can end the element that holds it or begin another.
    held = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    imports = json.dumps({"imports": import_map(ENTRY)}, separators=(",", ":"))
    # Scripts with this word may run, and the modules that they import. Whoever wrote the model cannot know it: it
    # depends on all that the page holds.
    nonce = _digest(held)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'sha256-{_digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="{"zh-CN" if language == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(name)}</title>
<style>{style}</style>
<script type="importmap" nonce="{nonce}">{imports}</script>
</head>
<body>
<header>
<h1>{escape(name)}</h1>
<label><span data-word="shown"></span> <select id="drawings"></select></label>
</header>
<main>
{markup("graph/graph_view")}
<aside id="panel" aria-live="polite" tabindex="-1"></aside>
</main>
<script type="application/json" id="held">{held}</script>
<script type="module" nonce="{nonce}">
{START}
</script>
</body>
</html>
"""


def _digest(text: str) -> str:
    """SHA-256 in base64, as content security policies have it."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8", "replace")).digest()).decode("ascii")
