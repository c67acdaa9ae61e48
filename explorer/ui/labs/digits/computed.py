"""What the digits laboratory computes of a run, once and shared: volumes, logits, top images, attributions.

Everything here is a cached call of a function below ``explorer/ui``. What is returned must not be changed.
"""

from collections.abc import Mapping

import streamlit as st

from explorer.chapters.digits.attribution import (
    AscendedImage,
    IntegratedGradients,
    Target,
    integrated_gradients,
    maximize_score,
)
from explorer.chapters.digits.image_sweeps import labelled_images
from explorer.chapters.digits.softmax import batch_logits
from explorer.chapters.digits.top_images import TopImages, find_top_images
from explorer.chapters.digits.volumes import Stage, stages
from explorer.runs.checkpoint import OpenRun
from explorer.runs.torch_threads import one_thread
from explorer.trace.layers import Array
from explorer.ui.frame.delivery import give_way
from explorer.ui.frame.run_caches import layers_of, opened_at


def stages_of(opened_run: OpenRun, sample: str) -> tuple[Stage, ...]:
    """The volumes of the network, for the sample named ``sample``; raises DataError for an unknown one."""
    return stages(opened_run.network, layers_of(opened_run, sample))


@st.cache_data(show_spinner=False, max_entries=64)
def _logits(run_id: str, step: int, count: int) -> tuple[Array, Array]:
    opened_run = opened_at(run_id, step)
    part = opened_run.book.load(opened_run.config, opened_run.run.source).test
    inputs, targets = next(iter(opened_run.book.batches(part, count, None)))
    return batch_logits(opened_run.network, inputs), targets.numpy()


def first_logits(opened_run: OpenRun, count: int) -> tuple[Array, Array]:
    """The logits (B, K) of the first ``count`` test samples, and their targets (B,)."""
    return _logits(opened_run.run.id, opened_run.step, count)


@st.cache_resource(show_spinner=False, max_entries=24)
def _top_images(run_id: str, step: int) -> Mapping[str, TopImages]:
    opened_run = opened_at(run_id, step)
    with one_thread():  # beside a training two wait for each other, and take several times as long
        return find_top_images(opened_run.network, labelled_images(opened_run, "both").inputs, between=give_way)


def top_images_of(opened_run: OpenRun) -> Mapping[str, TopImages]:
    """Which of the test file's 10,000 images excite each map and unit most, by the stage's name; digits runs only."""
    return _top_images(opened_run.run.id, opened_run.step)


@st.cache_data(show_spinner=False, max_entries=256)
def _ascent(run_id: str, step: int, target: Target) -> AscendedImage:
    with one_thread():
        return maximize_score(opened_at(run_id, step).network, target, between=give_way)


def ascent_of(opened_run: OpenRun, target: Target) -> AscendedImage:
    """The picture that excites ``target`` as much as possible, by gradient ascent."""
    return _ascent(opened_run.run.id, opened_run.step, target)


@st.cache_data(show_spinner=False, max_entries=256)
def _attribution(run_id: str, step: int, sample: str, target: Target) -> IntegratedGradients:
    opened_run = opened_at(run_id, step)
    with one_thread():  # small sums: two threads would mostly wait for each other
        return integrated_gradients(opened_run.network, opened_run.sample(sample).inputs, target)


def attribution_of(opened_run: OpenRun, sample: str, target: Target) -> IntegratedGradients:
    """What each pixel of the sample adds to the score of ``target``, and its saliency."""
    return _attribution(opened_run.run.id, opened_run.step, sample, target)
