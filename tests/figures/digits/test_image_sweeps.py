"""Maps of shifts and curves over changes: places, signs and gaps as they were measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.figures import description
from explorer.figures.curves import CurveWords, Series, accuracy_curves
from explorer.figures.digits.image_sweeps import Sweep, difference_map, shift_map, sweep_curves


@given(st.integers(0, 8), st.integers(0, 2**31), st.floats(0, 1))
def test_each_shift_stands_at_its_place(reach: int, seed: int, known: float) -> None:
    random = np.random.default_rng(seed)
    grid = random.random((2 * reach + 1, 2 * reach + 1))
    grid[random.random(grid.shape) > known] = np.nan
    trace = shift_map(grid, title="T").data[0]
    assert list(trace.x) == list(trace.y) == list(range(-reach, reach + 1))
    assert np.array_equal(np.asarray(trace.z), grid, equal_nan=True)
    assert (trace.zmin, trace.zmax) == (0, 1)


def test_down_is_down() -> None:
    figure = shift_map(np.zeros((13, 13)), title="T")
    first, last = figure.layout.yaxis.range
    assert first > last
    frame = figure.layout.shapes[0]
    assert (frame.x0 + frame.x1, frame.y0 + frame.y1) == (0, 0)


@given(st.integers(0, 2**31))
def test_a_difference_is_centred_at_zero(seed: int) -> None:
    first, second = np.random.default_rng(seed).random((2, 5, 5))
    first[1, 2] = np.nan
    trace = difference_map(first, second, title="T").data[0]
    shown = np.asarray(trace.z, float)
    np.testing.assert_allclose(shown, (first - second) * 100)
    assert np.isnan(shown[1, 2])
    assert trace.zmin == -trace.zmax
    assert trace.zmax == pytest.approx(np.nanmax(np.abs(shown)))
    assert trace.colorscale[len(trace.colorscale) // 2][0] == 0.5


def test_maps_that_nobody_measured_can_be_drawn() -> None:
    empty = np.full((13, 13), np.nan)
    assert description(shift_map(empty, title="T")) == "T: 0 of 169 shifts measured, from – to –."
    assert difference_map(empty, empty, title="T").data[0].zmax == 1


@given(st.lists(st.tuples(st.floats(-90, 90), st.one_of(st.just(float("nan")), st.floats(0, 1))), max_size=40))
def test_a_curve_has_the_measured_points_only(points: list[tuple[float, float]]) -> None:
    places, shares = [p for p, _ in points], [a for _, a in points]
    lines = [Sweep("A", places, shares), Sweep("B", [0.0], [0.5])]
    figure = sweep_curves(lines, title="T", axis="X", unchanged=0, ends=(-90, 90), tick=30)
    first, second = figure.data
    known = [(p, a) for p, a in points if a == a]
    assert list(zip(first.x, first.y, strict=True)) == known
    assert (first.line.dash, first.line.color) != (second.line.dash, second.line.color)
    assert first.showlegend
    assert f"A: {len(known)} of {len(points)} points" in description(figure)


def test_shares_are_told_in_per_cent() -> None:
    figure = accuracy_curves([Series("T", "test", [1, 2], [0.5, 0.75])], title="T", words=CurveWords(value="Accuracy"))
    assert figure.layout.yaxis.tickformat == ".0%"
    assert figure.layout.yaxis.title.text == "Accuracy"
    assert list(figure.data[0].y) == [0.5, 0.75]
