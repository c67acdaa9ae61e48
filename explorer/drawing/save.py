"""A graph written to a file, in the format that the file's ending asks for."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, cast

from explorer.drawing.diagram import Expand
from explorer.drawing.dot import Translate, to_dot
from explorer.drawing.layout import Format, draw
from explorer.drawing.visible import visible
from explorer.graph.graph import Graph
from explorer.graph.graph_json import graph_to_json
from explorer.storage import write_atomically
from models.errors import N_, GraphError

MOST_WHOLE = 5_000  # operations up to which the whole graph is tried
WHOLE_SECONDS = 8.0  # for its layout
ENDINGS = ("svg", "png", "pdf", "dot", "json")


def save_graph(
    graph: Graph,
    path: Path,
    expand: Expand | None = None,
    *,
    dark: bool = False,
    book_order: bool = False,
    direction: Literal["TB", "LR"] = "TB",
    translate: Translate = str,
    seconds: float = 60,
) -> bool:
    """Draw ``graph`` to ``path`` (.svg, .png, .pdf, .dot), or write its JSON (.json, every node, whatever is folded).

    expand: as ``visible`` takes it; one of its three words may also come alone in a list, as a command line gives it.
    None: everything, if that can be laid out within some seconds, else what fits a first view. Returns whether all that
    was asked for is drawn. Raises GraphError for another ending, a drawing that fails, or a file that cannot be
    written.
    """
    path = Path(path)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        raise GraphError(
            N_("A graph cannot be written to {file}; its ending must be one of {known}."),
            file=repr(path.name),
            known=", ".join(f".{known}" for known in ENDINGS),
        )
    if ending == "json":
        content = json.dumps(graph_to_json(graph), ensure_ascii=False, indent=1, allow_nan=False).encode(
            "utf-8", "replace"
        )
    else:
        if expand and not isinstance(expand, str) and len(expand) == 1:
            word = next(iter(expand))
            expand = word if word in ("none", "all", "auto") else expand

        def drawn(what: Expand, limit: float) -> bytes:
            diagram = visible(graph, what)
            dot = to_dot(diagram, dark=dark, book_order=book_order, direction=direction, translate=translate)
            return dot.encode("utf-8", "replace") if ending == "dot" else draw(dot, cast(Format, ending), limit)

        if expand is None:
            content, whole = _largest(graph, drawn, seconds)
            write_file(path, content)
            return whole
        content = drawn(expand, seconds)
    write_file(path, content)
    return True


def _largest(graph: Graph, drawn: Callable[[Expand, float], bytes], seconds: float) -> tuple[bytes, bool]:
    """Everything drawn, or a first view where that is too much; and whether it is everything."""
    if sum(1 for _ in graph.all_nodes()) <= MOST_WHOLE:
        with suppress(GraphError):
            return drawn("all", min(seconds, WHOLE_SECONDS)), True
    return drawn("auto", seconds), False


def write_file(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``. Raises GraphError with the system's reason."""
    try:
        write_atomically(Path(path), content)
    except OSError as error:
        raise GraphError(
            N_("The file {file} cannot be written: {reason}."), file=Path(path).name, reason=error
        ) from None
