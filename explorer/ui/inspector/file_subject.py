"""A model file as what the graph page looks at: read, run and timed in worker processes, cached for all sessions."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import streamlit as st

from explorer.files.graph_cache import cached_graph
from explorer.files.model_files import node_times, trace_file, weight_of
from explorer.files.trace_cache import TraceFile
from explorer.graph.graph import Graph, TensorKey, Weight
from explorer.trace.bodies.visible_tensors import LazyTensors, visible_tensors
from explorer.trace.gradients import Gradients
from explorer.trace.tensor_statistics import TensorStatistics
from explorer.ui.frame.store import settings
from explorer.ui.inspector.subject import MAIN, Array, Iterations, choice_key
from models.errors import GraphError

TRACES = "traces"  # folder of the store


@dataclass(frozen=True)
class FileSubject:
    """An ONNX file, fed ``given`` inputs by name, or generated ones where that is None.

    name: the file's name as its owner knows it. input_name: the name of the file of the given inputs. Everything about
    untrusted files is done in ``explorer/files``.
    """

    id: str
    path: Path
    name: str
    given: Mapping[str, Array] | None = field(default=None, compare=False)
    input_name: str = ""

    has_loss = False
    onnx_max_difference: ClassVar[float | None] = None

    @property
    def version(self) -> tuple[Any, ...]:
        """File and input."""
        return (self.id, self.path.stat().st_mtime_ns, _fingerprint(self.given))

    @property
    def generated(self) -> bool:
        """Whether no input was given."""
        return self.given is None

    @property
    def graph(self) -> Graph:
        """Raises GraphError with one sentence for a file that cannot be read."""
        return _graph(self.path, self.path.stat().st_mtime_ns, self.name)

    def onnx(self) -> bytes:
        """The file itself."""
        return self.path.read_bytes()

    def statistics(self) -> Mapping[str, TensorStatistics]:
        """Of every tensor for the input."""
        return _trace(self, self.version).statistics

    def tensors(self, body: str = "", chosen: Iterations = MAIN) -> Mapping[str, Array]:
        """Each is read from the disk when it is looked up."""
        names: defaultdict[str, set[str]] = defaultdict(set)
        for weight in _weights(self.graph):
            names[weight.body].add(weight.name)
        graphs = self.graph.visible_from(body)
        return visible_tensors(
            [(each, self._own_tensors(each.id, chosen, frozenset(names[each.id]))) for each in graphs]
        )

    def _own_tensors(self, body: str, chosen: Iterations, weights: frozenset[str]) -> Mapping[str, Array]:
        """Those of one graph or body. weights: the names of its weights."""
        trace = _body_trace(self, self.version, body, choice_key(chosen, body))

        def read(name: str) -> Array:
            if name in trace.names:
                return trace.value(name)
            try:
                return self.weight(TensorKey(body, name))
            except GraphError:
                raise KeyError(name) from None

        return LazyTensors(frozenset(trace.names) | weights, read)

    def iterations(self, body: str, chosen: Iterations) -> Mapping[str, tuple[int, int]]:
        """As the body's trace counted them."""
        return _body_trace(self, self.version, body, choice_key(chosen, body)).iterations

    def weight(self, key: TensorKey) -> Array:
        """As it is in the file; raises GraphError for an unknown one."""
        return _weight(self.path, self.path.stat().st_mtime_ns, key, self.name)

    def gradients(self) -> Gradients | None:
        """A file has no loss."""
        return None

    def seconds(self) -> Mapping[str, float]:
        """Measured once for the file and its input."""
        return _times(self, self.version)


def _weights(graph: Graph) -> Iterator[Weight]:
    """Every weight and constant of the graph and of its nodes' bodies."""
    for node in graph.all_nodes():
        yield from node.weights
        for body in node.bodies.values():
            yield from body.constants
    yield from graph.constants


def _fingerprint(given: Mapping[str, Array] | None) -> str:
    """The same for the same given inputs; '' for generated ones."""
    if given is None:
        return ""
    digest = hashlib.sha256()
    for name, value in sorted(given.items()):
        digest.update(f"{name}\0{value.dtype}\0{value.shape}".encode("utf-8", "replace"))
        digest.update(value.tobytes())
    return digest.hexdigest()


@st.cache_resource(show_spinner=False, max_entries=12)
def _graph(path: Path, changed: int, name: str) -> Graph:
    return cached_graph(settings().store, path, name)


@st.cache_resource(show_spinner=False, max_entries=64)
def _trace(_subject: FileSubject, version: tuple[Any, ...]) -> TraceFile:
    return trace_file(_subject.path, _subject.given, settings().store / TRACES, _subject.name)


@st.cache_resource(show_spinner=False, max_entries=64)
def _body_trace(
    _subject: FileSubject, version: tuple[Any, ...], body: str, chosen: tuple[tuple[str, int], ...]
) -> TraceFile:
    if not body:
        return _trace(_subject, version)
    folder = settings().store / TRACES
    return trace_file(_subject.path, _subject.given, folder, _subject.name, body=body, chosen=dict(chosen))


@st.cache_resource(show_spinner=False, max_entries=32)
def _weight(path: Path, changed: int, weight: TensorKey, name: str) -> Array:
    return weight_of(path, weight, name)


@st.cache_data(show_spinner=False, max_entries=64)
def _times(_subject: FileSubject, version: tuple[Any, ...]) -> dict[str, float]:
    return node_times(_subject.path, _subject.given, _subject.name)
