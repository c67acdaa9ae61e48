"""The command ``graph``: draw the computation graphs of files and runs, or save them as JSON, ONNX or an HTML page."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from explorer.cli.sources import checked_ending, for_each_source, onnx_file, trace_values, weight_statistics
from explorer.drawing.save import ENDINGS, save_graph
from explorer.graph.onnx_io.export import save_model
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.skeleton_file import load_model
from explorer.offline_page.node_records import Details
from explorer.offline_page.page import graph_html, save_graph_html
from explorer.runs.folder import Run
from explorer.settings import Settings
from explorer.trace.onnx_trace import Trace, Tracer
from explorer.translations.language_words import translation
from models.errors import GraphError

GRAPH_ENDINGS = (*ENDINGS, "onnx", "html")


@dataclass(frozen=True)
class GraphStyle:
    """How the command draws a graph. expand: "none", "all", "auto", or the scopes to expand."""

    expand: tuple[str, ...] = ("all",)
    direction: Literal["TB", "LR"] = "TB"
    book_order: bool = False
    dark: bool = False
    language: Literal["en", "zh"] = "en"


def save_graphs(
    store: Path, sources: Sequence[str], checkpoint: int | None, to: Path, extension: str | None, style: GraphStyle
) -> int:
    """Save the graph of each source; the ending says as what. An HTML page holds the values of one sample, too.

    Returns the exit status, as ``for_each_source``. Raises UserError.
    """

    def save(source: str, target: Path) -> None:
        ending = checked_ending(target, GRAPH_ENDINGS)
        with onnx_file(store, source, checkpoint) as (path, run):
            if ending == "onnx":
                save_model(load_model(path), target)
            elif ending == "html":
                _save_page(path, run, checkpoint, target, style)
            else:
                save_graph(
                    read_onnx(path),
                    target,
                    style.expand,
                    dark=style.dark,
                    book_order=style.book_order,
                    direction=style.direction,
                    translate=translation(style.language).gettext,
                )

    return for_each_source(sources, to, extension, GRAPH_ENDINGS, save)


def _save_page(path: Path, run: Run | None, checkpoint: int | None, target: Path, style: GraphStyle) -> None:
    graph = read_onnx(path)
    try:
        trace = trace_values(Tracer(path), run, checkpoint)
    except GraphError as error:  # a graph that cannot run still has a drawing
        print(f"toushi: {path.name}: {error}", file=sys.stderr)
        trace = Trace({}, False)
    page = graph_html(
        graph,
        Details(trace.values, weight_statistics(path, graph), generated=trace.generated),
        direction=style.direction,
        book_order=style.book_order,
        theme="dark" if style.dark else "auto",
        language=style.language,
        words=translation(style.language).gettext,
    )
    save_graph_html(page, target)


def execute(settings: Settings, options: Namespace) -> int:
    """Carry out the parsed command. Returns the exit status. Raises UserError."""
    style = GraphStyle(tuple(options.expand), options.direction, options.book_order, options.dark, options.lang)
    return save_graphs(settings.store, options.sources, options.checkpoint, options.to, options.format, style)
