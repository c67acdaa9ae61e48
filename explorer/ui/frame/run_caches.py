"""What pages look at of a run, computed once and shared: opened checkpoints, layers, graphs.

Everything here is a cached call of a function below ``explorer/ui``. What is returned must not be changed.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from explorer.graph.graph import Graph
from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.checkpoint import OpenRun, open_run, save_onnx
from explorer.runs.folder import Run
from explorer.runs.loop import evaluated
from explorer.trace.layers import Layer, layers
from explorer.ui.frame.store import run_named
from models.errors import N_, GraphError


@st.cache_resource(show_spinner=False, max_entries=24)
def opened_at(run_id: str, step: int) -> OpenRun:
    """The run called ``run_id`` at checkpoint ``step``; raises RunError."""
    return open_run(run_named(run_id), step)


def opened(run: Run, step: int | None) -> OpenRun:
    """``run`` at checkpoint ``step`` (None: its last); raises RunError."""
    if run.damage or not run.checkpoints:
        return open_run(run, step)  # raises what is wrong
    return opened_at(run.id, run.checkpoints[-1] if step is None else step)


@st.cache_data(show_spinner=False, max_entries=256)
def _layers(run_id: str, step: int, sample: str) -> tuple[Layer, ...]:
    opened_run = opened_at(run_id, step)
    names = [each.name for each in opened_run.book.network_inputs]
    return layers(opened_run.network, opened_run.sample(sample).inputs, names)


def layers_of(opened_run: OpenRun, sample: str) -> tuple[Layer, ...]:
    """Every layer's output and weights for the sample named ``sample``; raises DataError for an unknown one."""
    return _layers(opened_run.run.id, opened_run.step, sample)


@st.cache_resource(show_spinner=False, max_entries=32)
def graph_in(path: Path, changed: int) -> Graph:
    """The graph in the ONNX file of a run; ``changed``: time of its last change, in ns."""
    return read_onnx(path)


def graph_of(run: Run) -> Graph:
    """The run's computation graph; raises GraphError while it is not exported yet."""
    if not run.onnx_path.is_file():
        raise GraphError(N_("Run {run} has no exported graph yet."), run=run.id)
    return graph_in(run.onnx_path, run.onnx_path.stat().st_mtime_ns)


@st.cache_data(show_spinner=False, max_entries=16)
def onnx_bytes(run_id: str, step: int, changed: int) -> bytes:
    """The ONNX file of a run at a checkpoint, for a download."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        save_onnx(opened_at(run_id, step), path)
        return path.read_bytes()


@st.cache_data(show_spinner=False, max_entries=256)
def _metrics(run_id: str, step: int) -> dict[str, float]:
    opened_run = opened_at(run_id, step)
    return evaluated(
        opened_run.book, opened_run.network, opened_run.book.load(opened_run.config, opened_run.run.source).test
    )


def metrics_of(opened_run: OpenRun) -> dict[str, float]:
    """The opened checkpoint's metrics on the test part."""
    return _metrics(opened_run.run.id, opened_run.step)
