"""The command ``graph``: draw the computation graphs of files and runs, or save them as JSON, ONNX or an HTML page."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from explorer.cli.sources import checked_ending, for_each_source, onnx_file, trace_input, weight_statistics
from explorer.drawing.save import ENDINGS, save_graph
from explorer.graph.faults import fault_sentence
from explorer.graph.graph import TensorKey
from explorer.graph.onnx_io.export import save_model
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.skeleton_file import load_model
from explorer.offline_page.node_records import Details
from explorer.offline_page.page import graph_html, save_graph_html
from explorer.runs.folder import Run
from explorer.settings import Settings
from explorer.trace.bodies.body_trace import Array, trace_bodies
from explorer.trace.onnx_trace import Tracer
from explorer.translations.language_words import translation
from models.errors import GraphError
from models.text import printable

GRAPH_ENDINGS = (*ENDINGS, "onnx", "html")


@dataclass(frozen=True)
class GraphStyle:
    """How the command draws a graph. expand: "none", "all", "auto", or the scopes to expand; None: all, if it fits."""

    expand: tuple[str, ...] | None = None
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
                graph = read_onnx(path)
                _warn(path, fault_sentence(graph))
                whole = save_graph(
                    graph,
                    target,
                    style.expand,
                    dark=style.dark,
                    book_order=style.book_order,
                    direction=style.direction,
                    translate=translation(style.language).gettext,
                )
                if not whole:
                    _warn(
                        path, "the whole graph cannot be laid out; a first view of it is drawn (--expand all insists)."
                    )

    return for_each_source(sources, to, extension, GRAPH_ENDINGS, save)


def _warn(path: Path, text: str) -> None:
    """Print one line on standard error; nothing for an empty ``text``."""
    if text:
        print(f"toushi: {printable(path.name)}: {text}", file=sys.stderr)


def _save_page(path: Path, run: Run | None, checkpoint: int | None, target: Path, style: GraphStyle) -> None:
    graph = read_onnx(path)
    _warn(path, fault_sentence(graph))
    values: dict[TensorKey, Array] = {}
    generated = False
    try:
        tracer, feed = Tracer(path), trace_input(run, checkpoint)
        trace = tracer.trace(feed)
        values = {TensorKey("", name): value for name, value in trace.values.items()}
        values |= trace_bodies(tracer, graph, feed)
        generated = trace.generated
    except GraphError as error:  # a graph that cannot run still has a drawing
        _warn(path, str(error))
    page = graph_html(
        graph,
        Details(values, weight_statistics(path, graph), generated=generated),
        direction=style.direction,
        book_order=style.book_order,
        theme="dark" if style.dark else "auto",
        language=style.language,
        words=translation(style.language).gettext,
    )
    save_graph_html(page, target)


def execute(settings: Settings, options: Namespace) -> int:
    """Carry out the parsed command. Returns the exit status. Raises UserError."""
    expand = None if options.expand is None else tuple(options.expand)
    style = GraphStyle(expand, options.direction, options.book_order, options.dark, options.lang)
    return save_graphs(settings.store, options.sources, options.checkpoint, options.to, options.format, style)
