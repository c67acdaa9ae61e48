"""Many forward passes of one input under random dropout masks: the silenced units and the outputs.

The masks are drawn here, from a generator of their own; torch's global generator and the network are not changed.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.trace.layers import Array
from models.errors import N_, GraphError, SettingError

MAX_PASSES = 10_000


@dataclass(frozen=True, eq=False)
class DropoutPasses:
    """n passes of one input with dropout (training mode), and one without (evaluation mode).

    kept: (n, U) whether a unit is kept. hidden: (n, U) what the next layer gets: 0, or the unit's value / (1 − p).
    probabilities: (n, K). even_hidden: (U,) and even_probabilities: (K,) in evaluation mode.
    """

    kept: Array
    hidden: Array
    probabilities: Array
    even_hidden: Array
    even_probabilities: Array


def dropout_passes(network: nn.Module, inputs: Tensor, p: float, n: int, seed: int) -> DropoutPasses:
    """``n`` passes of inputs (1, …) in which each input of the first dropout layer is silenced with probability ``p``.

    The layer's own p is ignored. The network must end with a softmax or log-softmax. Raises GraphError where it has no
    dropout layer, SettingError for a p outside 0 ≤ p < 1 or an n outside 1 … 10,000.
    """
    if not 0 <= p < 1:
        raise SettingError(N_("The dropout probability cannot be {p}: it lies between 0 and 1, 1 excluded."), p=p)
    if not 1 <= n <= MAX_PASSES:
        raise SettingError(N_("There cannot be {n} masks: write a number from 1 to {most}."), n=n, most=MAX_PASSES)
    copy = deepcopy(network).eval()
    dropout = next((module for module in copy.modules() if isinstance(module, nn.Dropout)), None)
    if dropout is None:
        raise GraphError(N_("This network has no dropout layer."))
    dropout_inputs: list[Tensor] = []
    with torch.inference_mode():
        hook = dropout.register_forward_pre_hook(lambda _, inputs: dropout_inputs.append(inputs[0]))
        even_probabilities = _probabilities(copy(inputs))
        hook.remove()
        hidden = dropout_inputs[0]  # (1, U)
        generator = torch.Generator().manual_seed(seed)
        kept = torch.rand((n, *hidden.shape[1:]), generator=generator) >= p
        masked = hidden * kept / (1 - p)  # (n, U)
        dropout.register_forward_hook(_replaces_output(masked))
        probabilities = _probabilities(copy(inputs))
    return DropoutPasses(
        kept.numpy(), masked.numpy(), probabilities.numpy(), hidden[0].numpy(), even_probabilities[0].numpy()
    )


def _replaces_output(value: Tensor) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    """A forward hook that replaces a module's output (1, U) by ``value`` (n, U)."""
    return lambda _module, _inputs, _output: value


def _probabilities(outputs: Tensor) -> Tensor:
    """Log-probabilities or probabilities (B, K) as probabilities; a log-probability is never above zero."""
    return outputs.exp() if bool((outputs <= 0).all()) else outputs
