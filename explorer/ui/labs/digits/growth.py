"""The kernels and maps of every checkpoint of a run for one digit, read once and shared, and the film made of them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from explorer.chapters.digits.kernel_film import (
    MAX_INPUTS,
    MAX_OUTPUTS,
    CheckpointFrame,
    FilmedConvolution,
    LayerScales,
    film_frames,
    frame_seconds,
    layer_scales,
    save_kernel_film,
)
from explorer.figures.palette import theme
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.trace.layers import Array
from explorer.ui.frame import selection
from explorer.ui.frame.store import run_named
from models.errors import UserError

PAPER = {False: "#ffffff", True: "#0e1117"}
"""Streamlit's page, light and dark."""
PLAYED_SECONDS = 0.5  # that a frame stays on the page, on average: drawing one takes about a tenth besides


@dataclass(frozen=True, eq=False)
class KernelGrowth:
    """frames: by their step. scales: of each convolution, the same over all frames. seconds: how long each frame but
    the last stays while they are played, by its step.
    """

    frames: dict[int, CheckpointFrame]
    scales: tuple[LayerScales, ...]
    seconds: dict[int, float]


@st.cache_resource(show_spinner=False, max_entries=12)
def _growth(run_id: str, sample: str, checkpoints: tuple[int, ...]) -> KernelGrowth:
    frames = film_frames(run_named(run_id), sample)
    scales = [layer_scales([frame.layers[i] for frame in frames]) for i in range(len(frames[0].layers))]
    paced = zip(frames[:-1], frame_seconds(frames, PLAYED_SECONDS).tolist(), strict=True)
    seconds = {frame.step: each for frame, each in paced}
    return KernelGrowth({frame.step: frame for frame in frames}, tuple(scales), seconds)


def growth_of(opened_run: OpenRun, sample: str) -> KernelGrowth:
    """Every checkpoint for the sample named ``sample``; raises RunError for a network without convolutions."""
    return _growth(opened_run.run.id, sample, opened_run.run.checkpoints)


def checkpoint_seconds(run: Run) -> Mapping[int, float]:
    """How long each checkpoint of ``run`` stays while they are played, for the selected sample; empty where none is."""
    with suppress(UserError):  # the view says it
        return _growth(run.id, selection.current().sample, run.checkpoints).seconds
    return {}


def map_tiles(layer: FilmedConvolution) -> Array:
    """The first maps, (T, H, W)."""
    return layer.maps[:MAX_OUTPUTS]


def kernel_tiles(layer: FilmedConvolution) -> Array:
    """The kernels of these maps, a row an input channel: (channels · T, h, w)."""
    kernels = layer.kernels[:MAX_OUTPUTS, :MAX_INPUTS]  # (T, channels, h, w)
    tiles: Array = kernels.swapaxes(0, 1).reshape(-1, *kernels.shape[2:])
    return tiles


def film_bytes(run_id: str, sample: str, dark: bool) -> bytes:
    """The film as a GIF in the colours of the page; raises as ``save_kernel_film`` does."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.gif"
        save_kernel_film(run_named(run_id), sample, path, theme=theme(dark), paper=PAPER[dark])
        return path.read_bytes()
