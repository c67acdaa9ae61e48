"""A large matrix: blocks keep what is largest, and the browser gets few numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.figures import description
from explorer.figures.matrix import MAX_CELLS, matrix


def test_a_small_matrix_is_shown_as_it_is() -> None:
    values = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(np.asarray(matrix(values, title="W").data[0].z), values)


@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 2**31))
def test_every_block_shows_its_largest_magnitude(rows: int, columns: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    trace = matrix(values, title="W").data[0]
    shown, firsts = np.asarray(trace.z), np.asarray(trace.customdata).astype(int)
    assert max(shown.shape) <= MAX_CELLS
    height, width = -(-rows // MAX_CELLS), -(-columns // MAX_CELLS)
    down, across = np.arange(0, rows, height), np.arange(0, columns, width)
    assert (firsts == np.stack(np.meshgrid(down, across, indexing="ij"), axis=-1)).all()
    largest, smallest = (
        kind.reduceat(kind.reduceat(values, down, axis=0), across, axis=1) for kind in (np.maximum, np.minimum)
    )
    assert ((shown == largest) | (shown == smallest)).all()
    assert (np.abs(shown) == np.maximum(np.abs(largest), np.abs(smallest))).all()


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_value_that_is_not_finite_stays_visible(broken: float) -> None:
    values = np.ones((400, 400))
    values[123, 321] = broken
    shown = np.asarray(matrix(values, title="W").data[0].z)
    assert (~np.isfinite(shown)).sum() == 1


def test_the_text_alternative_tells_size_and_range() -> None:
    text = description(matrix(np.array([[0.0, -2.5], [1.0, 3.0]]), title="W"))
    assert text == "W: 2×2 values from -2.5 to 3."
