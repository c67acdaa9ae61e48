"""Changes of a digit against hand-made shifts, torch's quarter turn, and the way into an address and back."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from models.digits.changes import NO_CHANGE, Change, changed, parsed_change, suffix
from models.errors import DataError

SIDE = 28


def pictures(count: int = 3, seed: int = 1) -> Tensor:
    return torch.rand(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


def shifted_by_hand(images: Tensor, x: int, y: int) -> Tensor:
    """Rolled round the edge, then what came round is wiped."""
    rolled = torch.roll(images, (y, x), dims=(2, 3))
    rows, columns = torch.arange(SIDE), torch.arange(SIDE)
    kept_rows = (rows >= y) & (rows < SIDE + y)
    kept_columns = (columns >= x) & (columns < SIDE + x)
    return rolled * kept_rows[:, None] * kept_columns[None, :]


shifts = st.integers(-28, 28)
changes = st.builds(
    Change,
    x=shifts,
    y=shifts,
    angle=st.integers(-1_800_000, 1_800_000).map(lambda n: n / 10_000),
    scale=st.integers(2_000, 30_000).map(lambda n: n / 10_000),
    noise=st.integers(0, 10_000).map(lambda n: n / 10_000),
    invert=st.booleans(),
)


def test_no_change_is_the_picture_itself() -> None:
    images = pictures()
    assert changed(images, NO_CHANGE) is images


@given(x=shifts, y=shifts)
def test_a_shift_is_exact_and_empty_paper_comes_in(x: int, y: int) -> None:
    images = pictures()
    assert torch.equal(changed(images, Change(x=x, y=y)), shifted_by_hand(images, x, y))


@pytest.mark.parametrize(("angle", "quarters"), [(90.0, 1), (180.0, 2), (-90.0, -1), (-180.0, -2)])
def test_a_quarter_turn_is_torchs_against_the_clock(angle: float, quarters: int) -> None:
    images = pictures()
    torch.testing.assert_close(
        changed(images, Change(angle=angle)), torch.rot90(images, quarters, dims=(2, 3)), rtol=0, atol=1e-5
    )


def test_twice_the_size_shows_the_middle_half_and_half_the_size_is_a_quarter_of_the_ink() -> None:
    square = torch.zeros(1, 1, SIDE, SIDE)
    square[..., 10:18, 10:18] = 1
    large = changed(square, Change(scale=2))
    assert large[..., 8:20, 8:20].min() == 1  # 6..22 with soft edges
    assert float(large.sum()) == pytest.approx(4 * 64, rel=0.02)
    assert float(changed(square, Change(scale=0.5)).sum()) == pytest.approx(64 / 4, rel=0.02)


def test_the_turn_comes_before_the_shift() -> None:
    images = pictures()
    both = changed(images, Change(x=5, angle=90))
    assert torch.equal(both, shifted_by_hand(changed(images, Change(angle=90)), 5, 0))


def test_noise_is_the_seeds_and_inverting_comes_last() -> None:
    images = torch.full((64, 1, SIDE, SIDE), 0.5)
    noisy = changed(images, Change(noise=0.1), seed=3)
    assert torch.equal(noisy, changed(images, Change(noise=0.1), seed=3))
    assert not torch.equal(noisy, changed(images, Change(noise=0.1), seed=4))
    assert float((noisy - images).std()) == pytest.approx(0.1, rel=0.02)
    assert torch.equal(changed(images, Change(noise=0.1, invert=True), seed=3), 1 - noisy)


@given(change=changes)
def test_every_change_keeps_the_shape_and_the_range_and_the_original(change: Change) -> None:
    images = pictures(2)
    kept = images.clone()
    result = changed(images, change)
    assert result.shape == images.shape
    assert float(result.min()) >= 0
    assert float(result.max()) <= 1
    assert torch.equal(images, kept)


@given(change=changes)
def test_an_address_and_back(change: Change) -> None:
    text = suffix(change)
    assert parsed_change(text) == change
    assert len(text) <= 50
    assert (text == "") == (change == NO_CHANGE)


def test_only_what_differs_is_written() -> None:
    assert suffix(Change(x=3)) == "~x3"
    assert suffix(Change(y=-2, invert=True)) == "~y-2~i"
    assert suffix(replace(NO_CHANGE, noise=0.000001)) == ""
    assert suffix(Change(angle=100.0, scale=0.5)) == "~r100~s0.5"


@pytest.mark.parametrize(
    "text",
    (
        "~",
        "x3",
        "~x",
        "~x3.5",
        "~y1~x1",
        "~x1~x1",
        "~q3",
        "~x3~",
        "~i~i",
        "~s1e0",
        "~snan",
        "~x٣",
        "~i ",
        "~i\n",
        "~r1.23456",
        "~x29",
        "~y-29",
        "~r180.1",
        "~s0.1",
        "~s3.1",
        "~n1.1",
        "~n-1",
    ),
)
def test_anything_else_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(DataError) as refused:
        parsed_change(text)
    assert repr(text) in str(refused.value)
