"""The command ``trace``: compute every tensor of the graphs of files and runs. (``trace`` is a standard module.)"""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from explorer.cli.sources import checked_ending, for_each_source, onnx_file, trace_input, weight_statistics
from explorer.graph.onnx_io.read import read_onnx
from explorer.settings import Settings
from explorer.trace.bodies.body_trace import trace_body
from explorer.trace.netron_attachment import attachment, save_attachment
from explorer.trace.node_times import node_seconds
from explorer.trace.onnx_trace import Tracer, save_npz
from explorer.trace.tensor_statistics import statistics_of
from models.errors import N_, GraphError, SettingError

TRACE_ENDINGS = ("npz", "json")


@dataclass(frozen=True)
class Traced:
    """What is traced. inputs: an .npz of the graph's inputs. body: the id of a body whose values are wanted, '' for the
    main graph's; iterations: which iteration of it and of those around it, by id."""

    inputs: Path | None = None
    body: str = ""
    iterations: Mapping[str, int] = field(default_factory=dict)


def save_traces(
    store: Path, sources: Sequence[str], checkpoint: int | None, to: Path, extension: str | None, what: Traced
) -> int:
    """Trace each source on the given inputs, else on the first sample of a run, else on generated input.

    An .npz file holds the values; a .json file their statistics, as Netron's attachment. Returns the exit status, as
    ``for_each_source``. Raises UserError.
    """

    def save(source: str, target: Path) -> None:
        ending = checked_ending(target, TRACE_ENDINGS)
        with onnx_file(store, source, checkpoint) as (path, run):
            tracer, graph = Tracer(path), read_onnx(path)
            feed = trace_input(run, checkpoint, what.inputs)
            if what.body and ending == "npz":
                save_npz(trace_body(tracer, what.body, feed, chosen=what.iterations).values, target)
                return
            trace = tracer.trace(feed)
            if ending == "npz":
                save_npz(trace.values, target)
                return
            seconds: dict[str, float] = {}
            with suppress(GraphError):  # a graph that only ONNX's reference evaluator can run has no times
                seconds = node_seconds(tracer, {name: trace.values[name] for name in graph.inputs})
            statistics = statistics_of(trace.values)
            save_attachment(attachment(graph, statistics, weight_statistics(path, graph), seconds), target)

    return for_each_source(sources, to, extension, TRACE_ENDINGS, save)


def execute(settings: Settings, options: Namespace) -> int:
    """Carry out the parsed command. Returns the exit status. Raises UserError."""
    what = Traced(options.input, options.body, _iterations(options.iteration, options.body))
    return save_traces(settings.store, options.sources, options.checkpoint, options.to, options.format, what)


def _iterations(given: Sequence[str], body: str) -> dict[str, int]:
    """``["2", "n1.b0=3"]`` as the iteration of each body by id; one without an id is that of ``body``.

    Raises SettingError.
    """
    chosen: dict[str, int] = {}
    for text in given:
        name, _, number = text.rpartition("=")
        if not number.isdecimal():
            raise SettingError(N_("An iteration is a number from 0, not {text}."), text=repr(text))
        chosen[name or body] = int(number[:9])
    return chosen
