"""Softmax taken apart, and the book's mistake of taking it over the batch: numbers only, for one row or for several.

The book's chapter 5 ends its network with ``log_softmax(x, dim=0)``; the classes stand along ``dim=1``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.trace.layers import Array, Layer

SOFTMAX = ("LogSoftmax", "Softmax")


@dataclass(frozen=True)
class SoftmaxSteps:
    """Softmax of one row, step by step; all (K,) but ``total`` and ``largest``.

    scores: the logits. largest: of them, taken off first so that no power overflows. powers: e to the rest. total:
    their sum. shares: each power by the total. logarithms: of the shares.
    """

    scores: Array
    largest: float
    powers: Array
    total: float
    shares: Array
    logarithms: Array


def softmax_steps(scores: Array) -> SoftmaxSteps:
    """The terms of softmax over ``scores`` (K,)."""
    row = torch.from_numpy(scores.astype("float64"))
    largest = float(row.max())
    powers = torch.exp(row - largest)
    total = float(powers.sum())
    return SoftmaxSteps(scores, largest, powers.numpy(), total, (powers / total).numpy(), F.log_softmax(row, 0).numpy())


def logits_of_layers(layers: Sequence[Layer]) -> Array:
    """The logits (K,): what goes into the network's last softmax, or what comes out where it has none."""
    if layers[-1].kind in SOFTMAX and len(layers) > 1:
        return layers[-2].output
    return layers[-1].output


def batch_logits(network: nn.Module, inputs: Tensor) -> Array:
    """The logits (B, K) of a batch: what goes into the network's last softmax, or what comes out where it has none.

    The network should be in evaluation mode; it is not changed.
    """
    last = [module for module in network.modules() if type(module).__name__ in SOFTMAX][-1:]
    seen: list[Tensor] = []
    hooks = [module.register_forward_pre_hook(lambda _, given: seen.append(given[0])) for module in last]
    try:
        with torch.no_grad():
            outputs = network(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    found: Array = (seen[-1] if seen else outputs).numpy()
    return found


@dataclass(frozen=True)
class BatchSoftmax:
    """Softmax of a batch along one dimension. shares: (B, K). sums: of each picture's shares (B,).

    answers: the class with the largest share (B,), the first of equal ones. loss: mean of −log of the true class's
    share, as ``nll_loss`` has it.
    """

    shares: Array
    sums: Array
    answers: Array
    right: int
    loss: float


def softmax_along(scores: Array, targets: Array, dim: int) -> BatchSoftmax:
    """Softmax of ``scores`` (B, K) along ``dim``, judged by ``targets`` (B,)."""
    logarithms = F.log_softmax(torch.from_numpy(scores.astype("float64")), dim)
    truth = torch.from_numpy(targets).long()
    shares = logarithms.exp()
    answers = logarithms.argmax(1)
    return BatchSoftmax(
        shares.numpy(),
        shares.sum(1).numpy(),
        answers.numpy(),
        int((answers == truth).sum()),
        float(F.nll_loss(logarithms, truth)),
    )
