"""Finding digits of a class in a part of MNIST. The parts themselves come from ``models/digits/classifier.py``."""

from torch import Tensor


def next_of_class(targets: Tensor, digit: int, after: int) -> int | None:
    """The place of the first ``digit`` after place ``after``, going round at the end; None where there is none.

    targets: (N,) classes.

    >>> import torch
    >>> next_of_class(torch.tensor([7, 2, 1, 7]), 7, 0), next_of_class(torch.tensor([7, 2, 1, 7]), 7, 3)
    (3, 0)
    """
    places = (targets == digit).nonzero().flatten().tolist()
    return next((place for place in places if place > after), places[0] if places else None)
