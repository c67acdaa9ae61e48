"""Which images excite each map and each hidden unit of a network most, and which of them never answer at all.

One pass over all images; nothing is drawn or kept here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from explorer.chapters.digits.volumes import Stage, stages
from explorer.trace.layers import Array, layers
from explorer.trace.probe import Probe

BATCH_SIZE = 128  # images of a batch: their activations stay in a core's cache
MOST = 64  # images that are remembered of each map


@dataclass(frozen=True, eq=False)
class TopImages:
    """The images that excite each of a layer's C maps or units most.

    places: (C, n) numbers of the images, the strongest first; equal ones in the order of the images. peaks: (C, n) the
    largest activation anywhere in the map. answers: (C,) share of all images for which the map is not zero everywhere.
    """

    places: Array
    peaks: Array
    answers: Array

    @property
    def dead(self) -> frozenset[int]:
        """The maps that are zero for every image."""
        return frozenset(np.flatnonzero(self.answers == 0).tolist())


def has_top_images(stage: Stage) -> bool:
    """Whether images are ranked for this stage: a convolution, a dense layer with its activation, or the outputs."""
    if stage.kind == "outputs":
        return True
    return stage.sliding.kind == "convolution" if stage.sliding is not None else bool(stage.activation)


def observed_module(stage: Stage) -> str:
    """The module whose output stands for ``stage``: after the activation, but scores rather than probabilities."""
    return stage.name if stage.kind == "outputs" else stage.titles[-1]


def find_top_images(
    network: nn.Module, images: Tensor, most: int = MOST, between: Callable[[], object] | None = None
) -> Mapping[str, TopImages]:
    """For each stage of ``network`` that ``has_top_images``: its name → the top ``most`` of ``images`` (N, 1, H, W).

    images: as the network takes them; N at least 1. between: called before each batch, and may raise to end it. The
    network is not changed.
    """
    known = [stage for stage in stages(network, layers(network, images[:1])) if has_top_images(stage)]
    peaks, answers = _peaks(network, images, {stage.name: observed_module(stage) for stage in known}, between)
    return {name: _strongest(peaks[name], answers[name], most) for name in peaks}


def top(excited: Mapping[str, TopImages], layer: str, number: int, n: int) -> Array:
    """The numbers of at most ``n`` images that excite map ``number`` of ``layer`` most and at all, strongest first."""
    found = excited[layer]
    awake = found.peaks[number, :n] != 0
    chosen: Array = found.places[number, :n][awake]
    return chosen


def _peaks(
    network: nn.Module, images: Tensor, names: Mapping[str, str], between: Callable[[], object] | None
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Of each layer the largest activation (N, C) and the share of images (C,) with any activation that is not zero."""
    probe = Probe(network, list(names.values()))
    probe.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts: dict[str, list[Tensor]] = {name: [] for name in names}
    awake = {name: torch.zeros(1) for name in names}
    with torch.inference_mode():
        for batch in images.split(BATCH_SIZE):
            if between is not None:
                between()
            found = probe(batch.contiguous(memory_format=torch.channels_last))
            for name, module in names.items():
                output = found[module]  # (B, C, H, W) or (B, C)
                places = tuple(range(2, output.dim()))
                highest = output.amax(places) if places else output
                lowest = output.amin(places) if places else output
                parts[name].append(highest)
                awake[name] = awake[name] + ((highest != 0) | (lowest != 0)).sum(0)
    whole = {name: torch.cat(rows).numpy() for name, rows in parts.items()}
    return whole, {name: (count / len(images)).numpy() for name, count in awake.items()}


def _strongest(peaks: Array, answers: Array, most: int) -> TopImages:
    """peaks: (N, C) → the first ``most`` of each column, largest first."""
    rows = np.ascontiguousarray(-peaks.T)  # (C, N)
    kept = min(most, rows.shape[1])
    # Among equals at the border the first images are kept: all below the border, then the first on it.
    border = np.partition(rows, kept - 1, axis=1)[:, kept - 1 : kept]  # (C, 1)
    places = np.empty((len(rows), kept), np.int64)
    for number, (row, limit) in enumerate(zip(rows, border, strict=True)):
        candidates = np.flatnonzero(row <= limit)
        places[number] = candidates[np.argsort(row[candidates], kind="stable")][:kept]
    return TopImages(places, -np.take_along_axis(rows, places, axis=1), answers)
