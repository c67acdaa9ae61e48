"""Convolution and pooling under a window against torch.nn.functional, refusals included, and the effect of a shift."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from explorer.chapters.digits.classic_kernels import ClassicKernel, classic_kernels
from explorer.chapters.digits.sliding_window import (
    ACTIVATIONS,
    Pooling,
    activated,
    convolution_calculation,
    convolved,
    pooled,
    pooling_calculation,
    shift_effect,
)
from models.errors import GraphError, SettingError

Map = NDArray[np.float32]
channels, seeds = st.integers(1, 4), st.integers(0, 2**16)
sides, taps = st.integers(1, 12), st.integers(1, 5)
strides, paddings, dilations = st.integers(0, 4), st.integers(-1, 4), st.integers(0, 3)


def drawn(seed: int, *shape: int) -> Map:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def of_torch(x: Map, w: Map, bias: float, stride: int, padding: int, dilation: int) -> Tensor | None:
    """torch's own map; None where it refuses."""
    try:
        return F.conv2d(torch.tensor(x)[None], torch.tensor(w)[None], torch.tensor([bias]), stride, padding, dilation)[
            0, 0
        ]
    except (RuntimeError, ValueError):
        return None


@given(channels, sides, sides, taps, taps, strides, paddings, dilations, st.floats(-2, 2, width=32), seeds)
def test_a_convolution_and_its_worked_sums_are_torchs(
    count: int,
    rows: int,
    columns: int,
    high: int,
    wide: int,
    stride: int,
    padding: int,
    dilation: int,
    bias: float,
    seed: int,
) -> None:
    x, w = drawn(seed, count, rows, columns), drawn(seed + 1, count, high, wide)
    wanted = of_torch(x, w, bias, stride, padding, dilation)
    if wanted is None:
        with pytest.raises(SettingError):
            convolved(x, w, bias, stride, padding, dilation)
        with pytest.raises(SettingError):
            convolution_calculation(x, w, bias, stride, padding, dilation, place=(0, 0))
        return
    made = convolved(x, w, bias, stride, padding, dilation)
    np.testing.assert_allclose(made, wanted.numpy(), atol=1e-5, rtol=1e-5)
    for place in {(0, 0), (made.shape[0] - 1, made.shape[1] - 1), (made.shape[0] // 2, made.shape[1] // 3)}:
        work = convolution_calculation(x, w, bias, stride, padding, dilation, place=place)
        assert work.result == pytest.approx(float(wanted[place]), rel=1e-5, abs=1e-5)
        assert work.agrees
        assert work.window == w.shape
        by_channel = work.terms.values[:-1].reshape(w.shape).sum(axis=(1, 2))
        assert by_channel.sum() + bias == pytest.approx(work.result)


@given(channels, sides, sides, taps, st.none() | strides, paddings, st.sampled_from(["max", "average"]), seeds)
def test_a_pooling_and_its_worked_pixels_are_torchs(
    count: int, rows: int, columns: int, size: int, stride: int | None, padding: int, kind: Pooling, seed: int
) -> None:
    x = drawn(seed, count, rows, columns)
    pool = F.max_pool2d if kind == "max" else F.avg_pool2d
    try:
        wanted = pool(torch.tensor(x)[None], size, stride, padding)[0]
    except (RuntimeError, ValueError):
        with pytest.raises(SettingError):
            pooled(x, kind, size, stride, padding)
        return
    made = pooled(x, kind, size, stride, padding)
    np.testing.assert_allclose(made, wanted.numpy(), atol=1e-6)
    for place in {(0, 0, 0), (count - 1, made.shape[1] - 1, made.shape[2] - 1)}:
        work = pooling_calculation(x, kind, size, stride, padding, place=place)
        assert work.result == pytest.approx(float(wanted[place]), rel=1e-5, abs=1e-5)
        assert work.agrees


def test_what_is_given_stays_as_it_is() -> None:
    x, w = drawn(0, 2, 5, 5), drawn(1, 2, 3, 3)
    kept = x.copy(), w.copy()
    convolved(x, w)[:] = 9
    pooled(x, "max", 1)[:] = 9
    shift_effect(x, "max", 2)
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(w, kept[1])


@pytest.mark.parametrize(
    ("x", "w", "said"),
    [
        ((2, 5, 5), (3, 3, 3), "3 channels, and the input has 2"),
        ((5, 5), (1, 3, 3), "5×5"),
        ((1, 0, 5), (1, 1, 1), "1×0×5"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(x: tuple[int, ...], w: tuple[int, ...], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        convolved(np.zeros(x), np.zeros(w))


def test_a_place_outside_the_map_is_refused() -> None:
    with pytest.raises(GraphError):
        convolution_calculation(np.zeros((1, 5, 5)), np.zeros((1, 3, 3)), place=(3, 0))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_torchs_module_of_the_name(name: str) -> None:
    x = drawn(3, 4, 4)
    np.testing.assert_allclose(activated(x, name), getattr(torch.nn, name)()(torch.tensor(x)).numpy())


def test_an_unknown_activation_is_quoted() -> None:
    with pytest.raises(SettingError, match="'Swish'"):
        activated(np.zeros((1, 1)), "Swish")


def test_a_shift_of_a_hand_made_picture() -> None:
    # Row 0 1 0 0 becomes 0 0 1 0: two of four values change by 1; maxima of pairs 1 0 become 0 1.
    effect = shift_effect(np.array([[[0.0, 1.0, 0.0, 0.0]]]), "average", 1)
    assert (effect.plain.changed, effect.plain.by) == (0.5, 0.5)
    assert effect.pooled == effect.plain
    column = np.array([[[1.0, 0, 0, 0]] * 2])  # stays within its pair, whose maximum stays
    effect = shift_effect(column, "max", 2)
    assert (effect.plain.changed, effect.plain.by) == (0.5, 0.5)
    assert (effect.pooled.changed, effect.pooled.by) == (0.0, 0.0)
    left = shift_effect(column, "max", 2, right=-1)
    assert (left.plain.by, left.pooled.by) == (0.25, 0.5)


@given(st.integers(1, 10), st.integers(-12, 12), seeds)
def test_a_shift_brings_zeros_in(width: int, right: int, seed: int) -> None:
    x = drawn(seed, 1, 3, width)
    padded = np.zeros((1, 3, width + 24), np.float32)
    padded[..., 12 : 12 + width] = x
    wanted = np.roll(padded, right, axis=-1)[..., 12 : 12 + width]
    effect = shift_effect(x, "max", 1, right=right)
    assert effect.plain.by == pytest.approx(float(np.abs(wanted - x).mean()), rel=1e-6)
    assert effect.plain.changed == pytest.approx(float((np.abs(wanted - x) > 1e-6).mean()))


def kernel(name: str, size: int) -> ClassicKernel:
    return next(one for one in classic_kernels(size) if one.name.startswith(name))


@pytest.mark.parametrize("size", range(1, 10))
def test_every_size_has_kernels_with_names_of_their_own(size: int) -> None:
    found = classic_kernels(size)
    assert found
    assert len({one.name for one in found}) == len(found)
    assert all(one.values.shape == (size, size) and one.values.dtype == np.float32 for one in found)
    assert len(found) >= (10 if size in (3, 5) else 1)


@pytest.mark.parametrize("size", [3, 5])
def test_classic_kernels_do_what_they_are_known_for(size: int) -> None:
    flat = np.full((1, 9, 9), 3.0)
    ramp = np.broadcast_to(np.arange(9.0), (1, 9, 9))  # brighter to the right
    for name, of_flat in (
        ("Identity", 3),
        ("Box", 3),
        ("Gauss", 3),
        ("Sharpen", 3),
        ("Emboss", 3),
        ("Laplace", 0),
        ("Horizontal edges (S", 0),
        ("Vertical edges (P", 0),
        ("Diagonal", 0),
    ):
        np.testing.assert_allclose(convolved(flat, kernel(name, size).values[None]), of_flat, atol=1e-5)
    for family in ("(S", "(P"):
        down, right = (kernel(f"{name} edges {family}", size).values for name in ("Horizontal", "Vertical"))
        np.testing.assert_allclose(convolved(ramp, down[None]), 0, atol=1e-4)
        assert (convolved(ramp, right[None]) > 0).all()
        np.testing.assert_array_equal(down, right.T)


def test_known_numbers_of_known_kernels() -> None:
    np.testing.assert_array_equal(kernel("Vertical edges (Sobel", 3).values, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    np.testing.assert_array_equal(kernel("Gauss", 3).values * 16, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    np.testing.assert_array_equal(kernel("Emboss", 3).values, [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
