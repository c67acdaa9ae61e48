"""Own digits: MNIST's own images as the oracle of "made as MNIST's were", and the way into an address and back."""

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.data import mnist
from models.digits.own_digit import BOX, LONGEST_KEY, OWN, SIDE, as_mnist, own_key, own_pixels
from models.errors import DataError

pictures = hnp.arrays(np.uint8, (SIDE, SIDE))


@pytest.mark.parametrize("times", [1, 7, 10])
def test_mnists_own_images_come_back_nearly_unchanged(times: int) -> None:
    """Enlarged to squares of ``times`` pixels: most come back exactly, and on average 0.5 % of the ink differs.

    Those that differ have a row at the edge of their box that is fainter than what counts as ink.
    """
    images = mnist.embedded().test_images[:200]
    large = images.repeat(times, axis=1).repeat(times, axis=2).astype(np.float32) / 255
    found = np.stack([as_mnist(each).centred for each in large])
    wrong = np.abs(found.astype(int) - images).sum(axis=(1, 2)) / images.sum(axis=(1, 2))
    assert np.mean(wrong == 0) > 0.75
    assert wrong.mean() < 0.005


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_box_proportions_and_centre_of_mass(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(3, 200)), data.draw(st.integers(3, 200))
    drawing = np.zeros((height + 40, width + 60), np.float32)
    inner = data.draw(st.integers(0, 2**32 - 1).map(np.random.default_rng)).random((height, width)) * 0.7 + 0.2
    drawing[25 : 25 + height, 11 : 11 + width] = inner
    found = as_mnist(drawing)
    assert np.array_equal(found.cut, inner.astype(np.float32))
    assert max(found.scaled.shape) == BOX
    exact = BOX * min(height, width) / max(height, width)
    assert abs(min(found.scaled.shape) - max(1, exact)) <= 0.5
    assert found.scaled.mean() == pytest.approx(found.cut.mean(), abs=1e-4), "a mean of areas keeps the mean"
    centred = found.centred.astype(float)
    middle = [(centred.sum(axis=1 - axis) * np.arange(SIDE)).sum() / centred.sum() for axis in (0, 1)]
    assert np.abs(np.array(middle) - 14).max() <= 0.5 + 0.01
    rows, columns = np.flatnonzero(centred.any(axis=1)), np.flatnonzero(centred.any(axis=0))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == found.scaled.shape, "nothing is pushed over the edge"


def test_heavy_ink_at_one_side_is_not_pushed_over_the_edge() -> None:
    drawing = np.zeros((20, 20), np.float32)
    drawing[:, :2], drawing[0, :] = 1, 0.15
    centred = as_mnist(drawing).centred
    assert int(centred.sum()) == int(np.round(drawing * 255).sum())
    assert centred[6, 8] == 255, "as far to the right as it fits"


def test_grey_is_averaged_by_area() -> None:
    drawing = np.zeros((40, 40), np.float32)
    drawing[::2] = 1  # every other row
    drawing[39] = 1
    scaled = as_mnist(drawing).scaled
    np.testing.assert_allclose(scaled[:-1], 0.5, atol=1e-6)


@pytest.mark.parametrize("ink", [np.zeros((5, 5)), np.full((9, 9), 0.05), np.full((3, 3), np.nan), np.zeros((0, 4))])
def test_an_empty_picture_is_refused(ink: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"There is no ink in the picture: draw a digit first"):
        as_mnist(ink)


@given(pictures)
def test_a_picture_and_its_key(pixels: np.ndarray) -> None:
    key = own_key(pixels)
    assert np.array_equal(own_pixels(key), pixels)
    assert key.startswith(OWN)
    assert "~" not in key
    assert len(key) <= LONGEST_KEY


def test_the_longest_and_a_usual_key() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE)).astype(np.uint8)
    assert len(own_key(noise)) == 1_064
    lengths = [len(own_key(image)) for image in mnist.embedded().test_images[:100]]
    assert max(lengths) < 500


def packed(content: bytes) -> str:
    return OWN + base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    "key",
    [
        "own/",
        "own/AAAA",
        "own/A",
        "own/é",
        "own/a b",
        "test/17",
        own_key(np.zeros((SIDE, SIDE), np.uint8))[:-3],
        packed(bytes(783)),
        packed(bytes(785)),
        packed(bytes(500_000)),
        "own/" + "A" * 5_000,
        packed(bytes(784)) + "=",
        packed(bytes(784)) + "AAAA",
        packed(bytes(784)) + "\n",
    ],
)
def test_a_damaged_key_is_refused_in_one_short_sentence(key: str) -> None:
    with pytest.raises(DataError, match="There is no own digit '") as refused:
        own_pixels(key)
    assert len(str(refused.value)) < 120


def test_another_size_is_a_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="28 × 28 uint8"):
        own_key(np.zeros((27, 28), np.uint8))
