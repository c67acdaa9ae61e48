"""Softmax taken apart: against torch, and the book's mistake worked out by hand."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn

from explorer.chapters.digits.softmax import batch_logits, logits_of_layers, softmax_along, softmax_steps
from explorer.trace.layers import layers

ROWS = arrays(np.float32, st.integers(1, 12), elements=st.floats(-500, 500, width=32))


@given(ROWS)
def test_the_terms_lead_to_the_probabilities_of_torch(scores: np.ndarray) -> None:
    result = softmax_steps(scores)
    wanted = torch.softmax(torch.from_numpy(scores).double(), 0).numpy()
    np.testing.assert_allclose(result.shares, wanted, atol=1e-12)
    np.testing.assert_allclose(result.powers / result.total, result.shares, atol=1e-12)
    assert np.isfinite(result.powers).all()  # e^500 would not be
    np.testing.assert_allclose(np.exp(result.logarithms), result.shares, atol=1e-12)


def test_one_picture_alone_gets_every_class_for_certain_along_the_batch() -> None:
    scores = np.array([[1.0, 5.0, 2.0]], np.float32)
    wrong, right = softmax_along(scores, np.array([1]), 0), softmax_along(scores, np.array([1]), 1)
    assert wrong.shares.tolist() == [[1.0, 1.0, 1.0]] and wrong.sums.tolist() == [3.0]
    assert wrong.answers.tolist() == [0] and wrong.loss == 0.0  # content with the wrong answer
    assert right.answers.tolist() == [1] and right.sums.round(9).tolist() == [1.0] and right.right == 1


def test_a_batch_is_shared_among_its_pictures() -> None:
    # The first picture is surer of everything: along the batch it takes class 1 from the second one.
    scores = np.array([[4.0, 3.0], [0.0, 2.0]], np.float32)
    wrong, right = softmax_along(scores, np.array([0, 1]), 0), softmax_along(scores, np.array([0, 1]), 1)
    e = np.exp
    np.testing.assert_allclose(wrong.shares[0], [1 / (1 + e(-4)), 1 / (1 + e(-1))])
    assert not np.allclose(wrong.sums, 1) and np.allclose(right.sums, 1)
    assert wrong.right == 2 and right.right == 2
    np.testing.assert_allclose(right.loss, (np.log(1 + e(-1)) + np.log(1 + e(-2))) / 2)


def test_the_scores_stand_before_the_last_softmax() -> None:
    network = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(1)).eval()
    inputs = torch.randn(1, 4, generator=torch.Generator().manual_seed(0))
    wanted = network[0](inputs)[0].detach().numpy()
    np.testing.assert_array_equal(logits_of_layers(layers(network, inputs)), wanted)
    np.testing.assert_array_equal(logits_of_layers(layers(nn.Sequential(network[0]), inputs)), wanted)
    np.testing.assert_array_equal(batch_logits(network, inputs)[0], wanted)
    np.testing.assert_array_equal(batch_logits(nn.Sequential(network[0]), inputs)[0], wanted)
    assert not network[1]._forward_pre_hooks
