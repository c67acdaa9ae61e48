"""Searching a part of MNIST for a digit of a class. The parts come from ``models/digits/classifier.py``."""

from torch import Tensor


def next_of_class(targets: Tensor, digit: int, after: int) -> int | None:
    """The index of the next ``digit`` after index ``after``, from the start again at the end; None if there is none.

    targets: (N,) classes.

    >>> import torch
    >>> next_of_class(torch.tensor([7, 2, 1, 7]), 7, 0), next_of_class(torch.tensor([7, 2, 1, 7]), 7, 3)
    (3, 0)
    """
    indices = (targets == digit).nonzero().flatten().tolist()
    return next((index for index in indices if index > after), indices[0] if indices else None)
