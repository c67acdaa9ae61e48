"""Statistics of any tensor against numpy, and against cases worked out by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from explorer.trace.tensor_statistics import standard_deviation, tensor_statistics

ANY_FLOATS = arrays(np.float64, array_shapes(min_dims=1, max_dims=3, min_side=0), elements=st.floats())


@given(ANY_FLOATS)
def test_statistics_agree_with_numpy(values: np.ndarray[Any, Any]) -> None:
    with np.errstate(all="ignore"):
        statistics, deviation = tensor_statistics(values), standard_deviation(values)
        finite = values[np.isfinite(values)]
        assert statistics.shape == values.shape
        assert statistics.nans + statistics.infinities + finite.size == values.size
        if finite.size:
            assert (statistics.minimum, statistics.maximum) == (finite.min(), finite.max())
            assert statistics.mean == pytest.approx(float(np.mean(finite)), nan_ok=True)
            assert statistics.magnitude == pytest.approx(float(np.mean(np.abs(finite))), nan_ok=True)
            assert deviation == pytest.approx(float(np.std(finite)), nan_ok=True)
        else:
            assert statistics.minimum is statistics.maximum is statistics.mean is deviation is None
        share = pytest.approx(np.count_nonzero(values == 0) / values.size) if values.size else None
        assert statistics.zeros == share


def test_statistics_of_a_known_array() -> None:
    values = np.array([[0.0, 2.0], [np.nan, -np.inf]])
    statistics = tensor_statistics(values)
    assert (statistics.minimum, statistics.maximum, statistics.mean, standard_deviation(values)) == (0.0, 2.0, 1.0, 1.0)
    assert (statistics.zeros, statistics.nans, statistics.infinities) == (0.25, 1, 1)
    assert tensor_statistics(np.array([True, False, False])).zeros == pytest.approx(2 / 3)


def test_a_channel_is_dead_if_it_is_zero_throughout() -> None:
    values = np.zeros((2, 4, 3, 3))
    values[1, 2, 0, 0] = -1.0
    values[:, 0] = 2.0
    assert tensor_statistics(values).dead == 0.5
    assert tensor_statistics(np.array([[0.0, 1.0, 0.0, 3.0]])).dead == 0.5  # (B, N): numbers instead of channels


@pytest.mark.parametrize("values", [np.array(["a"], dtype=object), np.zeros((0, 3)), np.array([1j])])
def test_what_has_no_order_has_no_statistics(values: np.ndarray[Any, Any]) -> None:
    statistics = tensor_statistics(values)
    assert statistics.minimum is statistics.mean is statistics.zeros is standard_deviation(values) is None
