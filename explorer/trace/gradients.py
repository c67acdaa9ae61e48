"""The gradient of one sample's loss by every tensor of the graph and by every weight, from torch's autograd.

A copy of the network runs, so the network itself keeps its mode, its weights and its (missing) gradients. What torch
computed on the way is recognised in the graph by its module, its order, its shape and its value. Nothing is drawn here.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.graph.graph import Graph

Array = npt.NDArray[Any]
Loss = Callable[[Tensor, Tensor], Tensor]
SAME = 1e-4  # torch's value and the traced one, relative and absolute: other orders of summing differ by less

_INPUT = ""  # no parameter has this name


@dataclass(frozen=True)
class Gradients:
    """loss: of the sample. tensors: gradient by each of the graph's tensors that was recognised, in its own shape.

    weights: gradient by each parameter, by its name in the network; zero where the loss does not hang on it.
    """

    loss: float
    tensors: Mapping[str, Array]
    weights: Mapping[str, Array]


@dataclass
class RecordedTensor:
    """One tensor that torch computed. scope: the module in which, as torch names it; gradient: once one has come."""

    scope: str
    value: Array
    gradient: Array | None = None
    taken: bool = False


def gradients(
    graph: Graph, values: Mapping[str, Array], network: nn.Module, inputs: Tensor, loss: Loss, target: Tensor | None
) -> Gradients | None:
    """How the loss of one sample changes with each tensor and each weight; None where nobody knows its ``target``.

    values: the graph's traced tensors for the same ``inputs`` (1, …). loss: (outputs, target) → scalar.
    """
    if target is None:
        return None
    copy = deepcopy(network).eval()
    for parameter in copy.parameters():
        parameter.requires_grad_(True)
    x = inputs.detach().clone()
    by: dict[str, Tensor] = dict(copy.named_parameters())
    if x.is_floating_point() and len(graph.inputs) == 1:  # places in a vocabulary have no gradient
        by[_INPUT] = x.requires_grad_(True)
    records: list[RecordedTensor] = []
    with torch.enable_grad():
        scalar = loss(_recorded(copy, x, records), target)
        found = torch.autograd.grad(scalar, list(by.values()), allow_unused=True)
    weights = {
        name: np.zeros(tuple(at.shape), np.float32) if one is None else _array(one)
        for (name, at), one in zip(by.items(), found, strict=True)
    }
    tensors = dict(_recognised(graph, values, records))
    if _INPUT in weights:
        tensors[graph.inputs[0]] = weights.pop(_INPUT)
    return Gradients(float(scalar.detach()), tensors, weights)


def _recorded(network: nn.Module, x: Tensor, records: list[RecordedTensor]) -> Tensor:
    """The network's output; ``records`` gets every tensor on the way, and its gradient once one is computed."""
    scopes = [""]

    def enter(name: str) -> Callable[..., None]:
        return lambda *_: scopes.append(name)

    def leave(*_: Any) -> None:
        scopes.pop()

    for name, module in network.named_modules():
        if name:
            module.register_forward_pre_hook(enter(name))
            module.register_forward_hook(leave)
    with _Recorder(records, scopes):
        outputs: Tensor = network(x)
    return outputs


class _Recorder(TorchFunctionMode):
    """Keeps the result of every torch function that has a gradient."""

    def __init__(self, records: list[RecordedTensor], scopes: list[str]) -> None:
        super().__init__()
        self.records, self.scopes = records, scopes

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for each in result if isinstance(result, tuple | list) else (result,):
            if isinstance(each, Tensor) and each.requires_grad and not each.is_leaf:
                record = RecordedTensor(self.scopes[-1], _array(each))
                # A hook of the tensor as it is now: a later operation in place gets one of its own.
                each.register_hook(_keep(record))
                self.records.append(record)
        return result


def _keep(record: RecordedTensor) -> Callable[[Tensor], None]:
    def hook(gradient: Tensor) -> None:
        record.gradient = _array(gradient)

    return hook


def _array(tensor: Tensor) -> Array:
    """A copy of its own: a later operation in place must not change it."""
    return tensor.detach().cpu().numpy().copy()


def _recognised(
    graph: Graph, values: Mapping[str, Array], records: list[RecordedTensor]
) -> Iterator[tuple[str, Array]]:
    """Each tensor of the graph with the gradient of the first record of equal module and value, each record once."""
    for node in graph.nodes:
        scope = ".".join(node.scope)
        for name in node.outputs:
            found = next((one for one in records if _same(one, scope, values.get(name))), None)
            if found is not None:
                found.taken = True
                if found.gradient is not None:
                    yield name, found.gradient


def _same(record: RecordedTensor, scope: str, value: Array | None) -> bool:
    return (
        not record.taken
        and value is not None
        and record.scope == scope
        and record.value.shape == value.shape
        and bool(np.allclose(record.value, value, rtol=SAME, atol=SAME))
    )
