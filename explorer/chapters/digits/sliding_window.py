"""A window that slides over maps (the book's chapter 5): convolution, pooling, and the calculation of one value.

The maps come from torch; the calculation from ``explorer/trace/arithmetic``, in double precision.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
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
    name: getattr(nn, name)() for name in network.ACTIVATIONS.values()
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
    """One output map (H2, W2) of ``picture`` (C, H, W) with ``kernel`` (C, kh, kw), as torch.nn.Conv2d computes it.

    The kernel is not flipped: in mathematics this is a cross-correlation. Raises SettingError exactly where torch
    raises an error.

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
    output = F.conv2d(x[None], w[None], torch.tensor([bias], dtype=torch.float32), stride, padding, dilation)
    return _array(output[0, 0])


def pooled(picture: npt.ArrayLike, kind: Pooling, size: int, stride: int | None = None, padding: int = 0) -> Map:
    """``picture`` (C, H, W) after pooling, (C, H2, W2). stride None: the window's size.

    The mean includes the padding's zeros, the default of torch.nn.AvgPool2d. Raises SettingError exactly where torch
    raises an error.
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
class ValueChange:
    """The difference of two arrays. changed: share of the values that differ, 0…1; by: mean absolute difference."""

    changed: float
    by: float


@dataclass(frozen=True)
class ShiftEffect:
    """The change by a shift of the picture itself, and of the picture after pooling."""

    plain: ValueChange
    pooled: ValueChange


# Smaller differences are rounding: a mean of the same numbers in another order differs by that much.
ROUNDING = 1e-6


def shift_effect(
    picture: npt.ArrayLike, kind: Pooling, size: int, stride: int | None = None, padding: int = 0, right: int = 1
) -> ShiftEffect:
    """The effect of moving ``picture`` (C, H, W) by ``right`` pixels to the right; zeros fill the gap.

    Raises SettingError where torch cannot pool.
    """
    before = np.array(picture, dtype=np.float32)
    after = np.zeros_like(before)
    width = before.shape[-1]
    kept = max(width - abs(right), 0)
    start = max(right, 0)
    after[..., start : start + kept] = before[..., max(-right, 0) : max(-right, 0) + kept]
    pooled_before, pooled_after = (pooled(each, kind, size, stride, padding) for each in (before, after))
    return ShiftEffect(_value_change(before, after), _value_change(pooled_before, pooled_after))


def _value_change(before: Map, after: Map) -> ValueChange:
    change = np.abs(after.astype(np.float64) - before)
    return ValueChange(float((change > ROUNDING).mean()), float(change.mean()))


def convolution_calculation(
    picture: npt.ArrayLike,
    kernel: npt.ArrayLike,
    bias: float = 0.0,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    place: tuple[int, int],
) -> Calculation:
    """The calculation of the value at ``place`` (row, column) of ``convolved``: its products, then the bias.

    Raises SettingError where torch raises an error, GraphError for a place outside the map.
    """
    output = convolved(picture, kernel, bias, stride, padding, dilation)
    values = {
        "picture": np.array(picture, dtype=np.float32)[None],  # (1, C, H, W)
        "kernel": np.array(kernel, dtype=np.float32)[None],  # (1, C, kh, kw)
        "bias": np.array([bias], dtype=np.float32),
        "map": output[None, None],
    }
    attributes = {"strides": [stride] * 2, "pads": [padding] * 4, "dilations": [dilation] * 2}
    return _calculation("Conv", ("picture", "kernel", "bias"), values, attributes, (0, 0, *place))


def pooling_calculation(
    picture: npt.ArrayLike,
    kind: Pooling,
    size: int,
    stride: int | None = None,
    padding: int = 0,
    *,
    place: tuple[int, int, int],
) -> Calculation:
    """The calculation of the value at ``place`` (channel, row, column) of ``pooled``.

    Raises SettingError where torch raises an error, GraphError for a place outside the map.
    """
    output = pooled(picture, kind, size, stride, padding)
    values = {"picture": np.array(picture, dtype=np.float32)[None], "map": output[None]}
    attributes: dict[str, Any] = {
        "kernel_shape": [size] * 2,
        "strides": [size if stride is None else stride] * 2,
        "pads": [padding] * 4,
        "count_include_pad": 1,
    }
    operation = "MaxPool" if kind == "max" else "AveragePool"
    return _calculation(operation, ("picture",), values, attributes, (0, *place))


def _calculation(
    operation: str,
    inputs: tuple[str, ...],
    values: Mapping[str, Map],
    attributes: Mapping[str, Any],
    element: tuple[int, ...],
) -> Calculation:
    node = Node("window", operation, "", "", (), "", inputs, ("map",), attributes)
    calculation = calculate(node, values, element)
    if calculation is None:
        raise TypeError(f"no arithmetic for {operation}")
    return calculation


def _tensor(array: npt.ArrayLike, form: str) -> Tensor:
    """A copy as a float tensor (C, H, W). Raises SettingError for another number of axes; form: the wanted one."""
    tensor = torch.as_tensor(np.array(array, dtype=np.float32))
    if tensor.ndim != 3 or 0 in tensor.shape:
        raise SettingError(
            N_("An array of shape {shape} was given where {form} is needed."),
            shape=shape_text(tensor.shape),
            form=form,
        )
    return tensor


def _array(tensor: Tensor) -> Map:
    array: Map = tensor.numpy()
    return array
