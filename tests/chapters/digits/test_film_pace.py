"""Equal times of a film show equal changes, within limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.chapters.digits.film_pace import LONGEST, SHORTEST, paced_seconds, relative_changes


def test_changes_worked_by_hand() -> None:
    kernels = [np.array([[3.0, 4.0]]), np.array([[0.0, 0.0]]), np.array([[0.0, 0.0]]), np.array([[6.0, 8.0]])]
    maps = [np.array([1.0]), np.array([2.0]), np.array([np.nan]), np.array([np.inf])]
    # Distances 5, 0, 10 of at most 10; 1, 2, 0 of at most 2, where what is no number counts as zero.
    expected = [(0.5 + 0.5) / 2, (0.0 + 1.0) / 2, (1.0 + 0.0) / 2]
    np.testing.assert_allclose(relative_changes([kernels, maps]), expected)


def test_one_frame_has_no_change() -> None:
    assert relative_changes([[np.ones(3)]]).shape == (0,)
    assert paced_seconds([], mean=0.5).shape == (0,)


def test_times_worked_by_hand() -> None:
    np.testing.assert_allclose(paced_seconds([2.0, 4.0, 6.0], mean=0.4), [0.2, 0.4, 0.6])
    # 1 s at most for the second; what is left of 1.8 s goes to the others, the first of which has the least.
    np.testing.assert_allclose(paced_seconds([0.0, 50.0, 2.0], mean=0.6), [0.1, 1.0, 0.7])
    np.testing.assert_allclose(paced_seconds([0.0, 0.0], mean=0.6), [0.6, 0.6])  # nothing changes: evenly
    np.testing.assert_allclose(paced_seconds([0.0, 0.0, 0.0, 1.0], mean=0.6), [0.1, 0.1, 0.1, 1.0])  # less than 2.4 s


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.floats(SHORTEST, LONGEST))
def test_times_are_within_limits_add_up_and_grow_with_the_change(changes: list[float], mean: float) -> None:
    seconds = paced_seconds(changes, mean)
    assert seconds.min() >= SHORTEST - 1e-9
    assert seconds.max() <= LONGEST + 1e-9
    order = np.argsort(changes, kind="stable")
    assert (np.diff(seconds[order]) >= -1e-9).all()
    total = seconds.sum()
    if max(changes) == 0 or (np.array(changes) > 1e-6 * max(changes)).all():
        assert total == pytest.approx(mean * len(changes), rel=1e-6)
    assert total <= mean * len(changes) + 1e-6
    free = (seconds > SHORTEST + 1e-9) & (seconds < LONGEST - 1e-9)  # where no limit binds, one pace
    pace = seconds[free] / np.array(changes)[free] if max(changes) > 0 else seconds
    np.testing.assert_allclose(pace, pace[:1].repeat(len(pace)), rtol=1e-6)
