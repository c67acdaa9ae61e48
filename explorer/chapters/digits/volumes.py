"""The volumes of a convolutional network as a book draws them: what stands in front of what, and how it came about.

An activation joins the convolution or dense layer before it; dropout, which does nothing when a network is asked, is
left out. Nothing is run here: ``layers.py`` has done that.
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
class Sliding:
    """The window that made a volume. size: its (height, width), as are stride, padding and dilation."""

    kind: Literal["convolution", "max", "average"]
    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Stage:
    """One volume, vector or the outputs.

    name: of the layer that the selection names. titles: of all layers that it stands for. values: (C, H, W) or (N,),
    after the activation; before: the same without it, None where there is none. weight: (K, C, h, w) of a convolution,
    (K, N) of a dense layer.
    """

    name: str
    titles: tuple[str, ...]
    kind: Literal["maps", "vector", "outputs"]
    values: Array
    before: Array | None = None
    activation: str = ""
    weight: Array | None = None
    bias: Array | None = None
    sliding: Sliding | None = None
    flattened: bool = False


def stages(network: nn.Module, layers: Sequence[Layer]) -> tuple[Stage, ...]:
    """The stages of ``network`` in the order of the data. layers: what ``layers(network, …)`` gave for one sample.

    The last stage has the probabilities where the network ends with a softmax, its scores otherwise.
    """
    found: list[Stage] = []
    for layer in layers:
        module = None if layer.kind == "Input" else network.get_submodule(layer.name)
        last = found[-1] if found else None
        if isinstance(module, nn.Dropout):
            continue
        if _is_pointwise(module) and last is not None and not last.activation:
            titles = (*last.titles, layer.name)
            found[-1] = replace(last, titles=titles, values=layer.output, before=last.values, activation=layer.kind)
        elif isinstance(module, nn.Softmax | nn.LogSoftmax) and last is not None:
            shares = np.exp(layer.output) if isinstance(module, nn.LogSoftmax) else layer.output
            titles = (*last.titles, layer.name)
            found[-1] = replace(last, titles=titles, kind="outputs", values=shares, activation="softmax")
        else:
            found.append(_stage(layer, module))
    return tuple(found)


def _is_pointwise(module: nn.Module | None) -> bool:
    """Whether the module is an activation that works on each number by itself, as softmax does not."""
    softmax = isinstance(module, nn.Softmax | nn.LogSoftmax)
    return module_category(type(module).__name__) == "activation" and not softmax


def _stage(layer: Layer, module: nn.Module | None) -> Stage:
    kind: Literal["maps", "vector"] = "maps" if layer.output.ndim == 3 else "vector"
    made = Stage(layer.name, (layer.name,), kind, layer.output, flattened=isinstance(module, nn.Flatten))
    bias = np.zeros(len(layer.output), np.float32) if layer.bias is None else layer.bias
    if isinstance(module, nn.Conv2d):
        sliding = _sliding(module, "convolution")
        return replace(made, weight=layer.weight, bias=bias, before=layer.output, sliding=sliding)
    if isinstance(module, nn.Linear):
        return replace(made, weight=layer.weight, bias=bias, before=layer.output)
    for pool, name in POOLS.items():
        if isinstance(module, pool):
            return replace(made, sliding=_sliding(module, name))
    return made


def _sliding(module: nn.Module, kind: Literal["convolution", "max", "average"]) -> Sliding:
    sizes = {name: getattr(module, name, 1) for name in ("kernel_size", "stride", "padding", "dilation")}
    size, stride, padding, dilation = (_pair(value) for value in sizes.values())
    return Sliding(kind, size, stride, padding, dilation)


def _pair(value: object) -> tuple[int, int]:
    """torch lets one number stand for both directions."""
    if isinstance(value, tuple):
        height, width = value
        return int(height), int(width)
    return int(str(value)), int(str(value))
