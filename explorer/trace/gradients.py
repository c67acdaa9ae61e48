"""The gradient of one sample's loss with respect to every tensor of the graph and every weight, from torch's autograd.

A copy of the network runs, so the network itself keeps its mode, its weights and its (missing) gradients. Tensors that
torch computes are matched with those of the graph by module, order, shape and value. Nothing is drawn here.
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
TOLERANCE = 1e-4  # between torch's value and the traced one, relative and absolute: sums in another order differ less


@dataclass(frozen=True)
class Gradients:
    """loss: of the sample. tensors: gradient of each tensor of the graph that was matched, in its shape.

    weights: gradient of each parameter, by its name in the network; zero where the loss does not depend on it.
    """

    loss: float
    tensors: Mapping[str, Array]
    weights: Mapping[str, Array]


@dataclass
class RecordedTensor:
    """One tensor that torch computed. scope: torch's name of the module; gradient: set by the backward pass."""

    scope: str
    value: Array
    gradient: Array | None = None
    matched: bool = False


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
    return Gradients(float(scalar.detach()), {**dict(_matched_gradients(graph, values, records)), **of_inputs}, weights)


def _recorded(network: nn.Module, inputs: Inputs, records: list[RecordedTensor]) -> Tensor:
    """The network's output; every tensor on the way is appended to ``records``, which the backward pass completes."""
    scopes = [""]

    def enter(name: str) -> Callable[..., None]:
        return lambda *_: scopes.append(name)

    def leave(*_: Any) -> None:
        scopes.pop()

    for name, module in network.named_modules():
        if name:
            module.register_forward_pre_hook(enter(name))
            module.register_forward_hook(leave)
    with _TensorRecorder(records, scopes):
        return apply(network, inputs)


class _TensorRecorder(TorchFunctionMode):
    """Records the result of every torch function through which gradients flow.

    scopes: a stack of module names, of which the last is being executed.
    """

    def __init__(self, records: list[RecordedTensor], scopes: list[str]) -> None:
        super().__init__()
        self.records, self.scopes = records, scopes

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else (result,):
            if isinstance(tensor, Tensor) and tensor.requires_grad and not tensor.is_leaf:
                record = RecordedTensor(self.scopes[-1], _array(tensor))
                # The hook belongs to the tensor's present value: a later in-place operation has a hook of its own.
                tensor.register_hook(_set_gradient(record))
                self.records.append(record)
        return result


def _set_gradient(record: RecordedTensor) -> Callable[[Tensor], None]:
    def hook(gradient: Tensor) -> None:
        record.gradient = _array(gradient)

    return hook


def _array(tensor: Tensor) -> Array:
    """A copy, which a later in-place operation does not change."""
    return tensor.detach().cpu().numpy().copy()


def _matched_gradients(
    graph: Graph, values: Mapping[str, Array], records: list[RecordedTensor]
) -> Iterator[tuple[str, Array]]:
    """Each tensor of the graph with the gradient of the first record of the same module and value, each record once."""
    for node in graph.nodes:
        scope = ".".join(node.scope)
        for name in node.outputs:
            record = next((record for record in records if _matches(record, scope, values.get(name))), None)
            if record is not None:
                record.matched = True
                if record.gradient is not None:
                    yield name, record.gradient


def _matches(record: RecordedTensor, scope: str, value: Array | None) -> bool:
    return (
        not record.matched
        and value is not None
        and record.scope == scope
        and record.value.shape == value.shape
        and bool(np.allclose(record.value, value, rtol=TOLERANCE, atol=TOLERANCE))
    )
