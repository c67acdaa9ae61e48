"""The command ``trace``: compute every tensor of the graphs of files and runs. (``trace`` is a standard module.)"""

from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from explorer.cli.sources import checked_ending, for_each_source, onnx_file, trace_values, weight_statistics
from explorer.graph.onnx_io.read import read_onnx
from explorer.settings import Settings
from explorer.trace.netron_attachment import attachment, save_attachment
from explorer.trace.node_times import node_seconds
from explorer.trace.onnx_trace import Tracer, save_npz
from explorer.trace.tensor_statistics import statistics_of
from models.errors import GraphError

TRACE_ENDINGS = ("npz", "json")


def save_traces(
    store: Path, sources: Sequence[str], checkpoint: int | None, to: Path, extension: str | None, inputs: Path | None
) -> int:
    """Trace each source on ``inputs``, else on the first sample of a run, else on generated input.

    An .npz file holds the values; a .json file their statistics, as Netron's attachment. Returns the exit status, as
    ``for_each_source``. Raises UserError.
    """

    def save(source: str, target: Path) -> None:
        ending = checked_ending(target, TRACE_ENDINGS)
        with onnx_file(store, source, checkpoint) as (path, run):
            tracer, graph = Tracer(path), read_onnx(path)
            trace = trace_values(tracer, run, checkpoint, inputs)
            if ending == "npz":
                save_npz(trace, target)
                return
            seconds: dict[str, float] = {}
            with suppress(GraphError):  # a graph that only ONNX's reference evaluator can run has no times
                seconds = node_seconds(tracer, {name: trace.values[name] for name in graph.inputs})
            statistics = statistics_of(trace.values)
            save_attachment(attachment(graph, statistics, weight_statistics(path, graph), seconds), target)

    return for_each_source(sources, to, extension, TRACE_ENDINGS, save)


def execute(settings: Settings, options: Namespace) -> int:
    """Carry out the parsed command. Returns the exit status. Raises UserError."""
    return save_traces(settings.store, options.sources, options.checkpoint, options.to, options.format, options.input)
