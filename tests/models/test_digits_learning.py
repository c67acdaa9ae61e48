"""The digits network learns: a few steps, far from a training."""

from functools import cache
from typing import Any

import pytest
import torch

from models.base import Data
from models.catalogue import model
from models.digits.classifier import DigitsConfig

DIGITS = model("digits")


@cache
def embedded() -> Data[Any]:
    """The embedded data, read when the first test needs them."""
    return DIGITS.load(DigitsConfig())


@pytest.mark.training
def test_a_few_steps_learn() -> None:
    """Far from a training; a wrong sign or a missing gradient would not get from 2.3 below 1."""
    torch.manual_seed(0)
    network = DIGITS.network(DigitsConfig(), embedded().facts)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
    batches = DIGITS.batches(embedded().train, 64, torch.Generator().manual_seed(0))
    for _, (x, y) in zip(range(150), batches, strict=False):
        optimizer.zero_grad()
        DIGITS.loss(network(x), y).backward()
        optimizer.step()
    network.eval()
    with torch.no_grad():
        outputs = network(DIGITS.prepare(embedded().validation.inputs[:1000]))
    assert DIGITS.metrics(outputs, embedded().validation.targets[:1000])["loss"] < 1
