"""The outputs of each layer of a torch network for one sample, recorded by forward hooks that are removed again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor, nn

from explorer.trace.module_outputs import named_outputs
from models.inputs import Inputs, apply, tensors

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Layer:
    """One output of a module, in order of execution; the inputs come first (name "input", kind "Input").

    name: as torch names the module (``features.0``), see ``named_outputs`` where it gives several tensors. kind: the
    module's class. output: of the first sample, (C, H, W) or (N,).
    weight, bias: the module's own, None where it has none.
    """

    name: str
    kind: str
    output: Array
    weight: Array | None = None
    bias: Array | None = None


def layers(network: nn.Module, inputs: Inputs, names: Sequence[str] = ("input",)) -> tuple[Layer, ...]:
    """The inputs and the outputs of every module without children, each as often as it is called.

    inputs: (1, …), or a batch of which the first sample is shown. names: of the inputs. The network runs in evaluation
    mode and without gradients; afterwards its mode, buffers and hooks are as before.
    """
    result = [Layer(name, "Input", _first(tensor)) for name, tensor in zip(names, tensors(inputs), strict=True)]
    modes = {module: module.training for module in network.modules()}
    handles = [
        module.register_forward_hook(_record(name or type(network).__name__, result))
        for name, module in network.named_modules()
        if not any(True for _ in module.children())
    ]
    try:
        network.eval()
        with torch.no_grad():
            apply(network, inputs)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return tuple(result)


def _record(name: str, result: list[Layer]) -> Callable[[nn.Module, Any, Any], None]:
    def hook(module: nn.Module, _: Any, output: Any) -> None:
        weight, bias = _array_or_none(getattr(module, "weight", None)), _array_or_none(getattr(module, "bias", None))
        for output_name, value in named_outputs(module, name, output):
            result.append(Layer(output_name, type(module).__name__, _first(value), weight, bias))

    return hook


def _first(value: Tensor) -> Array:
    """The first sample of a batch as an array of its own: a later in-place operation must not change it."""
    dense = value.to_dense() if value.layout != torch.strided else value
    return dense[0].detach().cpu().numpy().copy()


def _array_or_none(value: Any) -> Array | None:
    return value.detach().cpu().numpy().copy() if isinstance(value, Tensor) else None
