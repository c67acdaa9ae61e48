"""The stages of a convolutional network as a book draws them: volumes and vectors, and the window between two of them.

An activation joins the convolution or dense layer before it; dropout is left out, because it does nothing in evaluation
mode. The values come from ``explorer/trace/layers.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from torch import nn

from explorer.graph.categories import module_category
from explorer.trace.layers import Array, Layer

POOLS: dict[type[nn.Module], Literal["max", "average"]] = {nn.MaxPool2d: "max", nn.AvgPool2d: "average"}


@dataclass(frozen=True)
class SlidingWindow:
    """The window whose results are a volume. size, stride, padding, dilation: (height, width) each."""

    kind: Literal["convolution", "max", "average"]
    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Stage:
    """One volume, vector, or the outputs.

    name: of its first layer, which a selection names. titles: of all layers that it combines. values: (C, H, W) or
    (N,), after the activation; before: without it, None for other layers than convolutions and dense ones.
    weight: (K, C, h, w) of a convolution, (K, N) of a dense layer. window: of a convolution or pooling.
    flattened: the layer makes a vector of a volume.
    """

    name: str
    titles: tuple[str, ...]
    kind: Literal["maps", "vector", "outputs"]
    values: Array
    before: Array | None = None
    activation: str = ""
    weight: Array | None = None
    bias: Array | None = None
    window: SlidingWindow | None = None
    flattened: bool = False


def stages(network: nn.Module, layers: Sequence[Layer]) -> tuple[Stage, ...]:
    """The stages of ``network`` in the order of the data. layers: of one sample, from ``layers(network, …)``.

    The values of the last stage are probabilities where the network ends with a softmax, else scores.
    """
    result: list[Stage] = []
    for layer in layers:
        module = None if layer.kind == "Input" else network.get_submodule(layer.name)
        last = result[-1] if result else None
        if isinstance(module, nn.Dropout):
            continue
        if _is_pointwise(module) and last is not None and not last.activation:
            titles = (*last.titles, layer.name)
            result[-1] = replace(last, titles=titles, values=layer.output, before=last.values, activation=layer.kind)
        elif isinstance(module, nn.Softmax | nn.LogSoftmax) and last is not None:
            shares = np.exp(layer.output) if isinstance(module, nn.LogSoftmax) else layer.output
            titles = (*last.titles, layer.name)
            result[-1] = replace(last, titles=titles, kind="outputs", values=shares, activation="softmax")
        else:
            result.append(_stage(layer, module))
    return tuple(result)


def _is_pointwise(module: nn.Module | None) -> bool:
    """Whether the module is an activation of each number by itself, which softmax is not."""
    softmax = isinstance(module, nn.Softmax | nn.LogSoftmax)
    return module_category(type(module).__name__) == "activation" and not softmax


def _stage(layer: Layer, module: nn.Module | None) -> Stage:
    kind: Literal["maps", "vector"] = "maps" if layer.output.ndim == 3 else "vector"
    stage = Stage(layer.name, (layer.name,), kind, layer.output, flattened=isinstance(module, nn.Flatten))
    bias = np.zeros(len(layer.output), np.float32) if layer.bias is None else layer.bias
    if isinstance(module, nn.Conv2d):
        window = _window(module, "convolution")
        return replace(stage, weight=layer.weight, bias=bias, before=layer.output, window=window)
    if isinstance(module, nn.Linear):
        return replace(stage, weight=layer.weight, bias=bias, before=layer.output)
    for pool, name in POOLS.items():
        if isinstance(module, pool):
            return replace(stage, window=_window(module, name))
    return stage


def _window(module: nn.Module, kind: Literal["convolution", "max", "average"]) -> SlidingWindow:
    sizes = {name: getattr(module, name, 1) for name in ("kernel_size", "stride", "padding", "dilation")}
    size, stride, padding, dilation = (_pair(value) for value in sizes.values())
    return SlidingWindow(kind, size, stride, padding, dilation)


def _pair(value: object) -> tuple[int, int]:
    """(height, width): in torch one number can stand for both."""
    if isinstance(value, tuple):
        height, width = value
        return int(height), int(width)
    return int(str(value)), int(str(value))
