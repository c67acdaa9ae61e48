"""A model file as what the page looks at: read, run and timed in worker processes, kept for all sessions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from explorer.files.graph_cache import cached_graph
from explorer.files.model_files import node_times, trace_file, weight_of
from explorer.files.trace_cache import TraceFile
from explorer.graph.graph import Graph
from explorer.trace.gradients import Gradients
from explorer.trace.tensor_statistics import TensorStatistics
from explorer.ui.frame.store import settings
from explorer.ui.inspector.subject import LazyTensors
from models.errors import GraphError

Array = NDArray[Any]
TRACES = "traces"  # folder of the store


@dataclass(frozen=True)
class FileSubject:
    """An ONNX file, fed ``given`` inputs by name, or generated ones where that is None.

    name: the file's name as its owner knows it. Everything about untrusted files happens in ``explorer/files``.
    """

    id: str
    path: Path
    name: str
    given: Mapping[str, Array] | None = field(default=None, compare=False)
    input_name: str = ""

    @property
    def version(self) -> tuple[Any, ...]:
        """File and input."""
        return (self.id, self.path.stat().st_mtime_ns, _fingerprint(self.given))

    @property
    def generated(self) -> bool:
        """No input was given."""
        return self.given is None

    @property
    def graph(self) -> Graph:
        """Raises GraphError with one sentence for a file that cannot be read."""
        return _graph(self.path, self.path.stat().st_mtime_ns, self.name)

    def statistics(self) -> Mapping[str, TensorStatistics]:
        """Of every tensor for the input."""
        return _trace(self, self.version).statistics

    def tensors(self) -> Mapping[str, Array]:
        """Traced values and weights, each read from the disk when it is asked for."""
        traced = _trace(self, self.version)
        weights = frozenset(weight.name for weight in _weights(self.graph))

        def read(name: str) -> Array:
            if name in traced.names:
                return traced.value(name)
            try:
                return self._read(name)
            except GraphError:
                raise KeyError(name) from None

        return LazyTensors(frozenset(traced.names) | weights, read)

    def weight(self, name: str) -> Array | None:
        """As it stands in the file."""
        return self._read(name)

    def _read(self, name: str) -> Array:
        return _weight(self.path, self.path.stat().st_mtime_ns, name, self.name)

    def gradients(self) -> Gradients | None:
        """A file has no loss."""
        return None

    def seconds(self) -> Mapping[str, float]:
        """Measured once for the file and its input."""
        return _times(self, self.version)


def _weights(graph: Graph) -> Any:
    for node in graph.all_nodes():
        yield from node.weights
        for body in node.bodies.values():
            yield from body.constants
    yield from graph.constants


def _fingerprint(given: Mapping[str, Array] | None) -> str:
    if given is None:
        return ""
    digest = hashlib.sha256()
    for name, value in sorted(given.items()):
        digest.update(f"{name}\\0{value.dtype}\\0{value.shape}".encode("utf-8", "replace"))
        digest.update(value.tobytes())
    return digest.hexdigest()


@st.cache_resource(show_spinner=False, max_entries=12)
def _graph(path: Path, changed: int, name: str) -> Graph:
    return cached_graph(settings().store, path, name)


@st.cache_resource(show_spinner=False, max_entries=64)
def _trace(_subject: FileSubject, version: tuple[Any, ...]) -> TraceFile:
    return trace_file(_subject.path, _subject.given, settings().store / TRACES, _subject.name)


@st.cache_resource(show_spinner=False, max_entries=32)
def _weight(path: Path, changed: int, weight: str, name: str) -> Array:
    return weight_of(path, weight, name)


@st.cache_data(show_spinner=False, max_entries=64)
def _times(_subject: FileSubject, version: tuple[Any, ...]) -> dict[str, float]:
    return node_times(_subject.path, _subject.given, _subject.name)
