"""Every tensor of a run's graph at a checkpoint for a sample, and its gradients: computed once for all sessions.

The graph is the run's own, or the one exported as written (``explorer/runs/as_written.py``): each function takes its
file. What is returned is shared and must not be changed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import streamlit as st
from numpy.typing import NDArray

from explorer.graph.graph import Graph
from explorer.graph.onnx_io.body_paths import path_to
from explorer.graph.onnx_io.weights import tensor_values
from explorer.runs.checkpoint import OpenRun
from explorer.trace.bodies.body_trace import BodyTrace, trace_body
from explorer.trace.gradients import Gradients, gradients
from explorer.trace.onnx_trace import Trace, Tracer
from explorer.ui.frame.run_caches import opened_at
from explorer.ui.inspector.subject import choice_key


def _key(opened_run: OpenRun, file: Path) -> tuple[str, int, Path, int]:
    """Run, checkpoint, file, and the time of the file's last change in ns: the key of what is cached."""
    return opened_run.run.id, opened_run.step, file, file.stat().st_mtime_ns


@st.cache_resource(show_spinner=False, max_entries=16)
def _proto(run_id: str, step: int, file: Path, changed: int) -> onnx.ModelProto:
    return opened_at(run_id, step).onnx_model(file)


def proto_of(opened_run: OpenRun, file: Path) -> onnx.ModelProto:
    """The exported graph with the weights of the opened checkpoint. Raises GraphError."""
    return _proto(*_key(opened_run, file))


@st.cache_resource(show_spinner=False, max_entries=16)
def _weights(run_id: str, step: int, file: Path, changed: int, body: str) -> dict[str, NDArray[Any]]:
    graph = path_to(_proto(run_id, step, file, changed), body)[-1].graph
    return {tensor.name: tensor_values(tensor) for tensor in graph.initializer}


def weights_of(opened_run: OpenRun, file: Path, body: str = "") -> dict[str, NDArray[Any]]:
    """Every initializer of the graph, or of the body with this id, at the opened checkpoint, by name."""
    return _weights(*_key(opened_run, file), body)


@st.cache_resource(show_spinner=False, max_entries=16)
def _tracer(run_id: str, step: int, file: Path, changed: int) -> Tracer:
    return Tracer(_proto(run_id, step, file, changed))


@st.cache_resource(show_spinner=False, max_entries=64)
def _trace(run_id: str, step: int, file: Path, changed: int, sample: str) -> Trace:
    opened_run = opened_at(run_id, step)
    return _tracer(run_id, step, file, changed).trace(opened_run.feed(opened_run.sample(sample)))


def trace_of(opened_run: OpenRun, file: Path, sample: str) -> Trace:
    """Every tensor of the graph at the opened checkpoint, for the sample; raises GraphError or DataError."""
    return _trace(*_key(opened_run, file), sample)


@st.cache_resource(show_spinner=False, max_entries=64)
def _body_trace(
    run_id: str, step: int, file: Path, changed: int, sample: str, body: str, chosen: tuple[tuple[str, int], ...]
) -> BodyTrace:
    opened_run = opened_at(run_id, step)
    tracer, feed = _tracer(run_id, step, file, changed), opened_run.feed(opened_run.sample(sample))
    return trace_body(tracer, body, feed, chosen=dict(chosen))


def body_trace_of(opened_run: OpenRun, file: Path, sample: str, body: str, chosen: Mapping[str, int]) -> BodyTrace:
    """Every tensor of a body, as ``trace_body`` computes it; raises GraphError or DataError."""
    return _body_trace(*_key(opened_run, file), sample, body, choice_key(chosen, body))


@st.cache_resource(show_spinner=False, max_entries=64)
def _gradients(_graph: Graph, run_id: str, step: int, file: Path, changed: int, sample: str) -> Gradients | None:
    opened_run = opened_at(run_id, step)
    chosen = opened_run.sample(sample)
    values = _trace(run_id, step, file, changed, sample).values
    target = opened_run.target(chosen)
    return gradients(_graph, values, opened_run.network, chosen.inputs, opened_run.book.loss, target)


def gradients_of(opened_run: OpenRun, file: Path, graph: Graph, sample: str) -> Gradients | None:
    """Gradients of the sample's loss at the opened checkpoint; None where its true answer is not known."""
    return _gradients(graph, *_key(opened_run, file), sample)
