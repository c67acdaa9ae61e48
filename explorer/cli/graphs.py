"""The commands on graphs: draw, trace and compare files and runs; ``cli.py`` parses, this carries out."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from explorer.cli.comparison_report import record, table
from explorer.drawing.save import ENDINGS, save_graph
from explorer.files.zoo import exported
from explorer.graph.compare import compare
from explorer.graph.graph import Graph
from explorer.graph.onnx_io.export import save_model
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.skeleton_file import load_model
from explorer.graph.onnx_io.weights import read_weight
from explorer.offline_page.node_records import Details
from explorer.offline_page.page import graph_html, save_graph_html
from explorer.runs.checkpoint import open_run, save_onnx
from explorer.runs.folder import Run, find_run
from explorer.trace.netron_attachment import attachment, save_attachment
from explorer.trace.node_times import node_seconds
from explorer.trace.onnx_trace import Trace, Tracer, load_inputs, save_npz
from explorer.trace.tensor_statistics import TensorStatistics, statistics_of, tensor_statistics
from explorer.translations.language_words import translation
from models.errors import N_, GraphError, RunError, SettingError, UserError

GRAPH_ENDINGS = (*ENDINGS, "onnx", "html")
TRACE_ENDINGS = ("npz", "json")


@dataclass(frozen=True)
class DrawingOptions:
    """How a graph is drawn. expand: "none", "all", "auto", or scopes to open."""

    expand: tuple[str, ...] = ("all",)
    direction: Literal["TB", "LR"] = "TB"
    book_order: bool = False
    dark: bool = False
    language: Literal["en", "zh"] = "en"


def graphs(
    store: Path, sources: Sequence[str], checkpoint: int | None, to: Path, extension: str | None, look: DrawingOptions
) -> int:
    """Draw each source, or take it away as JSON, ONNX, or one HTML page with the values of its first sample."""

    def draw(source: str, target: Path) -> None:
        ending = target.suffix.lower().removeprefix(".")
        if ending not in GRAPH_ENDINGS:
            raise _unknown(target, GRAPH_ENDINGS)
        with _OnnxFile(store, source, checkpoint) as (path, run):
            if ending == "onnx":
                save_model(load_model(path), target)
            elif ending == "html":
                _save_page(path, run, checkpoint, target, look)
            else:
                save_graph(
                    read_onnx(path),
                    target,
                    look.expand,
                    dark=look.dark,
                    book_order=look.book_order,
                    direction=look.direction,
                    translate=translation(look.language).gettext,
                )

    return _each(sources, to, extension, GRAPH_ENDINGS, draw)


def _save_page(path: Path, run: Run | None, checkpoint: int | None, target: Path, look: DrawingOptions) -> None:
    graph = read_onnx(path)
    try:
        traced = _traced(Tracer(path), graph, run, checkpoint, None)
    except GraphError as error:  # a graph that cannot run still draws
        print(f"toushi: {path.name}: {error}", file=sys.stderr)
        traced = Trace({}, False)
    page = graph_html(
        graph,
        Details(traced.values, _weight_statistics(path, graph), generated=traced.generated),
        direction=look.direction,
        book_order=look.book_order,
        theme="dark" if look.dark else "auto",
        language=look.language,
        words=translation(look.language).gettext,
    )
    save_graph_html(page, target)


def traces(
    store: Path, sources: Sequence[str], checkpoint: int | None, to: Path, extension: str | None, inputs: Path | None
) -> int:
    """Trace each source on ``inputs``, on the first sample of a run, or on generated input.

    Into an .npz go the values; into a .json their numbers, as Netron's attachment.
    """

    def save(source: str, target: Path) -> None:
        ending = target.suffix.lower().removeprefix(".")
        if ending not in TRACE_ENDINGS:
            raise _unknown(target, TRACE_ENDINGS)
        with _OnnxFile(store, source, checkpoint) as (path, run):
            tracer, graph = Tracer(path), read_onnx(path)
            traced = _traced(tracer, graph, run, checkpoint, inputs)
            if ending == "npz":
                save_npz(traced, target)
                return
            seconds: dict[str, float] = {}
            with suppress(GraphError):  # what only ONNX's reference evaluator runs has no times
                seconds = node_seconds(tracer, {name: traced.values[name] for name in graph.inputs})
            numbers = statistics_of(traced.values)
            save_attachment(attachment(graph, numbers, _weight_statistics(path, graph), seconds), target)

    return _each(sources, to, extension, TRACE_ENDINGS, save)


def comparison(store: Path, sources: tuple[str, str], checkpoints: tuple[int | None, int | None], as_json: bool) -> int:
    """Print what differs between two sources, as a table or as one JSON object."""
    with (
        _OnnxFile(store, sources[0], checkpoints[0]) as (first, _),
        _OnnxFile(store, sources[1], checkpoints[1]) as (second, _),
    ):
        before, after = read_onnx(first), read_onnx(second)
        found = compare(before, after, lambda name: read_weight(first, name), lambda name: read_weight(second, name))
    print(json.dumps(record(before, after, found), ensure_ascii=False) if as_json else table(before, after, found))
    return 0


def _traced(tracer: Tracer, graph: Graph, run: Run | None, checkpoint: int | None, inputs: Path | None) -> Trace:
    given: dict[str, Any] | None = None
    if inputs is not None:
        given = dict(load_inputs(inputs))
    elif run is not None:
        given = {graph.inputs[0]: open_run(run, checkpoint).sample("").inputs.numpy()}
    return tracer.trace(given)


def _weight_statistics(path: Path, graph: Graph) -> dict[str, TensorStatistics]:
    """Of every weight that can be read, one after the other."""
    names = {weight.name for node in graph.all_nodes() for weight in node.weights if weight.value is None}
    found: dict[str, TensorStatistics] = {}
    for name in sorted(names | {weight.name for weight in graph.constants}):
        with suppress(UserError):
            found[name] = tensor_statistics(read_weight(path, name))
    return found


def _unknown(target: Path, known: Sequence[str]) -> GraphError:
    return GraphError(
        N_("A graph cannot be written to {file}; its ending must be one of {known}."),
        file=repr(target.name),
        known=", ".join(f".{each}" for each in known),
    )


class _OnnxFile:
    """The ONNX file of a source (a file, a run, an architecture) while the block lasts, with the run if it is one."""

    def __init__(self, store: Path, source: str, checkpoint: int | None) -> None:
        self.store, self.source, self.checkpoint = store, source, checkpoint
        self.made: TemporaryDirectory[str] | None = None

    def __enter__(self) -> tuple[Path, Run | None]:
        path = Path(self.source)
        if path.suffix == ".onnx" or path.is_file():
            if not path.is_file():
                raise GraphError(N_("There is no file {path}."), path=repr(self.source))
            return path, None
        if self.source.startswith("zoo-"):
            return exported(self.store, self.source), None
        run = find_run(self.store, self.source)
        opened = open_run(run, self.checkpoint)
        self.made = TemporaryDirectory(prefix="toushi-")
        path = Path(self.made.name) / f"{run.id}.onnx"
        try:
            save_onnx(opened, path)
        except UserError:
            self.made.cleanup()
            raise
        return path, run

    def __exit__(self, *error: object) -> None:
        if self.made:
            self.made.cleanup()


def _each(
    sources: Sequence[str], to: Path, extension: str | None, formats: Sequence[str], action: Callable[[str, Path], None]
) -> int:
    """Apply ``action`` to one source and the file ``to``, or to several and files in the folder ``to``.

    With several, a bad one is reported and does not stop the rest; the status is then 1.
    """
    if len(sources) == 1 and extension is None:
        action(sources[0], to)
        return 0
    if extension not in formats:
        raise SettingError(
            N_("Several sources need --format with one of {formats}, not {extension}."),
            formats=", ".join(formats),
            extension=repr(extension),
        )
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            N_("The file {path} cannot be written: {reason}."), path=to, reason=error.strerror or error
        ) from None
    failed = 0
    for source, name in zip(sources, _distinct_stems(sources), strict=True):
        try:
            action(source, to / f"{name}.{extension}")
        except UserError as error:
            failed += 1
            print(f"toushi: {source}: {error}", file=sys.stderr)
    return 1 if failed else 0


def _distinct_stems(sources: Sequence[str]) -> list[str]:
    """Names for the files made of ``sources``: their own without folder and ending, numbered where they coincide."""
    names: list[str] = []
    for source in sources:
        stem = Path(source).stem or "graph"
        name, number = stem, 2
        while name in names:
            name, number = f"{stem}-{number}", number + 1
        names.append(name)
    return names
