"""Softmax step by step, and the book's mistake of taking it along the batch.

The book's chapter 5 ends its network with ``log_softmax(x, dim=0)``, but the classes are along ``dim=1``.
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
    """Softmax of one row of scores, step by step; arrays are (K,).

    scores: the logits. largest: their maximum, subtracted first so that no power overflows. powers: e to the
    difference. total: their sum. shares: powers / total. logarithms: of the shares.
    """

    scores: Array
    largest: float
    powers: Array
    total: float
    shares: Array
    logarithms: Array


def softmax_steps(scores: Array) -> SoftmaxSteps:
    """The steps of softmax over ``scores`` (K,), in double precision."""
    row = torch.from_numpy(scores.astype("float64"))
    largest = float(row.max())
    powers = torch.exp(row - largest)
    total = float(powers.sum())
    return SoftmaxSteps(scores, largest, powers.numpy(), total, (powers / total).numpy(), F.log_softmax(row, 0).numpy())


def logits_of_layers(layers: Sequence[Layer]) -> Array:
    """The logits (K,): the input of a softmax at the end of the network, or the output of a network without one."""
    if layers[-1].kind in SOFTMAX and len(layers) > 1:
        return layers[-2].output
    return layers[-1].output


def batch_logits(network: nn.Module, inputs: Tensor) -> Array:
    """The logits (B, K) of a batch: the input of the network's last softmax, or the output of one without.

    The network should be in evaluation mode; it is not changed.
    """
    last_softmax = [module for module in network.modules() if type(module).__name__ in SOFTMAX][-1:]
    softmax_inputs: list[Tensor] = []
    hooks = [
        module.register_forward_pre_hook(lambda _, inputs: softmax_inputs.append(inputs[0])) for module in last_softmax
    ]
    try:
        with torch.no_grad():
            outputs = network(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    logits: Array = (softmax_inputs[-1] if softmax_inputs else outputs).numpy()
    return logits


@dataclass(frozen=True)
class BatchSoftmax:
    """Softmax of a batch along one dimension.

    shares: (B, K). sums: (B,) of each image's shares. answers: (B,) the class with the largest share, the first of
    equal ones. right: number of correct answers. loss: mean of −log of the true class's share, as ``nll_loss``.
    """

    shares: Array
    sums: Array
    answers: Array
    right: int
    loss: float


def softmax_along(scores: Array, targets: Array, dim: int) -> BatchSoftmax:
    """Softmax of ``scores`` (B, K) along ``dim``, compared with ``targets`` (B,)."""
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
