"""A window that slides over maps (the book's chapter 5): convolution, pooling, and one pixel of either worked out.

The maps come from torch; the worked pixel from ``explorer/trace/arithmetic``, in double precision. Nothing is drawn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.graph.graph import Node
from explorer.trace.arithmetic import Calculation, calculate
from models.digits import network
from models.digits.convolution_sizes import output_size, pooled_size
from models.errors import N_, SettingError
from models.text import shape_text

Map = npt.NDArray[np.float32]
Pooling = Literal["max", "average"]

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    module.__name__: module() for module in network.ACTIVATIONS.values()
}
"""The activations of the digits' network, by torch's name of the module."""


def convolved(
    picture: npt.ArrayLike,
    kernel: npt.ArrayLike,
    bias: float = 0.0,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Map:
    """One output map (H2, W2) of ``picture`` (C, H, W) under ``kernel`` (C, kh, kw), as torch.nn.Conv2d has it.

    The kernel is not turned round, so mathematicians call it a cross-correlation. Raises SettingError exactly where
    torch refuses.

    >>> convolved(np.ones((1, 3, 3)), np.ones((1, 2, 2)), bias=0.5)
    array([[4.5, 4.5],
           [4.5, 4.5]], dtype=float32)
    """
    x, w = _tensor(picture, "C×H×W"), _tensor(kernel, "C×H×W")
    if x.shape[0] != w.shape[0]:
        raise SettingError(
            N_("The kernel is for {kernel} channels, and the input has {input}."), kernel=w.shape[0], input=x.shape[0]
        )
    for size, taps in zip(x.shape[1:], w.shape[1:], strict=True):
        output_size(size, taps, stride, padding, dilation)
    made = F.conv2d(x[None], w[None], torch.tensor([bias], dtype=torch.float32), stride, padding, dilation)
    return _array(made[0, 0])


def pooled(picture: npt.ArrayLike, kind: Pooling, size: int, stride: int | None = None, padding: int = 0) -> Map:
    """``picture`` (C, H, W) after pooling, (C, H2, W2). stride None: the window's size.

    The mean counts the padding's zeros, as torch.nn.AvgPool2d does unless told otherwise. Raises SettingError exactly
    where torch refuses.
    """
    x = _tensor(picture, "C×H×W")
    for length in x.shape[1:]:
        pooled_size(length, size, stride, padding)
    pool = F.max_pool2d if kind == "max" else F.avg_pool2d
    return _array(pool(x[None], size, stride, padding)[0])


def activated(values: npt.ArrayLike, activation: str) -> Map:
    """``values`` of any shape after ``activation``, a name of ``ACTIVATIONS``. Raises SettingError for another."""
    if activation not in ACTIVATIONS:
        raise SettingError(
            N_("There is no activation {name}; there are: {known}."),
            name=repr(activation),
            known=", ".join(ACTIVATIONS),
        )
    return _array(ACTIVATIONS[activation](torch.as_tensor(np.array(values, dtype=np.float32))))


@dataclass(frozen=True)
class Moved:
    """How far a result moves. changed: share of the values that change, 0…1; by: mean absolute change of a value."""

    changed: float
    by: float


@dataclass(frozen=True)
class ShiftEffect:
    """What one pixel to the side does to a picture as it is, and to the picture after pooling."""

    plain: Moved
    pooled: Moved


# Of a value before it counts as changed: a mean of the same numbers in another order differs by rounding.
SAME = 1e-6


def moved_by_shift(
    picture: npt.ArrayLike, kind: Pooling, size: int, stride: int | None = None, padding: int = 0, right: int = 1
) -> ShiftEffect:
    """Move ``picture`` (C, H, W) ``right`` pixels to the right, zeros coming in, and compare before and after.

    Raises SettingError where torch refuses the pooling.
    """
    before = np.array(picture, dtype=np.float32)
    after = np.zeros_like(before)
    width = before.shape[-1]
    kept = max(width - abs(right), 0)
    start = max(right, 0)
    after[..., start : start + kept] = before[..., max(-right, 0) : max(-right, 0) + kept]
    small = [pooled(one, kind, size, stride, padding) for one in (before, after)]
    return ShiftEffect(_moved(before, after), _moved(small[0], small[1]))


def _moved(before: Map, after: Map) -> Moved:
    change = np.abs(after.astype(np.float64) - before)
    return Moved(float((change > SAME).mean()), float(change.mean()))


def worked_sum(
    picture: npt.ArrayLike,
    kernel: npt.ArrayLike,
    bias: float = 0.0,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    place: tuple[int, int],
) -> Calculation:
    """The pixel at ``place`` (row, column) of ``convolved`` written out: its products, then the bias.

    Raises SettingError where torch refuses, GraphError for a place outside the map.
    """
    made = convolved(picture, kernel, bias, stride, padding, dilation)
    values = {
        "picture": np.array(picture, dtype=np.float32)[None],  # (1, C, H, W)
        "kernel": np.array(kernel, dtype=np.float32)[None],  # (1, C, kh, kw)
        "bias": np.array([bias], dtype=np.float32),
        "map": made[None, None],
    }
    attributes = {"strides": [stride] * 2, "pads": [padding] * 4, "dilations": [dilation] * 2}
    return _worked("Conv", ("picture", "kernel", "bias"), values, attributes, (0, 0, *place))


def worked_pooling(
    picture: npt.ArrayLike,
    kind: Pooling,
    size: int,
    stride: int | None = None,
    padding: int = 0,
    *,
    place: tuple[int, int, int],
) -> Calculation:
    """The pixel at ``place`` (channel, row, column) of ``pooled`` written out.

    Raises SettingError where torch refuses, GraphError for a place outside the map.
    """
    made = pooled(picture, kind, size, stride, padding)
    values = {"picture": np.array(picture, dtype=np.float32)[None], "map": made[None]}
    attributes: dict[str, Any] = {
        "kernel_shape": [size] * 2,
        "strides": [size if stride is None else stride] * 2,
        "pads": [padding] * 4,
        "count_include_pad": 1,
    }
    operation = "MaxPool" if kind == "max" else "AveragePool"
    return _worked(operation, ("picture",), values, attributes, (0, *place))


def _worked(
    operation: str,
    inputs: tuple[str, ...],
    values: Mapping[str, Map],
    attributes: Mapping[str, Any],
    element: tuple[int, ...],
) -> Calculation:
    node = Node("window", operation, "", "", (), "", inputs, ("map",), attributes)
    found = calculate(node, values, element)
    if found is None:
        raise TypeError(f"no worked arithmetic for {operation}")
    return found


def _tensor(array: npt.ArrayLike, form: str) -> Tensor:
    """A float tensor of three axes, copied: the caller's array stays as it is."""
    found = torch.as_tensor(np.array(array, dtype=np.float32))
    if found.ndim != 3 or 0 in found.shape:
        raise SettingError(
            N_("An array of shape {shape} was given where {form} is needed."),
            shape=shape_text(found.shape),
            form=form,
        )
    return found


def _array(tensor: Tensor) -> Map:
    found: Map = tensor.numpy()
    return found
