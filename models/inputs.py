"""What goes into a network: one tensor, or several together (word indices with their lengths). Nothing is read here.

The rest of the product treats both alike through these functions; a model says which of the two it has.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import torch
from torch import Tensor, nn
from typing_extensions import TypeVar

Inputs = Tensor | tuple[Tensor, ...]
"""One tensor (B, …), or several with the same B, in the order of the network's arguments."""

InputsT = TypeVar("InputsT", bound=Inputs, default=Tensor)
"""Of a model: ``Tensor`` where nothing else is said."""


@dataclass(frozen=True)
class NetworkInput:
    """One argument of a network. name: in the exported graph.

    dynamic: the name of each axis whose size differs from batch to batch, by the axis' number. Axes of the same name
    have the same size.
    """

    name: str = "input"
    dynamic: Mapping[int, str] = field(default_factory=lambda: {0: "batch"})


def tensors(inputs: Inputs) -> tuple[Tensor, ...]:
    """The tensors, also of a single one."""
    return inputs if isinstance(inputs, tuple) else (inputs,)


def only_tensor(inputs: Inputs) -> Tensor:
    """The tensor of a network that takes a single one; raises TypeError for several."""
    if isinstance(inputs, tuple):
        raise TypeError(f"the network takes {len(inputs)} tensors, not one")
    return inputs


def apply(network: nn.Module, inputs: Inputs) -> Tensor:
    """What the network gives for ``inputs``."""
    outputs: Tensor = network(*inputs) if isinstance(inputs, tuple) else network(inputs)
    return outputs


def mapped(inputs: InputsT, change: Callable[[Tensor], Tensor]) -> InputsT:
    """Each tensor changed by ``change``."""
    if isinstance(inputs, tuple):
        return cast(InputsT, tuple(map(change, inputs)))
    return cast(InputsT, change(cast(Tensor, inputs)))


def dense(inputs: InputsT) -> InputsT:
    """The same values with no sparse layout, on the CPU."""
    return mapped(inputs, lambda tensor: (tensor if tensor.layout == torch.strided else tensor.to_dense()).cpu())


def has_rows(inputs: Inputs, count: int) -> bool:
    """Whether each of ``count`` samples is a row of each tensor; not so in a sparse or a ragged layout."""
    return all(tensor.layout == torch.strided and tensor.shape[:1] == (count,) for tensor in tensors(inputs))


def batched(inputs: InputsT, size: int) -> Iterator[InputsT]:
    """Batches of ``size`` rows in order; the last one may be smaller.

    >>> [tuple(map(len, batch)) for batch in batched((torch.zeros(5, 2), torch.zeros(5)), 2)]
    [(2, 2), (2, 2), (1, 1)]
    """
    if isinstance(inputs, tuple):
        yield from cast(Iterator[InputsT], zip(*(torch.split(tensor, size) for tensor in inputs), strict=True))
    else:
        yield from cast(Iterator[InputsT], torch.split(cast(Tensor, inputs), size))


def stored_values(inputs: Inputs) -> int:
    """How many numbers are stored: of a sparse tensor, those that are not zero."""
    return sum(t.numel() if t.layout == torch.strided else t.values().numel() for t in tensors(inputs))
