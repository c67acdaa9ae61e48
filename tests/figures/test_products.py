"""The figure of window, kernel and products: its numbers, its choice of channels, and padding."""

import numpy as np
import pytest

from explorer.figures.palette import description
from explorer.figures.products import MAX_CHANNELS, products


def cells(figure: object) -> tuple[np.ndarray, np.ndarray]:
    trace = figure.data[0]  # type: ignore[attr-defined]
    return np.asarray(trace.z, dtype=float), np.asarray(trace.customdata)


def test_three_tiles_a_channel_with_their_numbers() -> None:
    window = np.array([[[1.0, 2.0], [np.nan, 4.0]]])
    kernel = np.array([[[0.5, -1.0], [3.0, 2.0]]])
    figure = products(window, kernel, title="t")
    z, facts = cells(figure)
    shown = {}
    for kind in ("Input", "Weight", "Product"):
        at = (facts[..., 4] == kind) & ~np.isnan(z)
        shown[kind] = sorted(round(float(v), 3) for v in facts[at][:, 3])
    assert shown == {"Input": [1, 2, 4], "Weight": [-1, 0.5, 2, 3], "Product": [-2, 0.5, 8]}
    assert np.nanmax(z) == 1.0 and np.nanmin(z) >= -1.0  # each column by its own largest
    assert "add up to 6.5" in description(figure)


def test_of_many_channels_those_that_add_most() -> None:
    count = MAX_CHANNELS + 4
    window = np.ones((count, 2, 2))
    kernel = np.arange(count)[:, None, None] * np.ones((1, 2, 2))
    figure = products(window, kernel, title="t")
    z, facts = cells(figure)
    assert {int(c) for c in facts[~np.isnan(z)][:, 0]} == set(range(4, count))
    assert f"{MAX_CHANNELS} of {count} channels" in figure.layout.title.text


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_but_zeros_and_padding_draws(dark: bool) -> None:
    window = np.full((1, 1, 3), np.nan)
    z, _ = cells(products(window, np.zeros((1, 1, 3)), title="t", dark=dark))
    assert np.nansum(np.abs(z)) == 0
