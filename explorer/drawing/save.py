"""A graph written to a file, in the format that the file's ending asks for."""

import json
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

ENDINGS = ("svg", "png", "pdf", "dot", "json")


def save_graph(
    graph: Graph,
    path: Path,
    expand: Expand = "all",
    *,
    dark: bool = False,
    book_order: bool = False,
    direction: Literal["TB", "LR"] = "TB",
    translate: Translate = str,
    seconds: float = 60,
) -> None:
    """Draw ``graph`` to ``path`` (.svg, .png, .pdf, .dot), or write its JSON (.json, every node, whatever is folded).

    expand: as ``visible`` takes it; one of its three words may also come alone in a list, as a command line gives it.
    Raises GraphError for another ending, a drawing that fails, or a file that cannot be written.
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
        if not isinstance(expand, str) and len(expand) == 1 and (word := next(iter(expand))) in ("none", "all", "auto"):
            expand = word
        dot = to_dot(visible(graph, expand), dark=dark, book_order=book_order, direction=direction, translate=translate)
        content = dot.encode("utf-8", "replace") if ending == "dot" else draw(dot, cast(Format, ending), seconds)
    write_file(path, content)


def write_file(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``. Raises GraphError with the system's reason."""
    try:
        write_atomically(Path(path), content)
    except OSError as error:
        raise GraphError(
            N_("The file {file} cannot be written: {reason}."), file=Path(path).name, reason=error.strerror or error
        ) from None
