"""What pages look at of a run, computed once and shared: opened checkpoints, layers, graphs, traces, gradients.

Everything here is a cached call of a function below ``explorer/ui``. What is returned must not be changed.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
import pandas as pd
import streamlit as st
import torch
from numpy.typing import NDArray

from explorer.graph.export import with_weights
from explorer.graph.graph import Graph
from explorer.graph.read import read_onnx
from explorer.graph.weights import tensor_values
from explorer.runs.checkpoint import OpenRun, open_run, save_onnx
from explorer.runs.folder import Run
from explorer.runs.loop import evaluated
from explorer.trace.gradients import Gradients, gradients
from explorer.trace.layers import Layer, layers
from explorer.trace.onnx_trace import Trace, Tracer
from explorer.ui.store import run_named
from models.bike import demand
from models.errors import N_, GraphError


@st.cache_resource(show_spinner=False, max_entries=24)
def _opened(run_id: str, step: int) -> OpenRun:
    return open_run(run_named(run_id), step)


def opened(run: Run, step: int | None) -> OpenRun:
    """``run`` at checkpoint ``step`` (None: its last); raises RunError."""
    if run.damage or not run.checkpoints:
        return open_run(run, step)  # tells what is wrong
    return _opened(run.id, run.checkpoints[-1] if step is None else step)


@st.cache_data(show_spinner=False, max_entries=256)
def _layers(run_id: str, step: int, sample: str) -> tuple[Layer, ...]:
    one = _opened(run_id, step)
    return layers(one.network, one.sample(sample).inputs)


def layers_of(one: OpenRun, sample: str) -> tuple[Layer, ...]:
    """Every layer's output and weights for the sample named ``sample``; raises DataError for an unknown one."""
    return _layers(one.run.id, one.step, sample)


@st.cache_resource(show_spinner=False, max_entries=32)
def _graph(path: Path, changed: int) -> Graph:
    return read_onnx(path)


def graph_of(run: Run) -> Graph:
    """The run's computation graph; raises GraphError while it is not exported yet."""
    if not run.onnx_path.is_file():
        raise GraphError(N_("Run {run} has no exported graph yet."), run=run.id)
    return _graph(run.onnx_path, run.onnx_path.stat().st_mtime_ns)


def _changed(one: OpenRun) -> int:
    return one.run.onnx_path.stat().st_mtime_ns


@st.cache_resource(show_spinner=False, max_entries=16)
def _proto(run_id: str, step: int, changed: int) -> onnx.ModelProto:
    one = _opened(run_id, step)
    return with_weights(one.run.onnx_path, {name: tensor.numpy() for name, tensor in one.network.state_dict().items()})


def proto_of(one: OpenRun) -> onnx.ModelProto:
    """The run's exported graph with the weights of the opened checkpoint; do not change it. Raises GraphError."""
    return _proto(one.run.id, one.step, _changed(one))


@st.cache_resource(show_spinner=False, max_entries=16)
def _weights(run_id: str, step: int, changed: int) -> dict[str, NDArray[Any]]:
    return {tensor.name: tensor_values(tensor) for tensor in _proto(run_id, step, changed).graph.initializer}


def weights_of(one: OpenRun) -> dict[str, NDArray[Any]]:
    """Every initializer of the run's graph at the opened checkpoint, by name."""
    return _weights(one.run.id, one.step, _changed(one))


@st.cache_resource(show_spinner=False, max_entries=16)
def _tracer(run_id: str, step: int, changed: int) -> Tracer:
    return Tracer(_proto(run_id, step, changed))


@st.cache_resource(show_spinner=False, max_entries=64)
def _trace(run_id: str, step: int, sample: str, changed: int) -> Trace:
    one = _opened(run_id, step)
    name = _graph(one.run.onnx_path, changed).inputs[0]
    return _tracer(run_id, step, changed).trace({name: one.sample(sample).inputs.numpy()})


def trace_of(one: OpenRun, sample: str) -> Trace:
    """Every tensor of the run's graph at the opened checkpoint, for the sample; raises GraphError or DataError."""
    return _trace(one.run.id, one.step, sample, _changed(one))


@st.cache_resource(show_spinner=False, max_entries=64)
def _gradients(_graph: Graph, run_id: str, step: int, sample: str, changed: int) -> Gradients | None:
    one = _opened(run_id, step)
    found = one.sample(sample)
    target = None
    if found.target is not None:
        # A target as the training had it: its type and shape are the data's.
        like = one.book.load(one.config, one.run.source).test.targets[:1]
        target = torch.full_like(like, found.target)
    return gradients(_graph, trace_of(one, sample).values, one.network, found.inputs, one.book.loss, target)


def gradients_of(one: OpenRun, graph: Graph, sample: str) -> Gradients | None:
    """Gradients of the sample's loss at the opened checkpoint; None where its true answer is not known."""
    return _gradients(graph, one.run.id, one.step, sample, _changed(one))


@st.cache_data(show_spinner=False, max_entries=16)
def onnx_bytes(run_id: str, step: int, changed: int) -> bytes:
    """The ONNX file of a run at a checkpoint, for a download."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        save_onnx(_opened(run_id, step), path)
        return path.read_bytes()


@st.cache_data(show_spinner=False, max_entries=256)
def _metrics(run_id: str, step: int) -> dict[str, float]:
    one = _opened(run_id, step)
    return evaluated(one.book, one.network, one.book.load(one.config, one.run.source).test)


def metrics_of(one: OpenRun) -> dict[str, float]:
    """The opened checkpoint's metrics on the test part."""
    return _metrics(one.run.id, one.step)


@st.cache_data(show_spinner=False, max_entries=64)
def _demand(run_id: str, step: int) -> pd.DataFrame:
    one = _opened(run_id, step)
    return demand(one.network, one.book.load(one.config, one.run.source))


def demand_of(one: OpenRun) -> pd.DataFrame:
    """Real and predicted bikes per hour over the test rows: time, real, predicted."""
    return _demand(one.run.id, one.step)
