"""A module's output, a tensor or nested tuples of them, as named tensors with the batch in front."""

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

STATES = ("h", "c")  # of a recurrent network after the last step; only an LSTM has the second


def named_outputs(module: nn.Module, name: str, output: Any) -> Iterator[tuple[str, Tensor]]:
    """Each tensor in ``output`` with its name: ``name`` itself, or ``name[0]``, ``name[1]`` … for those of a tuple.

    Of a recurrent network, the outputs of all steps are called ``name`` and its last states ``name.h`` and ``name.c``.
    Every tensor is (B, …).
    """
    if isinstance(module, nn.RNNBase) and isinstance(output, tuple) and isinstance(output[0], Tensor):
        steps, states = output
        yield name, steps if module.batch_first else steps.transpose(0, 1)  # (B, L, H)
        for state, tensor in zip(STATES, states if isinstance(states, tuple) else (states,), strict=False):
            yield f"{name}.{state}", tensor.transpose(0, 1)  # (B, layers, H)
    else:
        yield from _flattened(name, output)


def _flattened(name: str, output: Any) -> Iterator[tuple[str, Tensor]]:
    if isinstance(output, Tensor):
        yield name, output
    elif isinstance(output, tuple | list):
        for index, part in enumerate(output):
            yield from _flattened(f"{name}[{index}]", part)
    elif isinstance(output, dict):
        for key, part in output.items():
            yield from _flattened(f"{name}[{key}]", part)
