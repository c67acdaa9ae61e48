"""Feature maps and kernels: every number stands where it belongs, dead maps stay dead, colours mean what they say."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.figures import description
from explorer.figures.maps import KernelWords, MapWords, feature_maps, kernels
from explorer.figures.tiles import limits_of, tile_grid

SHAPES = st.tuples(st.integers(1, 20), st.integers(1, 9), st.integers(1, 9))
FLOATS = st.floats(-1e6, 1e6, width=32)


def cells_of(figure: Any) -> dict[tuple[int, ...], float]:
    """(tile, row, column) → value, read back from what hover tells; gaps have no colour and are left out."""
    trace = figure.data[0]
    facts, z = np.asarray(trace.customdata), np.asarray(trace.z, dtype=float)
    known = ~np.isnan(z)
    return {tuple(int(n) for n in fact): float(value) for fact, value in zip(facts[known], z[known], strict=True)}


@given(values=SHAPES.flatmap(lambda shape: arrays(np.float32, shape, elements=FLOATS)), columns=st.integers(1, 30))
def test_every_value_is_told_once(values: np.ndarray, columns: int) -> None:
    told = cells_of(feature_maps(values, title="", columns=columns))
    assert told == {index: float(value) for index, value in np.ndenumerate(values)}


@given(st.integers(1, 40), st.integers(1, 12), st.integers(1, 12), st.integers(1, 12), st.booleans())
def test_tiles_do_not_touch(count: int, height: int, width: int, columns: int, labelled: bool) -> None:
    place = tile_grid(count, height, width, columns, labelled=labelled)
    marked = place.place_tiles(np.arange(count * height * width, dtype=float).reshape(count, height, width))
    tile = np.floor(marked / (height * width))
    for a, b in ((tile[1:], tile[:-1]), (tile[:, 1:], tile[:, :-1])):
        both = ~np.isnan(a) & ~np.isnan(b)
        assert (a[both] == b[both]).all()
    assert (~np.isnan(marked)).sum() == count * height * width


def test_one_map_may_come_without_its_channel() -> None:
    assert cells_of(feature_maps(np.eye(3), title="")) == cells_of(feature_maps(np.eye(3)[None], title=""))


def test_a_dead_map_is_crossed_out_and_named_in_every_scale() -> None:
    values = np.ones((4, 5, 5))
    values[2] = 0
    for own in (feature_maps(values, title="", scale="map"), feature_maps(values, title="", scale="layer")):
        assert list(own.data[1].text) == ["0", "1", "2 · dead", "3"]
        crosses = np.asarray(own.data[2].x, dtype=float)
        assert len(crosses) == 6  # two strokes of two ends and a gap
        z = np.asarray(own.data[0].z, dtype=float)
        tiles = np.asarray(own.data[0].customdata)[..., 0]
        assert (z[~np.isnan(z) & (tiles == 2)] == 0).all()
        assert own.data[0].zmin == 0
    assert "dead maps: 2." in description(feature_maps(values, title=""))


def test_a_living_layer_has_no_crosses() -> None:
    assert len(feature_maps(np.ones((3, 2, 2)), title="").data[2].x) == 0


def test_own_scale_brings_every_map_to_its_peak() -> None:
    values = np.array([[[1.0, 2.0]], [[10.0, 5.0]]])
    z = np.asarray(feature_maps(values, title="", scale="map").data[0].z, dtype=float)
    assert sorted(z[~np.isnan(z)]) == [0.5, 0.5, 1.0, 1.0]


def test_a_shared_scale_keeps_the_values_and_takes_given_limits() -> None:
    trace = feature_maps(np.array([[[1.0, 2.0]]]), title="", limits=(0, 10), scale="map").data[0]
    assert (trace.zmin, trace.zmax) == (0, 10)
    assert np.nanmax(np.asarray(trace.z, dtype=float)) == 2.0


def test_signed_values_are_centred_at_zero() -> None:
    trace = feature_maps(np.array([[[-1.0, 3.0]]]), title="").data[0]
    assert (trace.zmin, trace.zmax) == (-3, 3)
    unsigned = feature_maps(np.array([[[1.0, 3.0]]]), title="").data[0]
    assert (unsigned.zmin, unsigned.zmax) == (0, 3)
    assert trace.colorscale != unsigned.colorscale


@given(arrays(np.float64, (3, 2), elements=st.floats(allow_nan=True, allow_infinity=True)), st.booleans())
def test_colour_limits_are_never_empty(values: np.ndarray, signed: bool) -> None:
    low, high = limits_of(values, signed)
    assert np.isfinite([low, high]).all()
    assert low < high


def test_values_that_are_not_finite_are_drawn_around() -> None:
    figure = feature_maps(np.array([[[np.nan, 1.0], [np.inf, -np.inf]]]), title="T")
    assert figure.data[0].zmax == 1
    assert "from 1 to 1" in description(figure)
    nothing = feature_maps(np.full((1, 2, 2), np.nan), title="T")
    assert "from – to –" in description(nothing)


def test_a_kernel_lies_in_its_output_row_and_input_column() -> None:
    weights = np.random.default_rng(0).normal(size=(3, 2, 4, 5)).astype(np.float32)
    figure = kernels(weights, title="")
    assert cells_of(figure) == {index: float(value) for index, value in np.ndenumerate(weights)}
    z, facts = np.asarray(figure.data[0].z, dtype=float), np.asarray(figure.data[0].customdata)
    rows, columns = np.nonzero(~np.isnan(z))
    for outer, axis in ((columns, 0), (rows, 1)):
        channel = facts[rows, columns, axis]
        assert all(outer[channel == n].max() < outer[channel == n + 1].min() for n in range(int(channel.max())))
    assert figure.data[0].zmin == -figure.data[0].zmax
    assert figure.layout.yaxis.title.text == KernelWords().input


def test_many_kernels_are_cut_but_keep_the_colours_of_all() -> None:
    weights = np.zeros((64, 32, 3, 3))
    weights[-1, -1] = 7
    figure = kernels(weights, title="K", most=(4, 2))
    assert {index[:2] for index in cells_of(figure)} == {(o, i) for o in range(4) for i in range(2)}
    assert figure.data[0].zmax == 7
    assert description(figure).startswith("K: 64×32 kernels of 3×3")


def test_words_come_from_the_caller() -> None:
    words = MapWords(map="图", row="行", column="列", value="值", dead="失活", share="比例", alt="{title}{count}{dead}")
    figure = feature_maps(np.zeros((2, 3, 3)), title="特征图", words=words)
    assert description(figure) == "特征图20, 1"
    assert list(figure.data[1].text) == ["0 · 失活", "1 · 失活"]
    assert figure.data[0].colorbar.title.text == "值"
    assert not any(word in figure.data[0].hovertemplate for word in ("Map", "Row", "Value"))


@pytest.mark.parametrize("dark", [False, True])
def test_pixels_are_square_and_the_view_survives(dark: bool) -> None:
    layout = feature_maps(np.ones((2, 3, 3)), title="", dark=dark).layout
    assert layout.yaxis.scaleanchor == "x"
    assert layout.yaxis.range[0] > layout.yaxis.range[1]  # rows count downwards
    assert layout.uirevision
    assert layout.height <= 760
