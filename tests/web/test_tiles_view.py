"""What goes to the browser for small pictures: shapes that fit, and vectors as tiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from explorer.trace.layers import Array
from explorer.ui.components.tiles_view import WIDE, Sheet, units_tile


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 100)), elements=st.floats(-9, 9, width=16))
)
def test_a_vector_keeps_its_order_and_is_filled_with_nothing(values: Array) -> None:
    found = units_tile(values)
    count = values.shape[1]
    assert found.shape == (len(values), (count + WIDE - 1) // WIDE, WIDE)
    flat = found.reshape(len(values), -1)
    np.testing.assert_array_equal(flat[:, :count], values)
    assert np.isnan(flat[:, count:]).all()


def test_shapes_and_captions_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"tiles are \(T, H, W\), not \(2, 3\)"):
        Sheet("", np.zeros((2, 3)))
    with pytest.raises(ValueError, match="1 captions for 2 tiles"):
        Sheet("", np.zeros((2, 3, 3)), ["one"])
    assert Sheet("", np.zeros((0, 3, 3))).captions == ()
