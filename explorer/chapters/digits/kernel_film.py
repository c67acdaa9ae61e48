"""A film of the convolutions: their kernels and feature maps of one sample, one frame a checkpoint, as a GIF.

Each column of a frame is one output channel: its map on top, its kernels below, one row an input channel. A layer keeps
one colour scale over the whole film, so that growth is seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.chapters.digits.film_pace import Numbers, paced_seconds, relative_changes
from explorer.chapters.exports import ExportFormat, ExportRequest, check_writable
from explorer.chapters.film import (
    GAP,
    LINE,
    MARGIN,
    WIDTH,
    Pixels,
    blank,
    draw_text,
    encode_gif,
    film_palette,
    largest_magnitude,
    paint_tile,
    place_tile,
    text_line,
)
from explorer.figures.palette import LIGHT, Theme
from explorer.runs.checkpoint import OpenRun, open_run
from explorer.runs.folder import Run, read_metrics
from explorer.storage import write_atomically
from explorer.trace.layers import Layer, layers
from models.base import class_probabilities
from models.errors import N_, RunError

Array = NDArray[Any]
MAX_OUTPUTS, MAX_INPUTS = 16, 8  # channels shown of a layer
LARGEST_MAP, LARGEST_KERNEL = 112, 56  # pixels of a tile's side
SAMPLE_SIDE = 84  # pixels


@dataclass(frozen=True, eq=False)
class FilmedConvolution:
    """One convolution at one checkpoint. kernels: (O, I, h, w); maps: (O, H, W) after its activation."""

    name: str
    kernels: Array
    maps: Array


@dataclass(frozen=True, eq=False)
class CheckpointFrame:
    """What a frame shows.

    loss: training loss at the step, None where none was recorded. answer: the most probable class and its probability.
    sample: (H, W) as the network takes it.
    """

    step: int
    loss: float | None
    answer: tuple[int, float]
    sample: Array
    layers: tuple[FilmedConvolution, ...]


@dataclass(frozen=True)
class LayerScales:
    """kernel, map: largest magnitudes of a layer over the film. signed: whether its maps have negative values."""

    kernel: float
    map: float
    signed: bool


def save_kernel_film(
    run: Run,
    sample_key: str,
    path: Path,
    *,
    theme: Theme = LIGHT,
    paper: str = "#ffffff",
    seconds_per_frame: float = 0.25,
) -> None:
    """Write the film of ``run`` on the sample ``sample_key`` ('' for the first) to ``path``.

    paper: the background, as hex. seconds_per_frame: on average, see ``frame_seconds``.

    Raises RunError for a run without checkpoints or convolutions, DataError for an unknown sample, OSError for a path
    that cannot be written.
    """
    check_writable(path)
    frames = film_frames(run, sample_key)
    pictures = paint_frames(frames, f"{run.id}   {sample_key}")
    write_atomically(
        path, encode_gif(pictures, film_palette(theme, paper), frame_seconds(frames, seconds_per_frame).tolist())
    )


def film_frames(run: Run, sample_key: str) -> tuple[CheckpointFrame, ...]:
    """A frame for every checkpoint of ``run``, in order; raises as ``save_kernel_film`` does."""
    if run.damage:
        raise run.damage
    losses = {record.get("step"): record.get("loss") for record in read_metrics(run) if record.get("part") == "train"}
    frames = tuple(_frame(open_run(run, step), sample_key, losses.get(step)) for step in run.checkpoints)
    if not frames:
        raise RunError(N_("Run {run} has no checkpoint yet."), run=run.id)
    return frames


def frame_seconds(frames: Sequence[CheckpointFrame], mean: float) -> Numbers:
    """(frames - 1,) seconds from each frame to the next, ``mean`` on average: the longer, the more changes between."""
    films = [
        film
        for i in range(len(frames[0].layers))
        for film in ([frame.layers[i].kernels for frame in frames], [frame.layers[i].maps for frame in frames])
    ]
    return paced_seconds(relative_changes(films), mean)


def _frame(opened: OpenRun, sample_key: str, loss: float | None) -> CheckpointFrame:
    inputs = opened.sample(sample_key).inputs
    outputs = layers(opened.network, inputs)
    convolutions = tuple(
        FilmedConvolution(layer.name, layer.weight, _maps_after_activation(outputs, i))
        for i, layer in enumerate(outputs)
        if layer.kind == "Conv2d" and layer.weight is not None
    )
    if not convolutions:
        raise RunError(N_("Run {run} has no convolutions to make a film of."), run=opened.run.id)
    shares = class_probabilities(outputs[-1].output)
    answer = int(shares.argmax())
    return CheckpointFrame(opened.step, loss, (answer, float(shares[answer])), inputs[0, 0].numpy(), convolutions)


def _maps_after_activation(outputs: Sequence[Layer], place: int) -> Array:
    """The maps (O, H, W) of the convolution at ``place``, after the activation behind it where there is one."""
    maps = outputs[place].output
    for following in outputs[place + 1 : place + 2]:
        if following.output.shape == maps.shape and "Pool" not in following.kind and following.kind != "Conv2d":
            return following.output
    return maps


def layer_scales(layer: Sequence[FilmedConvolution]) -> LayerScales:
    """The scales of one convolution over all its frames."""
    maps = [each.maps for each in layer]
    signed = any(bool((each < 0).any()) for each in maps)
    return LayerScales(largest_magnitude([each.kernels for each in layer]), largest_magnitude(maps), signed)


def paint_frames(frames: Sequence[CheckpointFrame], title: str) -> list[Pixels]:
    """Each frame as (rows, WIDTH) places in the palette; a layer has one scale over all frames."""
    scales = [layer_scales([frame.layers[i] for frame in frames]) for i in range(len(frames[0].layers))]
    return [_paint_frame(frame, scales, title, frames[-1].step) for frame in frames]


def _paint_frame(frame: CheckpointFrame, scales: Sequence[LayerScales], title: str, last_step: int) -> Pixels:
    blocks = [_heading(frame, title, last_step)]
    for layer, scale in zip(frame.layers, scales, strict=True):
        blocks += [text_line(_caption(layer, scale)), _layer_block(layer, scale), blank(2 * GAP)]
    return np.concatenate(blocks)


def _heading(frame: CheckpointFrame, title: str, last_step: int) -> Pixels:
    """The sample, and beside it the title, the step with its loss, and the network's answer."""
    loss = "–" if frame.loss is None else f"{frame.loss:.4f}"
    answer, probability = frame.answer
    texts = [title, f"step {frame.step:,} of {last_step:,}   loss {loss}", f"says {answer}, {probability:.1%}"]
    picture = paint_tile(frame.sample, 1.0, False, max(1, SAMPLE_SIDE // frame.sample.shape[0]))
    block = blank(max(len(picture), len(texts) * LINE) + 2 * MARGIN)
    for i, text in enumerate(texts):
        draw_text(block, text, MARGIN + picture.shape[1] + 2 * MARGIN, MARGIN + i * LINE)
    block[MARGIN : MARGIN + picture.shape[0], MARGIN : MARGIN + picture.shape[1]] = picture
    return block


def _caption(layer: FilmedConvolution, scale: LayerScales) -> str:
    outputs, inputs, height, width = layer.kernels.shape
    low = f"{-scale.map:.3g}" if scale.signed else "0"
    shown = ""
    if outputs > MAX_OUTPUTS or inputs > MAX_INPUTS:
        shown = f"   (the first {min(outputs, MAX_OUTPUTS)}x{min(inputs, MAX_INPUTS)})"
    # An x for the times sign, which Pillow's font lacks.
    return (
        f"{layer.name}: {outputs} maps, {low} to {scale.map:.3g};   "
        f"{outputs}x{inputs} kernels of {height}x{width}, {-scale.kernel:.3g} to {scale.kernel:.3g}{shown}"
    )


def _layer_block(layer: FilmedConvolution, scale: LayerScales) -> Pixels:
    """A layer's columns: a map, and below it the kernels that it was computed with."""
    kernels, maps = layer.kernels[:MAX_OUTPUTS, :MAX_INPUTS], layer.maps[:MAX_OUTPUTS]
    column = min(LARGEST_MAP, (WIDTH - 2 * MARGIN) // len(maps) - GAP)
    map_cell = max(1, column // max(maps.shape[1:]))
    kernel_cell = max(1, min(column, LARGEST_KERNEL) // max(kernels.shape[2:]))
    map_rows, kernel_rows = maps.shape[1] * map_cell, kernels.shape[2] * kernel_cell + GAP
    block = blank(map_rows + GAP + kernels.shape[1] * kernel_rows)
    for o in range(len(maps)):
        left = MARGIN + o * (column + GAP)
        place_tile(block, paint_tile(maps[o], scale.map, scale.signed, map_cell), 0, left)
        for i, kernel in enumerate(kernels[o]):
            tile = paint_tile(kernel, scale.kernel, True, kernel_cell)
            place_tile(block, tile, map_rows + GAP + i * kernel_rows, left)
    return block


def _export(request: ExportRequest) -> None:
    save_kernel_film(request.run, request.sample, request.to)


FORMAT = ExportFormat(_export, film=True)
