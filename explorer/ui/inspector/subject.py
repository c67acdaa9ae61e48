"""What the graph page and the inspector look at: a graph, and what is known of its nodes' values.

A ``GraphSubject`` hides where the numbers come from: a run's checkpoint in this process, or a model file in a worker
process (``explorer/ui/inspector/file_subject.py``). Everything is computed on demand and then cached.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import streamlit as st
from numpy.typing import NDArray

from explorer.graph.graph import Graph
from explorer.runs.checkpoint import OpenRun
from explorer.trace.gradients import Gradients
from explorer.trace.node_times import node_seconds
from explorer.trace.tensor_statistics import TensorStatistics, statistics_of
from explorer.ui.frame.run_caches import graph_in, graph_of
from explorer.ui.inspector.run_values import gradients_of, proto_of, trace_of, weights_of

Array = NDArray[Any]
WRITTEN = "-as-written"


class GraphSubject(Protocol):
    """One graph with its values for one input. All raise UserError where something cannot be had."""

    @property
    def id(self) -> str:
        """The run's or file's id, as in the selection."""

    @property
    def version(self) -> tuple[Any, ...]:
        """Changes whenever graph or values do: a key for what is kept."""

    @property
    def graph(self) -> Graph:
        """The computation graph."""

    @property
    def path(self) -> Path:
        """The ONNX file behind it; a run's holds the weights of its last export."""

    def statistics(self) -> Mapping[str, TensorStatistics]:
        """A few numbers of every traced tensor, by name."""

    def tensors(self) -> Mapping[str, Array]:
        """Every traced tensor and every weight by name, each read when it is asked for."""

    def weight(self, name: str) -> Array | None:
        """The value of an initializer or constant; None where there is none of that name."""

    def gradients(self) -> Gradients | None:
        """Gradients of the sample's loss; None where there is no loss."""

    def seconds(self) -> Mapping[str, float]:
        """Measured time of each node, by its id."""

    @property
    def generated(self) -> bool:
        """The input was made up."""


@dataclass(frozen=True)
class RunSubject:
    """A run at a checkpoint, fed one of its samples. written: the file of the graph as written, None for the run's."""

    one: OpenRun
    sample: str
    written: Path | None = None

    generated = False

    @property
    def id(self) -> str:
        """The run's id, marked where the graph is the one as written."""
        return self.one.run.id + ("" if self.written is None else WRITTEN)

    @property
    def version(self) -> tuple[Any, ...]:
        """The graph does not change with the checkpoint, the values do."""
        return (self.id, self.one.step, self.sample, self.path.stat().st_mtime_ns)

    @property
    def graph(self) -> Graph:
        """The run's exported graph; raises GraphError while there is none."""
        if self.written is None:
            return graph_of(self.one.run)
        return graph_in(self.written, self.written.stat().st_mtime_ns)

    @property
    def path(self) -> Path:
        """The run's ONNX file, or the one as written."""
        return self.one.run.onnx_path if self.written is None else self.written

    def statistics(self) -> Mapping[str, TensorStatistics]:
        """Of every tensor for the sample."""
        return _statistics(self, self.version)

    def tensors(self) -> Mapping[str, Array]:
        """Weights at the checkpoint, values for the sample."""
        return {**weights_of(self.one, self.path), **trace_of(self.one, self.path, self.sample).values}

    def weight(self, name: str) -> Array | None:
        """At the checkpoint."""
        return weights_of(self.one, self.path).get(name)

    def gradients(self) -> Gradients | None:
        """Of the sample's loss; None where its true answer is not known."""
        return gradients_of(self.one, self.path, self.graph, self.sample)

    def seconds(self) -> Mapping[str, float]:
        """Measured once a checkpoint."""
        return _seconds(self, self.version)


@st.cache_data(show_spinner=False, max_entries=256)
def _statistics(_subject: RunSubject, version: tuple[Any, ...]) -> dict[str, TensorStatistics]:
    return statistics_of(trace_of(_subject.one, _subject.path, _subject.sample).values)


@st.cache_data(show_spinner=False, max_entries=256)
def _seconds(_subject: RunSubject, version: tuple[Any, ...]) -> dict[str, float]:
    name, one, file = _subject.graph.inputs[0], _subject.one, _subject.path
    return node_seconds(proto_of(one, file), {name: trace_of(one, file, _subject.sample).values[name]})


class LazyTensors(Mapping[str, Array]):
    """Arrays by name, read by ``read`` when they are asked for. read: raises KeyError for an unknown name."""

    def __init__(self, names: frozenset[str], read: Any) -> None:
        self._names, self._read = names, read

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(name)
        found: Array = self._read(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
