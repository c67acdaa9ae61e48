"""Our sizes and refusals against torch's, which is asked with real tensors."""

import re
from collections.abc import Callable

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from models.digits.convolution_sizes import output_size, pooled_size, rule, with_numbers
from models.errors import SettingError

MANY = settings(max_examples=400, deadline=None)
sizes, kernels, strides = st.integers(1, 30), st.integers(1, 9), st.integers(0, 5)
paddings, dilations = st.integers(-1, 8), st.integers(0, 4)


def torchs(compute: Callable[[], Tensor]) -> int | None:
    """The side of the result, None where torch refuses."""
    try:
        return compute().shape[-1]
    except RuntimeError:
        return None


def ours(compute: Callable[[], int]) -> int | None:
    try:
        return compute()
    except SettingError as refused:
        assert re.fullmatch(r"[A-Z][^\n{}]*\.", str(refused)), "one whole sentence with its numbers"
        return None


@MANY
@given(size=sizes, kernel=kernels, stride=strides, padding=paddings, dilation=dilations)
def test_convolution_as_torch_has_it(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    image, weight = torch.zeros(1, 1, size, size), torch.zeros(1, 1, kernel, kernel)
    expected = torchs(lambda: F.conv2d(image, weight, stride=stride, padding=padding, dilation=dilation))
    assert ours(lambda: output_size(size, kernel, stride, padding, dilation)) == expected


@MANY
@given(
    size=sizes, kernel=kernels, stride=st.none() | strides, padding=paddings, dilation=dilations, ceiled=st.booleans()
)
@example(size=1, kernel=2, stride=1, padding=2, dilation=3, ceiled=False)  # half of the kernel, not of its span
@example(size=1, kernel=2, stride=5, padding=0, dilation=1, ceiled=True)  # larger than its input, and yet allowed
@example(size=3, kernel=2, stride=3, padding=1, dilation=1, ceiled=True)
def test_max_pooling_as_torch_has_it(
    size: int, kernel: int, stride: int | None, padding: int, dilation: int, ceiled: bool
) -> None:
    image = torch.zeros(1, 1, size, size)
    expected = torchs(lambda: F.max_pool2d(image, kernel, stride, padding, dilation, ceiled))
    assert ours(lambda: pooled_size(size, kernel, stride, padding, dilation, ceiled)) == expected


@MANY
@given(size=sizes, kernel=kernels, stride=st.none() | strides, padding=st.integers(-1, 5), ceiled=st.booleans())
def test_average_pooling_as_torch_has_it(
    size: int, kernel: int, stride: int | None, padding: int, ceiled: bool
) -> None:
    image = torch.zeros(1, 1, size, size)
    expected = torchs(lambda: F.avg_pool2d(image, kernel, stride, padding, ceiled))
    assert ours(lambda: pooled_size(size, kernel, stride, padding, ceil_mode=ceiled)) == expected


@given(size=sizes, kernel=kernels, stride=st.integers(1, 5), padding=st.integers(0, 8), dilation=st.integers(1, 4))
def test_the_formula_is_the_sum_that_it_says(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    span = dilation * (kernel - 1) + 1
    if span > size + 2 * padding:
        reason = rf"A kernel of {kernel} .* spans {span} pixels, .* = {size + 2 * padding}\."
        with pytest.raises(SettingError, match=reason):
            with_numbers(size, kernel, stride, padding, dilation)
        return
    text = with_numbers(size, kernel, stride, padding, dilation)
    left, right = text.split(" = ")
    python = left.replace(r"\lfloor", "int(").replace(r"\rfloor", ")").replace(r"\cdot", "*")
    assert re.fullmatch(r"[int0-9()+*/ -]+", python)
    assert eval(python) == int(right) == output_size(size, kernel, stride, padding, dilation)  # noqa: S307


def test_the_books_layers() -> None:
    assert with_numbers(28, 5, 1, 2, 1) == rule("28", "5", "1", "2", "1") + " = 28"
    assert pooled_size(28, 2) == 14


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: output_size(3, 5), "A kernel of 5 with dilation 1 spans 5 pixels, but the input has 3 + 2·0 = 3."),
        (lambda: output_size(9, 0), "A kernel of 0 is not possible: it has at least 1 pixel."),
        (lambda: output_size(0, 1), "An input of 0 pixels is not possible: there must be at least 1."),
        (lambda: output_size(9, 3, stride=-1), "A stride of -1 is not possible: the window moves by at least 1 pixel."),
        (
            lambda: pooled_size(9, 2, padding=2),
            "A padding of 2 is more than half of the pooling window of 2: it can be at most 1.",
        ),
    ],
)
def test_the_reason_is_told(compute: Callable[[], int], reason: str) -> None:
    with pytest.raises(SettingError) as refused:
        compute()
    assert str(refused.value) == reason
