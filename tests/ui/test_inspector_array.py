"""The pictures of arrays in the inspector: every shape has one, and what is not made smaller shows every value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from explorer.ui.components.tiles_view import MOST_KERNELS
from explorer.ui.inspector.array_tiles import MOST_UNITS, arranged, array_tiles

SMALL = arrays(np.float32, array_shapes(min_dims=0, max_dims=5, max_side=6), elements=st.floats(-8, 8, width=16))


@given(SMALL)
def test_every_small_array_is_shown_whole(values: np.ndarray) -> None:
    sheet = array_tiles(values, "title")
    shown = np.asarray(sheet.tiles)
    np.testing.assert_array_equal(np.sort(shown[np.isfinite(shown)]), np.sort(values.ravel()))
    assert len(sheet.names) == len(shown)
    assert sheet.step == (1, 1)


def test_a_column_of_kernels_makes_one_map() -> None:
    weights = np.arange(2 * 3 * 4 * 4, dtype=np.float32).reshape(2, 3, 4, 4)  # (O, I, H, W)
    sheet = array_tiles(weights, "W", kernels=True)
    assert sheet.columns == 2
    np.testing.assert_array_equal(sheet.tiles[3], weights[1, 1])
    assert sheet.names[3] == "Output channel 1, Input channel 1"


def test_of_many_kernels_the_first_are_shown() -> None:
    sheet = array_tiles(np.ones((512, 256, 3, 3), np.float32), "W", kernels=True)
    assert len(sheet.tiles) == MOST_KERNELS[0] * MOST_KERNELS[1]


def test_large_maps_are_shown_as_means() -> None:
    maps = np.random.default_rng(0).normal(size=(64, 112, 112)).astype(np.float32)
    sheet = array_tiles(maps, "maps")
    square = sheet.step[0]
    assert square > 1
    assert sheet.tiles.size <= maps.size / square**2 * 1.1
    rows, columns = slice(2 * square, 3 * square), slice(3 * square, 4 * square)
    np.testing.assert_allclose(sheet.tiles[5, 2, 3], maps[5, rows, columns].mean(), atol=1e-6)
    assert f"{square}×{square}" in sheet.note


def test_a_large_matrix_shows_what_is_largest() -> None:
    values = np.zeros((512, 392), np.float32)
    values[77, 200] = -3.0
    sheet = array_tiles(values, "B")
    rows, columns = sheet.step
    assert sheet.tiles[0, 77 // rows, 200 // columns] == pytest.approx(-3)
    assert sheet.tiles.size < values.size / 4


def test_a_long_vector_is_cut_and_says_so() -> None:
    sheet = array_tiles(np.arange(MOST_UNITS + 1.0), "v")
    assert np.isfinite(sheet.tiles).sum() == MOST_UNITS
    assert f"{MOST_UNITS:,}" in sheet.note


def test_a_map_of_zeros_is_dead() -> None:
    maps = np.ones((3, 5, 5), np.float32)
    maps[1] = 0
    assert array_tiles(maps, "maps").marks == {1}


def test_what_a_recurrent_layer_gives_is_a_matrix_of_steps_and_units() -> None:
    states = np.arange(7 * 12, dtype=np.float32).reshape(7, 1, 1, 12)  # (L, directions, B, H)
    sheet = array_tiles(states, "Y")
    np.testing.assert_array_equal(sheet.tiles, states.reshape(1, 7, 12))


def test_a_batch_of_maps_is_no_set_of_kernels() -> None:
    maps = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)  # (B, C, H, W)
    sheet = array_tiles(maps, "maps")
    np.testing.assert_array_equal(sheet.tiles[4], maps[1, 1])
    assert sheet.names[4] == "Map 4"
    assert arranged(maps, kernels=True) is maps


def test_an_empty_array_of_many_axes_has_an_empty_picture() -> None:
    assert arranged(np.zeros((2, 0, 3, 4, 5))).shape == (0, 4, 5)
