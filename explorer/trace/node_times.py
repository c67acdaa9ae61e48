"""How long each node of an ONNX graph takes, measured by onnxruntime's own profiler on the graph as written."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import onnx

from explorer.trace import engines
from explorer.trace.onnx_trace import Tracer, run_error
from models.errors import N_, GraphError

RUNS = 5  # after one that warms the caches up; the median counts


def node_seconds(
    model: Tracer | Path | onnx.ModelProto, inputs: Mapping[str, Any] | None = None, *, seconds: float = 60
) -> dict[str, float]:
    """Seconds of one run by node id (as ``Graph`` counts them), the median of ``RUNS`` runs on ``inputs``.

    A node with bodies takes as long as what runs inside it, and the inner nodes, summed over their repetitions, are
    there too. A node that onnxruntime does not run (a Constant, a call written out) is left out. inputs: by name;
    None makes them up. seconds: for all runs together. Raises GraphError where onnxruntime cannot run the graph.
    """
    tracer = model if isinstance(model, Tracer) else Tracer(model)
    feed = tracer.feed(inputs)
    tracer.refuse_large(feed)
    named = tracer.whole()
    for node, node_id in _numbered(named.graph, ""):
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


def _numbered(graph: onnx.GraphProto, prefix: str) -> Iterator[tuple[onnx.NodeProto, str]]:
    """Every node of the graph and its bodies with its id, as ``explorer/graph/onnx_io/read.py`` gives it."""
    for index, node in enumerate(graph.node):
        node_id = f"{prefix}n{index}"
        yield node, node_id
        bodies = [
            body
            for attribute in node.attribute
            for body in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs)
        ]
        for place, body in enumerate(bodies):
            yield from _numbered(body, f"{node_id}.b{place}.")


def _by_node(events: list[dict[str, Any]]) -> dict[str, float]:
    """Times in the profile (microseconds) summed over each run, then the median of the runs; the first one is left out.

    A run's own event says when it began; what its nodes took lies between that and the next run's.
    """
    begins = sorted(int(event["ts"]) for event in events if event.get("name") == "model_run")[1:]
    sums: list[defaultdict[str, float]] = [defaultdict(float) for _ in begins]
    for event in events:
        name = str(event.get("name", ""))
        if event.get("cat") != "Node" or not name.endswith("_kernel_time"):
            continue
        run = sum(begin <= int(event["ts"]) for begin in begins) - 1
        if run >= 0:
            sums[run][name.removesuffix("_kernel_time")] += float(event["dur"]) * 1e-6
    names = dict.fromkeys(name for one in sums for name in one if name.startswith("n"))
    return {name: median(one.get(name, 0.0) for one in sums) for name in names}
