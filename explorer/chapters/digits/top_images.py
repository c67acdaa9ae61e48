"""The images that activate each map and each hidden unit of a network most, and the maps that no image activates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from explorer.chapters.digits.volumes import Stage, stages
from explorer.chapters.evaluation import BATCH_SIZE
from explorer.trace.layers import Array, layers
from explorer.trace.probe import Probe

MAX_IMAGES = 64  # kept for each map


@dataclass(frozen=True, eq=False)
class TopImages:
    """The images that activate each of a layer's C maps or units most.

    indices: (C, n) of the images, largest activation first, equal ones in the order of the images. peaks: (C, n) the
    largest activation anywhere in the map. active_share: (C,) share of all images for which the map is not all zero.
    """

    indices: Array
    peaks: Array
    active_share: Array

    @property
    def dead(self) -> frozenset[int]:
        """The numbers of the maps that are zero for every image."""
        return frozenset(np.flatnonzero(self.active_share == 0).tolist())


def has_top_images(stage: Stage) -> bool:
    """Whether images are ranked for this stage: a convolution, a dense layer with its activation, or the outputs."""
    if stage.kind == "outputs":
        return True
    return stage.window.kind == "convolution" if stage.window is not None else bool(stage.activation)


def observed_module(stage: Stage) -> str:
    """The module whose output is ranked for ``stage``: after the activation, but class scores before the softmax."""
    return stage.name if stage.kind == "outputs" else stage.titles[-1]


def find_top_images(
    network: nn.Module, images: Tensor, most: int = MAX_IMAGES, between: Callable[[], object] | None = None
) -> Mapping[str, TopImages]:
    """For each stage of ``network`` that ``has_top_images``: its name → the top ``most`` of ``images`` (N, 1, H, W).

    images: as the network takes them, at least one. between: called before each batch; it may raise to stop. The
    network is not changed.
    """
    ranked = [stage for stage in stages(network, layers(network, images[:1])) if has_top_images(stage)]
    modules = {stage.name: observed_module(stage) for stage in ranked}
    peaks, active_shares = _peaks(network, images, modules, between)
    return {name: _strongest(peaks[name], active_shares[name], most) for name in peaks}


def top_image_indices(top_images: Mapping[str, TopImages], layer: str, number: int, n: int) -> Array:
    """Indices of the at most ``n`` images that activate map ``number`` of ``layer`` most, without those that do not."""
    of_layer = top_images[layer]
    active = of_layer.peaks[number, :n] != 0
    indices: Array = of_layer.indices[number, :n][active]
    return indices


def _peaks(
    network: nn.Module, images: Tensor, modules: Mapping[str, str], between: Callable[[], object] | None
) -> tuple[dict[str, Array], dict[str, Array]]:
    """For each stage its largest activations (N, C), and the share (C,) of images with any that is not zero."""
    probe = Probe(network, list(modules.values()))
    probe.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches: dict[str, list[Tensor]] = {name: [] for name in modules}
    active = {name: torch.zeros(1) for name in modules}
    with torch.inference_mode():
        for batch in images.split(BATCH_SIZE):
            if between is not None:
                between()
            outputs = probe(batch.contiguous(memory_format=torch.channels_last))
            for name, module in modules.items():
                output = outputs[module]  # (B, C, H, W) or (B, C)
                axes = tuple(range(2, output.dim()))
                highest = output.amax(axes) if axes else output
                lowest = output.amin(axes) if axes else output
                batches[name].append(highest)
                active[name] = active[name] + ((highest != 0) | (lowest != 0)).sum(0)
    peaks = {name: torch.cat(rows).numpy() for name, rows in batches.items()}
    return peaks, {name: (count / len(images)).numpy() for name, count in active.items()}


def _strongest(peaks: Array, active_share: Array, most: int) -> TopImages:
    """The ``most`` largest of each column of peaks (N, C), largest first."""
    rows = np.ascontiguousarray(-peaks.T)  # (C, N)
    kept = min(most, rows.shape[1])
    # Among equals at the border the first images are kept: all below the border, then the first on it.
    border = np.partition(rows, kept - 1, axis=1)[:, kept - 1 : kept]  # (C, 1)
    indices = np.empty((len(rows), kept), np.int64)
    for number, (row, limit) in enumerate(zip(rows, border, strict=True)):
        candidates = np.flatnonzero(row <= limit)
        indices[number] = candidates[np.argsort(row[candidates], kind="stable")][:kept]
    return TopImages(indices, -np.take_along_axis(rows, indices, axis=1), active_share)
