"""What pages look at, computed once and shared: opened checkpoints, layers, graphs, drawings, traces.

Everything here is a cached call of a function below ``explorer/ui``. What is returned must not be changed.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from explorer.graph.dot import to_dot
from explorer.graph.export import with_weights
from explorer.graph.graph import Graph
from explorer.graph.layout import draw
from explorer.graph.read import read_onnx
from explorer.graph.view import visible
from explorer.runs.checkpoint import OpenRun, open_run, save_onnx
from explorer.runs.folder import Run
from explorer.runs.loop import evaluated
from explorer.trace.layers import Layer, layers
from explorer.trace.onnx_trace import Trace, trace
from explorer.ui.store import run_named
from explorer.ui.translation import translation
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


@st.cache_data(show_spinner=False, max_entries=64)
def drawing(path: Path, changed: int, dark: bool, book_order: bool, language: str) -> str:
    """The graph in file ``path`` as SVG; ``changed``: time of its last change. Raises GraphError."""
    _ = translation(language).gettext
    dot = to_dot(visible(_graph(path, changed), "all"), dark=dark, book_order=book_order, words=_)
    return draw(dot, "svg").decode()


@st.cache_resource(show_spinner=False, max_entries=64)
def _trace(run_id: str, step: int, sample: str, changed: int) -> Trace:
    one = _opened(run_id, step)
    weights = {name: tensor.numpy() for name, tensor in one.network.state_dict().items()}
    proto = with_weights(one.run.onnx_path, weights)
    name = _graph(one.run.onnx_path, changed).inputs[0]
    return trace(proto, {name: one.sample(sample).inputs.numpy()})


def trace_of(one: OpenRun, sample: str) -> Trace:
    """Every tensor of the run's graph at the opened checkpoint, for the sample; raises GraphError or DataError."""
    return _trace(one.run.id, one.step, sample, one.run.onnx_path.stat().st_mtime_ns)


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
