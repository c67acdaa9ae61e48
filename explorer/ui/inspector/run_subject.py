"""A run at a checkpoint, fed one sample: what the graph page and the inspector show of it, cached for all sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.graph.graph import Graph, TensorKey
from explorer.runs.checkpoint import OpenRun
from explorer.trace.bodies.visible_tensors import visible_tensors
from explorer.trace.gradients import Gradients
from explorer.trace.node_times import node_seconds
from explorer.trace.tensor_statistics import TensorStatistics, statistics_of
from explorer.ui.frame.run_caches import graph_in, graph_of, onnx_bytes
from explorer.ui.inspector.run_values import body_trace_of, gradients_of, proto_of, trace_of, weights_of
from explorer.ui.inspector.subject import MAIN, Array, Iterations

AS_WRITTEN = "-as-written"  # ends the id of a graph that the exporter did not optimise


@dataclass(frozen=True)
class RunSubject:
    """A run at a checkpoint, fed one of its samples.

    sample: its key, '' for the first. as_written: the file of the graph as written; None: the run's own, optimised one.
    """

    opened_run: OpenRun
    sample: str
    as_written: Path | None = None

    generated = False
    has_loss = True

    @property
    def id(self) -> str:
        """The run's id, with an ending of its own where the graph is the one as written."""
        return self.opened_run.run.id + ("" if self.as_written is None else AS_WRITTEN)

    @property
    def version(self) -> tuple[Any, ...]:
        """The graph does not change with the checkpoint, the values do."""
        return (self.id, self.opened_run.step, self.sample, self.path.stat().st_mtime_ns)

    @property
    def graph(self) -> Graph:
        """The run's exported graph; raises GraphError while there is none."""
        if self.as_written is None:
            return graph_of(self.opened_run.run)
        return graph_in(self.as_written, self.as_written.stat().st_mtime_ns)

    @property
    def path(self) -> Path:
        """The run's ONNX file, or the one as written."""
        return self.opened_run.run.onnx_path if self.as_written is None else self.as_written

    @property
    def onnx_max_difference(self) -> float | None:
        """As measured after the training, on real samples."""
        return self.opened_run.run.status.onnx_max_difference

    def onnx(self) -> bytes:
        """The run's graph with the weights of the checkpoint."""
        return onnx_bytes(self.opened_run.run.id, self.opened_run.step, self.path.stat().st_mtime_ns)

    def statistics(self) -> Mapping[str, TensorStatistics]:
        """Of every tensor for the sample."""
        return _statistics(self, self.version)

    def tensors(self, body: str = "", chosen: Iterations = MAIN) -> Mapping[str, Array]:
        """Weights at the checkpoint, values for the sample."""
        return visible_tensors([(each, self._own_tensors(each.id, chosen)) for each in self.graph.visible_from(body)])

    def _own_tensors(self, body: str, chosen: Iterations) -> Mapping[str, Array]:
        """Those of one graph or body."""
        weights = weights_of(self.opened_run, self.path, body)
        if body:
            return {**weights, **body_trace_of(self.opened_run, self.path, self.sample, body, chosen).values}
        return {**weights, **trace_of(self.opened_run, self.path, self.sample).values}

    def iterations(self, body: str, chosen: Iterations) -> Mapping[str, tuple[int, int]]:
        """For the sample."""
        return body_trace_of(self.opened_run, self.path, self.sample, body, chosen).iterations if body else {}

    def weight(self, key: TensorKey) -> Array | None:
        """At the checkpoint."""
        return weights_of(self.opened_run, self.path, key.body).get(key.name)

    def gradients(self) -> Gradients | None:
        """Of the sample's loss; None where its true answer is not known."""
        return gradients_of(self.opened_run, self.path, self.graph, self.sample)

    def seconds(self) -> Mapping[str, float]:
        """Measured once for the checkpoint and the sample."""
        return _seconds(self, self.version)


@st.cache_data(show_spinner=False, max_entries=256)
def _statistics(_subject: RunSubject, version: tuple[Any, ...]) -> dict[str, TensorStatistics]:
    return statistics_of(trace_of(_subject.opened_run, _subject.path, _subject.sample).values)


@st.cache_data(show_spinner=False, max_entries=256)
def _seconds(_subject: RunSubject, version: tuple[Any, ...]) -> dict[str, float]:
    values = trace_of(_subject.opened_run, _subject.path, _subject.sample).values
    inputs = {name: values[name] for name in _subject.graph.inputs}
    return node_seconds(proto_of(_subject.opened_run, _subject.path), inputs)
