"""What pages look at of a run, computed once and shared: opened checkpoints, layers, graphs.

Everything here is a cached call of a function below ``explorer/ui``. What is returned must not be changed.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from explorer.chapters.digits.attribution import (
    AscendedImage,
    IntegratedGradients,
    Target,
    integrated_gradients,
    maximize_score,
)
from explorer.chapters.digits.image_sweeps import images
from explorer.chapters.digits.softmax import batch_logits
from explorer.chapters.digits.top_images import TopImages, find_top_images
from explorer.chapters.digits.volumes import Stage, stages
from explorer.graph.graph import Graph
from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.checkpoint import OpenRun, open_run, save_onnx
from explorer.runs.folder import Run
from explorer.runs.loop import evaluated
from explorer.runs.torch_threads import one_thread
from explorer.trace.layers import Array, Layer, layers
from explorer.ui.frame.delivery import give_way
from explorer.ui.frame.store import run_named
from models.bike.demand import demand
from models.errors import N_, GraphError


@st.cache_resource(show_spinner=False, max_entries=24)
def opened_at(run_id: str, step: int) -> OpenRun:
    """The run called ``run_id`` at checkpoint ``step``; raises RunError."""
    return open_run(run_named(run_id), step)


def opened(run: Run, step: int | None) -> OpenRun:
    """``run`` at checkpoint ``step`` (None: its last); raises RunError."""
    if run.damage or not run.checkpoints:
        return open_run(run, step)  # tells what is wrong
    return opened_at(run.id, run.checkpoints[-1] if step is None else step)


@st.cache_data(show_spinner=False, max_entries=256)
def _layers(run_id: str, step: int, sample: str) -> tuple[Layer, ...]:
    one = opened_at(run_id, step)
    return layers(one.network, one.sample(sample).inputs)


def layers_of(one: OpenRun, sample: str) -> tuple[Layer, ...]:
    """Every layer's output and weights for the sample named ``sample``; raises DataError for an unknown one."""
    return _layers(one.run.id, one.step, sample)


def stages_of(one: OpenRun, sample: str) -> tuple[Stage, ...]:
    """The volumes of the network, for the sample named ``sample``; raises DataError for an unknown one."""
    return stages(one.network, layers_of(one, sample))


@st.cache_data(show_spinner=False, max_entries=64)
def _scores(run_id: str, step: int, count: int) -> tuple[Array, Array]:
    one = opened_at(run_id, step)
    part = one.book.load(one.config, one.run.source).test
    inputs, targets = next(iter(one.book.batches(part, count, None)))
    return batch_logits(one.network, inputs), targets.numpy()


def scores_at(one: OpenRun, count: int) -> tuple[Array, Array]:
    """The logits (B, K) of the first ``count`` test samples, and their targets (B,)."""
    return _scores(one.run.id, one.step, count)


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
    one = opened_at(run_id, step)
    return evaluated(one.book, one.network, one.book.load(one.config, one.run.source).test)


def metrics_of(one: OpenRun) -> dict[str, float]:
    """The opened checkpoint's metrics on the test part."""
    return _metrics(one.run.id, one.step)


@st.cache_data(show_spinner=False, max_entries=64)
def _demand(run_id: str, step: int) -> pd.DataFrame:
    one = opened_at(run_id, step)
    return demand(one.network, one.book.load(one.config, one.run.source))


def demand_of(one: OpenRun) -> pd.DataFrame:
    """Real and predicted bikes per hour over the test rows: time, real, predicted."""
    return _demand(one.run.id, one.step)


@st.cache_resource(show_spinner=False, max_entries=24)
def _excitement(run_id: str, step: int) -> Mapping[str, TopImages]:
    one = opened_at(run_id, step)
    with one_thread():  # beside a training two wait for each other, and take several times as long
        return find_top_images(one.network, images(one, "both").inputs, between=give_way)


def excitement_of(one: OpenRun) -> Mapping[str, TopImages]:
    """Which of the test file's 10,000 images excite each map and unit most, by the stage's name; digits runs only."""
    return _excitement(one.run.id, one.step)


@st.cache_data(show_spinner=False, max_entries=256)
def _ascended(run_id: str, step: int, target: Target) -> AscendedImage:
    with one_thread():
        return maximize_score(opened_at(run_id, step).network, target, between=give_way)


def ascended_of(one: OpenRun, target: Target) -> AscendedImage:
    """The picture that excites ``target`` as much as possible, by gradient ascent."""
    return _ascended(one.run.id, one.step, target)


@st.cache_data(show_spinner=False, max_entries=256)
def _attributed(run_id: str, step: int, sample: str, target: Target) -> IntegratedGradients:
    one = opened_at(run_id, step)
    with one_thread():  # small sums: two threads would mostly wait for each other
        return integrated_gradients(one.network, one.sample(sample).inputs, target)


def attributed_of(one: OpenRun, sample: str, target: Target) -> IntegratedGradients:
    """What each pixel of the sample adds to the score of ``target``, and its saliency."""
    return _attributed(one.run.id, one.step, sample, target)
