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
from models.inputs import Inputs, apply, mapped, tensors

Array = npt.NDArray[Any]
Loss = Callable[[Tensor, Tensor], Tensor]
SAME = 1e-4  # torch's value and the traced one, relative and absolute: other orders of summing differ by less


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
    graph: Graph, values: Mapping[str, Array], network: nn.Module, inputs: Inputs, loss: Loss, target: Tensor | None
) -> Gradients | None:
    """How the loss of one sample changes with each tensor and each weight; None where its ``target`` is unknown.

    values: the graph's traced tensors for the same ``inputs``, each (1, …); those that are whole numbers, such as
    indices into a vocabulary, have no gradient. loss: (outputs, target) → scalar.
    """
    if target is None:
        return None
    copy = deepcopy(network).eval()
    for parameter in copy.parameters():
        parameter.requires_grad_(True)
    own = mapped(inputs, lambda tensor: tensor.detach().clone().requires_grad_(tensor.is_floating_point()))
    parameters = dict(copy.named_parameters())
    arguments = {name: x for name, x in zip(graph.inputs, tensors(own), strict=True) if x.requires_grad}
    records: list[RecordedTensor] = []
    with torch.enable_grad():
        scalar = loss(_recorded(copy, own, records), target)
        by = [*parameters.values(), *arguments.values()]
        results = torch.autograd.grad(scalar, by, allow_unused=True, materialize_grads=True)
    arrays = [_array(gradient) for gradient in results]
    weights = dict(zip(parameters, arrays, strict=False))
    of_inputs = dict(zip(arguments, arrays[len(parameters) :], strict=True))
    return Gradients(float(scalar.detach()), {**dict(_recognised(graph, values, records)), **of_inputs}, weights)


def _recorded(network: nn.Module, inputs: Inputs, records: list[RecordedTensor]) -> Tensor:
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
        return apply(network, inputs)


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
