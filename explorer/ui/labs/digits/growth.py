"""The kernels and maps of every checkpoint of a run for one digit, read once and shared, and the film made of them."""

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
    layer_scales,
    save_kernel_film,
)
from explorer.figures.palette import theme
from explorer.runs.checkpoint import OpenRun
from explorer.trace.layers import Array
from explorer.ui.frame.store import run_named

PAPER = {False: "#ffffff", True: "#0e1117"}
"""Streamlit's page, light and dark."""


@dataclass(frozen=True, eq=False)
class KernelGrowth:
    """frames: by their step. scales: of each convolution, the same over all frames."""

    frames: dict[int, CheckpointFrame]
    scales: tuple[LayerScales, ...]


@st.cache_resource(show_spinner=False, max_entries=12)
def _growth(run_id: str, sample: str, checkpoints: tuple[int, ...]) -> KernelGrowth:
    frames = film_frames(run_named(run_id), sample)
    scales = [layer_scales([frame.layers[i] for frame in frames]) for i in range(len(frames[0].layers))]
    return KernelGrowth({frame.step: frame for frame in frames}, tuple(scales))


def growth_of(opened_run: OpenRun, sample: str) -> KernelGrowth:
    """Every checkpoint for the sample named ``sample``; raises RunError for a network without convolutions."""
    return _growth(opened_run.run.id, sample, opened_run.run.checkpoints)


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
