"""How long each node of an ONNX graph takes, measured by onnxruntime's profiler on the unoptimised graph."""

import json
import tempfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import onnx

from explorer.graph.onnx_io.body_paths import attribute_bodies
from explorer.trace import engines
from explorer.trace.inputs import has_places
from explorer.trace.onnx_trace import Tracer, run_error
from models.errors import N_, GraphError

RUNS = 5  # after a warm-up run; the median counts


def node_seconds(
    model: Tracer | Path | onnx.ModelProto, inputs: Mapping[str, Any] | None = None, *, seconds: float = 60
) -> dict[str, float]:
    """Seconds of one run by node id (as ``Graph`` counts them), the median of ``RUNS`` runs on ``inputs``.

    A node with bodies includes the nodes inside, which are listed, too, summed over their repetitions. Nodes that
    onnxruntime does not run (constants, calls that it inlines) are left out. inputs: by name; None generates them.
    seconds: limit for all runs together. Raises GraphError where onnxruntime cannot run the graph.
    """
    tracer = model if isinstance(model, Tracer) else Tracer(model)
    if inputs is None and has_places(tracer.feed(None)):
        tracer.results_of(None, seconds=seconds)  # finds generated inputs with which the graph runs
    feed = tracer.feed(inputs)
    tracer.refuse_large(feed)
    named = tracer.runnable_model()
    for node, node_id in _with_ids(named.graph, ""):
        node.name = node_id
    with tempfile.TemporaryDirectory() as folder:
        try:
            opened = engines.session(named.SerializeToString(), profile=Path(folder) / "profile")
            for _ in range(RUNS + 1):
                engines.run(opened, feed, seconds / (RUNS + 1))
            events = json.loads(Path(opened.end_profiling()).read_text(encoding="utf-8"))
        except TimeoutError:
            raise GraphError(
                N_("The graph took longer than {seconds} s to run and was stopped."), seconds=f"{seconds:g}"
            ) from None
        except Exception as error:  # onnxruntime raises many kinds
            raise run_error(error) from error
    return _by_node(events)


def _with_ids(graph: onnx.GraphProto, prefix: str) -> Iterator[tuple[onnx.NodeProto, str]]:
    """Every node of the graph and its bodies with its id, as ``explorer/graph/onnx_io/read.py`` gives it."""
    for index, node in enumerate(graph.node):
        node_id = f"{prefix}n{index}"
        yield node, node_id
        for body_index, (_, body) in enumerate(attribute_bodies(node)):
            yield from _with_ids(body, f"{node_id}.b{body_index}.")


def _by_node(events: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds by node: the profile's times summed over each run, then the median of all runs but the first.

    events: of the profile, times in microseconds. A run's own event says when it began; the events of its nodes lie
    between that and the beginning of the next run.
    """
    run_starts = sorted(int(event["ts"]) for event in events if event.get("name") == "model_run")[1:]
    sums: list[defaultdict[str, float]] = [defaultdict(float) for _ in run_starts]
    for event in events:
        name = str(event.get("name", ""))
        if event.get("cat") != "Node" or not name.endswith("_kernel_time"):
            continue
        run = bisect_right(run_starts, int(event["ts"])) - 1
        if run >= 0:
            sums[run][name.removesuffix("_kernel_time")] += float(event["dur"]) * 1e-6
    names = dict.fromkeys(name for times in sums for name in times if name.startswith("n"))
    return {name: median(times.get(name, 0.0) for times in sums) for name in names}
