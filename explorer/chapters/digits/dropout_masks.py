"""One input under many random dropout masks: which units fall silent and what the network then says.

The masks are drawn here, with a generator of their own; torch's global one and the network stay as they are.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.trace.layers import Array
from models.errors import N_, GraphError, SettingError

MOST = 10_000  # masks at once


@dataclass(frozen=True, eq=False)
class DropoutPasses:
    """n passes of one input with dropout (training mode), and one without (evaluation mode).

    kept: (n, U) whether a unit is spared. hidden: (n, U) what goes on to the next layer: 0 or the unit's value by
    1/(1 − p). probabilities: (n, K). even_hidden: (U,) and even_probabilities: (K,) in evaluation mode.
    """

    kept: Array
    hidden: Array
    probabilities: Array
    even_hidden: Array
    even_probabilities: Array


def dropout_passes(network: nn.Module, inputs: Tensor, p: float, n: int, seed: int) -> DropoutPasses:
    """``n`` passes of inputs (1, …), each unit before the network's first dropout silenced with probability ``p``.

    The network's own p does not matter. It ends with a softmax or log-softmax. Raises GraphError where it has no
    dropout, SettingError for a p outside 0 ≤ p < 1 or an n outside 1 … 10,000.
    """
    if not 0 <= p < 1:
        raise SettingError(N_("The dropout probability cannot be {p}: it lies between 0 and 1, 1 excluded."), p=p)
    if not 1 <= n <= MOST:
        raise SettingError(N_("There cannot be {n} masks: write a number from 1 to {most}."), n=n, most=MOST)
    copy = deepcopy(network).eval()
    dropout = next((module for module in copy.modules() if isinstance(module, nn.Dropout)), None)
    if dropout is None:
        raise GraphError(N_("This network has no dropout layer."))
    seen: list[Tensor] = []
    with torch.inference_mode():
        watching = dropout.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        even = _shares(copy(inputs))
        watching.remove()
        hidden = seen[0]  # (1, U)
        generator = torch.Generator().manual_seed(seed)
        kept = torch.rand((n, *hidden.shape[1:]), generator=generator) >= p
        masked = hidden * kept / (1 - p)  # (n, U)
        dropout.register_forward_hook(_giving(masked))
        shares = _shares(copy(inputs))
    return DropoutPasses(kept.numpy(), masked.numpy(), shares.numpy(), hidden[0].numpy(), even[0].numpy())


def _giving(value: Tensor) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    """A hook that puts ``value`` (n, U) in the place of a module's output (1, U)."""
    return lambda _module, _inputs, _output: value


def _shares(outputs: Tensor) -> Tensor:
    """Log-probabilities or probabilities (B, K) as probabilities; a log-probability is never above zero."""
    return outputs.exp() if bool((outputs <= 0).all()) else outputs
