"""What each layer of a torch network gives for one input, read by forward hooks, without changing the network."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor, nn

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Layer:
    """One module's result in order of execution; the first one is the input itself (name "input", kind "Input").

    name: as torch names it (``features.0``). kind: the module's class. output: of the first sample, (C, H, W) or (N,).
    weight, bias: the module's own, None where it has none.
    """

    name: str
    kind: str
    output: Array
    weight: Array | None = None
    bias: Array | None = None


def layers(network: nn.Module, inputs: Tensor) -> tuple[Layer, ...]:
    """The input and the output of every module without children, each as often as it is called.

    inputs: (1, …), or a batch of which the first sample is shown. The network runs in evaluation mode and without
    gradients; its mode, buffers and hooks are as before afterwards.
    """
    found = [Layer("input", "Input", _first(inputs))]
    modes = {module: module.training for module in network.modules()}
    handles = [
        module.register_forward_hook(_record(name or type(network).__name__, found))
        for name, module in network.named_modules()
        if not any(True for _ in module.children())
    ]
    try:
        network.eval()
        with torch.no_grad():
            network(inputs)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return tuple(found)


def _record(name: str, found: list[Layer]) -> Callable[[nn.Module, Any, Any], None]:
    def hook(module: nn.Module, _: Any, output: Any) -> None:
        value = output[0] if isinstance(output, tuple) else output
        if isinstance(value, Tensor):
            weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
            found.append(Layer(name, type(module).__name__, _first(value), _copied(weight), _copied(bias)))

    return hook


def _first(value: Tensor) -> Array:
    """The first sample of a batch as an array of its own: a later in-place operation must not change it."""
    dense = value.to_dense() if value.layout != torch.strided else value
    return dense[0].detach().cpu().numpy().copy()


def _copied(value: Any) -> Array | None:
    return value.detach().cpu().numpy().copy() if isinstance(value, Tensor) else None
