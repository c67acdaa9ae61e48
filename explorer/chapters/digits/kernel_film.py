"""A run as a film: the kernels of every convolution and their maps of one sample, one frame a checkpoint, as a GIF.

Each column is one output channel: its map on top, its kernels below, one row an input channel. Colours keep one scale
a layer over the whole film, so that growth is seen. The colours themselves are given by the caller
(``explorer/figures/palette.py``); the words are English, for no Chinese font comes with the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from explorer.runs.checkpoint import OpenRun, open_run
from explorer.runs.folder import Run, read_metrics
from explorer.storage import write_atomically
from explorer.trace.layers import Layer, layers
from models.base import class_probabilities
from models.errors import N_, RunError

Array = NDArray[Any]
Stops = tuple[tuple[float, str], ...]
SIGNED, MAGNITUDES, INKS = 119, 100, 16  # colours of a frame; with an odd number zero has one of its own
MOST_OUTPUTS, MOST_INPUTS = 16, 8  # channels shown of a layer
WIDTH, MARGIN, GAP, LINE = 880, 10, 4, 22  # pixels
LARGEST_MAP, LARGEST_KERNEL = 112, 56  # pixels of a tile's side
LAST_FRAME_SECONDS = 2.0


class Look(Protocol):
    """What a film needs of a theme: colour scales with their stops in 0..1, and the colour of words."""

    @property
    def sequential(self) -> Stops: ...
    @property
    def diverging(self) -> Stops: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, eq=False)
class FilmedConvolution:
    """One convolution at one checkpoint. kernels: (O, I, h, w); maps: (O, H, W) after its activation."""

    name: str
    kernels: Array
    maps: Array


@dataclass(frozen=True, eq=False)
class CheckpointFrame:
    """One checkpoint. loss: of the training there, None where it was not recorded. said: class and probability."""

    step: int
    loss: float | None
    said: tuple[int, float]
    picture: Array  # (H, W), the sample as the network takes it
    layers: tuple[FilmedConvolution, ...]


def film(
    run: Run, sample_key: str, path: Path, look: Look, *, paper: str = "#ffffff", seconds_a_frame: float = 0.25
) -> None:
    """Write the film of ``run`` on the sample ``sample_key`` ('' for the first) to ``path``.

    Raises RunError for a run without checkpoints or convolutions, DataError for an unknown sample, OSError for a place
    that cannot be written.
    """
    check_writable(path)
    found = frames(run, sample_key)
    pictures = painted(found, f"{run.id}   {sample_key}")
    palette = palette_of(look, paper).tobytes()
    images = []
    for picture in pictures:
        image = Image.fromarray(picture)
        image.putpalette(palette)
        images.append(image)
    milliseconds = [round(1000 * seconds_a_frame)] * (len(images) - 1) + [round(1000 * LAST_FRAME_SECONDS)]
    stored = BytesIO()
    images[0].save(
        stored, "GIF", save_all=True, append_images=images[1:], duration=milliseconds, loop=0, optimize=False
    )
    write_atomically(path, stored.getvalue())


def check_writable(path: Path) -> None:
    """Raise OSError now where the file could not be written after seconds of work."""
    if path.is_dir():
        raise IsADirectoryError(21, "Is a directory", str(path))
    next(path.resolve().parent.iterdir(), None)


def frames(run: Run, sample_key: str) -> tuple[CheckpointFrame, ...]:
    """Every checkpoint of ``run``, the first one first; raises as ``film`` does."""
    if run.damage:
        raise run.damage
    losses = {record.get("step"): record.get("loss") for record in read_metrics(run) if record.get("part") == "train"}
    found = []
    for step in run.checkpoints:
        opened = open_run(run, step)
        found.append(_frame(opened, sample_key, losses.get(step)))
    if not found:
        raise RunError(N_("Run {run} has no checkpoint yet."), run=run.id)
    return tuple(found)


def _frame(opened: OpenRun, sample_key: str, loss: float | None) -> CheckpointFrame:
    inputs = opened.sample(sample_key).inputs
    passed = layers(opened.network, inputs)
    shown = tuple(
        FilmedConvolution(layer.name, layer.weight, _activated(passed, i))
        for i, layer in enumerate(passed)
        if layer.kind == "Conv2d" and layer.weight is not None
    )
    if not shown:
        raise RunError(N_("Run {run} has no convolutions to make a film of."), run=opened.run.id)
    shares = class_probabilities(passed[-1].output)
    said = int(shares.argmax())
    return CheckpointFrame(opened.step, loss, (said, float(shares[said])), inputs[0, 0].numpy(), shown)


def _activated(passed: Sequence[Layer], place: int) -> Array:
    """The maps of the convolution at ``place`` after the activation behind it, where there is one."""
    maps = passed[place].output
    for follower in passed[place + 1 : place + 2]:
        if follower.output.shape == maps.shape and "Pool" not in follower.kind and follower.kind != "Conv2d":
            return follower.output
    return maps


def palette_of(look: Look, paper: str) -> NDArray[np.uint8]:
    """(235, 3) the colours of all frames: signed values, magnitudes, and words from paper to ink."""
    words = ((0.0, paper), (1.0, look.text))
    return np.concatenate([_levels(look.diverging, SIGNED), _levels(look.sequential, MAGNITUDES), _levels(words, INKS)])


def _levels(stops: Stops, count: int) -> NDArray[np.uint8]:
    places, colours = zip(*stops, strict=True)
    channels = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours])  # (stops, 3)
    wanted = np.linspace(0, 1, count)
    mixed = np.stack([np.interp(wanted, places, channels[:, i]) for i in range(3)], axis=1)
    return np.round(mixed).astype(np.uint8)


def painted(found: Sequence[CheckpointFrame], title: str) -> list[NDArray[np.uint8]]:
    """Each frame as places in the palette, (rows, 880) uint8; values of a layer share one scale over all frames."""
    scales = [layer_scales([frame.layers[i] for frame in found]) for i in range(len(found[0].layers))]
    return [_painted(frame, scales, title, found[-1].step) for frame in found]


@dataclass(frozen=True)
class LayerScales:
    """kernel, map: the largest magnitudes of a layer over the film. signed: whether its maps go below zero."""

    kernel: float
    map: float
    signed: bool


def layer_scales(layer: Sequence[FilmedConvolution]) -> LayerScales:
    """The scale of one convolution over the given frames."""

    def largest(arrays: Sequence[Array]) -> float:
        return max(float(np.abs(each).max(where=np.isfinite(each), initial=0.0)) for each in arrays) or 1.0

    maps = [each.maps for each in layer]
    return LayerScales(largest([each.kernels for each in layer]), largest(maps), any(bool((m < 0).any()) for m in maps))


def _painted(frame: CheckpointFrame, scales: Sequence[LayerScales], title: str, last: int) -> NDArray[np.uint8]:
    blocks = [_heading(frame, title, last)]
    for layer, scale in zip(frame.layers, scales, strict=True):
        blocks += [_words(_caption(layer, scale)), _block(layer, scale), _blank(2 * GAP)]
    return np.concatenate(blocks)


def _heading(frame: CheckpointFrame, title: str, last: int) -> NDArray[np.uint8]:
    """The sample, and beside it what the film is of, the step with its loss, and what the network says."""
    loss = "–" if frame.loss is None else f"{frame.loss:.4f}"
    texts = [title, f"step {frame.step:,} of {last:,}   loss {loss}", f"says {frame.said[0]}, {frame.said[1]:.1%}"]
    side = max(1, 84 // frame.picture.shape[0])
    picture = _tile(frame.picture, 1.0, False, side)
    rows = max(len(picture), len(texts) * LINE) + 2 * MARGIN
    block = _blank(rows)
    for i, text in enumerate(texts):
        _write(block, text, MARGIN + picture.shape[1] + 2 * MARGIN, MARGIN + i * LINE)
    block[MARGIN : MARGIN + picture.shape[0], MARGIN : MARGIN + picture.shape[1]] = picture
    return block


def _caption(layer: FilmedConvolution, scale: LayerScales) -> str:
    outputs, inputs, height, width = layer.kernels.shape
    low = f"{-scale.map:.3g}" if scale.signed else "0"
    shown = ""
    if outputs > MOST_OUTPUTS or inputs > MOST_INPUTS:
        shown = f"   (the first {min(outputs, MOST_OUTPUTS)}x{min(inputs, MOST_INPUTS)})"
    # An x for the times sign, which Pillow's font lacks.
    return (
        f"{layer.name}: {outputs} maps, {low} to {scale.map:.3g};   "
        f"{outputs}x{inputs} kernels of {height}x{width}, {-scale.kernel:.3g} to {scale.kernel:.3g}{shown}"
    )


def _block(layer: FilmedConvolution, scale: LayerScales) -> NDArray[np.uint8]:
    """A layer's columns: the map, and below it the kernels that it was made with."""
    kernels, maps = layer.kernels[:MOST_OUTPUTS, :MOST_INPUTS], layer.maps[:MOST_OUTPUTS]
    column = min(LARGEST_MAP, (WIDTH - 2 * MARGIN) // len(maps) - GAP)
    map_cell = max(1, column // max(maps.shape[1:]))
    kernel_cell = max(1, min(column, LARGEST_KERNEL) // max(kernels.shape[2:]))
    map_rows, kernel_rows = maps.shape[1] * map_cell, kernels.shape[2] * kernel_cell + GAP
    block = _blank(map_rows + GAP + kernels.shape[1] * kernel_rows)
    for o in range(len(maps)):
        left = MARGIN + o * (column + GAP)
        _place(block, _tile(maps[o], scale.map, scale.signed, map_cell), 0, left)
        for i, kernel in enumerate(kernels[o]):
            _place(block, _tile(kernel, scale.kernel, True, kernel_cell), map_rows + GAP + i * kernel_rows, left)
    return block


def _tile(values: Array, largest: float, signed: bool, cell: int) -> NDArray[np.uint8]:
    """(H, W) values as squares of ``cell`` pixels, places in the palette; what is no number is painted as zero."""
    share = np.nan_to_num(values / largest, nan=0.0, posinf=1.0, neginf=-1.0)
    places = (share + 1) / 2 * (SIGNED - 1) if signed else SIGNED + share.clip(0, 1) * (MAGNITUDES - 1)
    return np.round(places).astype(np.uint8).repeat(cell, axis=0).repeat(cell, axis=1)


def _place(block: NDArray[np.uint8], tile: NDArray[np.uint8], top: int, left: int) -> None:
    block[top : top + tile.shape[0], left : left + tile.shape[1]] = tile[:, : WIDTH - left]


def _blank(rows: int) -> NDArray[np.uint8]:
    return np.full((rows, WIDTH), SIGNED + MAGNITUDES, np.uint8)  # the first ink is the paper


def _words(text: str) -> NDArray[np.uint8]:
    block = _blank(LINE)
    _write(block, text, MARGIN, 2)
    return block


def _write(block: NDArray[np.uint8], text: str, left: int, top: int) -> None:
    """Words in shades from paper to ink."""
    image = Image.new("L", (WIDTH, len(block)))
    ImageDraw.Draw(image).text((left, top), text, fill=255, font=ImageFont.load_default(size=15))
    ink = np.asarray(image).astype(np.uint16) * (INKS - 1) // 255
    np.copyto(block, (SIGNED + MAGNITUDES + ink).astype(np.uint8), where=ink > 0)
