"""Curves, bars and histograms, checked against numpy and hand-worked cases."""

import tomllib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from explorer.figures import description
from explorer.figures.bars import probabilities
from explorer.figures.bike.demand import demand
from explorer.figures.curves import MAX_POINTS, Series, loss_curves, marked_curves
from explorer.figures.histogram import MAX_BINS, histogram
from explorer.figures.palette import DARK, LIGHT, Theme, theme
from explorer.figures.sentiment.word_bars import word_counts, word_effects
from explorer.figures.vectors import MAX_BARS, live_vector, vector
from explorer.project import PROJECT
from explorer.ui.labs.layer_text import UnitWords, units_table

ANY_FLOATS = arrays(np.float64, array_shapes(min_dims=1, max_dims=3, min_side=0), elements=st.floats())


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("colours", "page"), [(LIGHT, "#ffffff"), (DARK, "#0e1117")])
def test_colours_can_be_read_on_the_page(colours: Theme, page: str) -> None:
    assert contrast(colours.text, page) >= 7
    for line in (colours.train, colours.validation, colours.test, colours.real, colours.verdict, colours.muted):
        assert contrast(line, page) >= 3, line


@pytest.mark.parametrize("dark", [False, True])
def test_a_grey_print_keeps_the_order_of_magnitudes(dark: bool) -> None:
    greys = [luminance(colour) for _, colour in theme(dark).sequential]
    assert greys == sorted(greys, reverse=not dark)
    signed = [luminance(colour) for _, colour in theme(dark).diverging]
    middle = len(signed) // 2
    assert theme(dark).diverging[middle][0] == 0.5
    assert signed[: middle + 1] == sorted(signed[: middle + 1], reverse=dark)
    assert signed[middle:] == sorted(signed[middle:], reverse=not dark)


@given(ANY_FLOATS)
def test_a_histogram_counts_every_finite_value(values: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        counts = np.asarray(histogram(values, title="").tables["bins"]["count"])
    assert np.sum(counts) == np.isfinite(values).sum()
    assert len(counts) <= MAX_BINS


@given(arrays(np.float64, st.integers(70, 400), elements=st.floats(-1e3, 1e3)))
def test_histogram_bins_agree_with_numpy(values: np.ndarray) -> None:
    bars = {name: np.asarray(column) for name, column in histogram(values, title="").tables["bins"].items()}
    edges = np.append(bars["low"], bars["high"][-1])
    if np.ptp(values) > 1e-3:
        expected, _ = np.histogram(values, bins=len(bars["count"]), range=(values.min(), values.max()))
        # A value that lies on an edge may fall to either side by rounding.
        on_edges = np.isclose(values[:, None], edges).sum(axis=0).max()
        assert np.abs(np.cumsum(expected) - np.cumsum(bars["count"])).max() <= on_edges


@given(arrays(np.float64, st.integers(0, MAX_BARS), elements=st.floats(-1e6, 1e6)))
def test_bars_that_change_in_place_hold_every_value(values: np.ndarray) -> None:
    made = live_vector(values)
    bars = made.tables["bars"]
    np.testing.assert_array_equal(np.asarray(bars["value"]), values)
    np.testing.assert_array_equal(np.asarray(bars["position"]), np.arange(values.size))
    below = {colour for colour, value in zip(np.asarray(bars["colour"]), values, strict=True) if value < 0}
    above = {colour for colour, value in zip(np.asarray(bars["colour"]), values, strict=True) if value >= 0}
    assert len(below) <= 1
    assert len(above) <= 1
    assert not below & above
    assert made.spec == live_vector(np.ones(3)).spec


def test_units_are_counted_from_1_and_indices_from_0() -> None:
    values = np.array([1.0, 2.0, 3.0])
    assert list(vector(values, title="V").data[0].x) == [0, 1, 2]
    units = vector(values, title="V", words=UnitWords(), first=1)
    assert list(units.data[0].x) == [1, 2, 3]
    assert units.layout.xaxis.title.text == "Unit"
    assert units_table(values).to_dict("list") == {"Unit": [1, 2, 3], "Value": [1.0, 2.0, 3.0]}
    long = vector(np.arange(2000.0), title="V", first=1)
    assert np.asarray(long.data[0].customdata)[0, :2, 0].tolist() == [1, 2]
    assert long.layout.yaxis.ticktext[0] == "1"


def test_another_array_changes_a_histograms_data_alone() -> None:
    one, other = (histogram(values, title="T") for values in (np.arange(9.0), np.full((2, 40), -1e30)))
    assert (one.spec, one.alt) == (other.spec, other.alt)  # else the browser draws it anew instead of in place


def lines_of(figure: Any) -> list[tuple[list[float], list[float]]]:
    return [(list(np.asarray(one.x)), list(np.asarray(one.y))) for one in figure.data]


def test_curves_hold_the_series() -> None:
    series = [Series("Training", "train", [1, 2, 4], [2.0, 1.0, 0.5]), Series("Validation", "validation", [4], [0.6])]
    figure = loss_curves(series, title="Loss")
    assert lines_of(figure) == [([1, 2, 4], [2.0, 1.0, 0.5]), ([4], [0.6])]
    assert description(figure) == "Loss: Training: 0.5 at step 4; Validation: 0.6 at step 4."
    assert len({one.line.color for one in figure.data}) == len({one.line.dash for one in figure.data}) == 2
    assert figure.layout.xaxis.title.text == "Step"
    assert figure.layout.yaxis.type == "linear"
    assert loss_curves(series, title="", log=True, log_steps=True).layout.yaxis.type == "log"


def test_what_is_not_finite_is_a_gap() -> None:
    figure = loss_curves([Series("A", "train", [1, 2, 3], [1.0, np.inf, np.nan])], title="")
    assert np.isnan(lines_of(figure)[0][1][1:]).all()
    assert "A: 1 at step 1" in description(figure)


@given(st.integers(MAX_POINTS + 1, 20_000), st.integers(0, 2**32 - 1))
def test_long_curves_keep_their_peaks_and_ends(count: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=count)
    x, y = lines_of(loss_curves([Series("A", "train", np.arange(count), values)], title=""))[0]
    assert len(x) <= MAX_POINTS
    assert (x[0], x[-1]) == (0, count - 1)
    assert (min(y), max(y)) == (values.min(), values.max())
    assert (values[np.asarray(x, dtype=int)] == y).all()


def test_no_curve_yet_says_so() -> None:
    figure = loss_curves([], title="Loss")
    assert figure.layout.annotations[0].text == "Nothing measured yet"
    assert description(figure) == "Loss: Nothing measured yet."


def test_the_checkpoint_is_marked_where_it_is() -> None:
    series = [Series("A", "train", [1, 1000], [1.0, 0.1])]
    plain = loss_curves(series, title="", checkpoint=100).layout
    assert (plain.shapes[0].x0, plain.annotations[0].x) == (100, 100)
    log = loss_curves(series, title="", checkpoint=100, log_steps=True).layout
    assert (log.shapes[0].x0, log.annotations[0].x) == (100, pytest.approx(2.0))
    assert not loss_curves(series, title="", checkpoint=0, log_steps=True).layout.shapes


def test_demand_tells_times_and_error() -> None:
    times = np.array(["2011-12-11T00", "2011-12-11T01"], dtype="datetime64[h]")
    figure = demand(times, [10, 20], [13, 19], title="Demand")
    assert list(figure.data[0].x) == ["2011-12-11T00:00", "2011-12-11T01:00"]
    assert [list(one.y) for one in figure.data] == [[10, 20], [13, 19]]
    assert description(figure) == (
        "Demand: 2 hours from 2011-12-11T00:00 to 2011-12-11T01:00; mean error 2 bikes per hour."
    )
    assert description(demand([], [], [], title="Demand")).startswith("Demand: 0 hours")


def bars_by_role(figure: Any) -> dict[str, list[str]]:
    return {one.name: list(one.customdata) for one in figure.data}


def test_verdict_and_truth_stand_out() -> None:
    values, labels = np.array([0.1, 0.7, 0.2]), ["a", "b", "c"]
    wrong = probabilities(values, labels, title="P", truth=2)
    assert bars_by_role(wrong) == {"network's answer": ["b"], "true answer": ["c"], "other answers": ["a"]}
    right = probabilities(values, labels, title="P", truth=1)
    assert bars_by_role(right) == {"network's answer, true": ["b"], "other answers": ["a", "c"]}
    assert bars_by_role(probabilities(values, labels, title="P")) == {
        "network's answer": ["b"],
        "other answers": ["a", "c"],
    }
    assert description(wrong) == "P: the network says b with 70.0%; the true answer is c."


@given(st.integers(0, 9000), st.integers(0, 2**32 - 1))
def test_a_vector_is_told_whole_and_in_order(count: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=count)
    trace = vector(values, title="").data[0]
    if count <= MAX_BARS:
        assert trace.type == "bar"
        assert list(trace.y) == list(values)
    else:
        assert (np.asarray(trace.customdata).ravel()[:count] == np.arange(count)).all()
        assert (np.asarray(trace.z).ravel()[:count] == values).all()
        assert np.isnan(np.asarray(trace.z, dtype=float)).sum() == np.asarray(trace.z).size - count


def test_words_are_counted_most_frequent_first() -> None:
    figure = word_counts([("好", 1), ("很", 3), ("7", 1)], title="W")
    assert list(figure.layout.yaxis.ticktext) == ["很", "好", "7"]
    assert list(figure.data[0].x) == [3, 1, 1]
    assert description(figure) == "W: 很 3, 好 1, 7 1."
    assert description(word_counts([], title="W")) == "W: –."


def test_every_figure_keeps_its_view_and_its_background() -> None:
    for figure in (vector(np.ones(3), title=""), loss_curves([], title="")):
        assert figure.layout.uirevision
        assert figure.layout.height
        assert figure.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_words_effects_keep_the_sentences_order_and_sign() -> None:
    figure = word_effects([("好", 0.5), ("不", -0.25)], title="Words")
    assert lines_of(figure) == [([0.5, -0.25], [0, 1])]
    assert list(figure.layout.yaxis.ticktext) == ["好", "不"]
    assert description(figure) == "Words: 好 +0.50, 不 -0.25."
    assert description(word_effects([], title="Words")) == "Words: –."


def test_moving_the_mark_changes_one_table_alone() -> None:
    """Else the browser draws the whole curve anew for each step of the slider."""
    steps, values = [0, 10, 20, 30], [2.0, 1.5, float("nan"), 1.0]
    series = [Series("Training", "train", steps, values), Series("Validation", "validation", [0, 30], [2.1, 1.1])]
    early, late = (marked_curves(series, step, title="Loss") for step in (0, 30))
    assert early.spec == late.spec
    assert early.alt == late.alt == "Loss: Training: 1 at step 30; Validation: 1.1 at step 30."
    points = early.tables["points"]
    np.testing.assert_array_equal(points["step"], [*steps, 0, 30])
    np.testing.assert_array_equal(points["loss"], [*values, 2.1, 1.1])
    assert [made.tables["mark"]["step"] for made in (early, late)] == [[0], [30]]
    assert [made.tables["mark"]["align"] for made in (early, late)] == [["left"], ["right"]]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_sign_has_one_colour_in_every_figure_and_word(name: str) -> None:
    dark = name == "dark"
    colours = theme(dark)
    values = np.array([-2.0, 3.0])
    bars = vector(values, title="V", dark=dark).data[0].marker.color
    words = word_effects([("bad", -1.0), ("good", 1.0)], title="W", dark=dark).data[0].marker.color
    assert list(bars) == list(words) == [colours.negative, colours.positive]
    assert list(vector(values[1:], title="V", dark=dark).data[0].marker.color) == [colours.positive]

    def blueness(colour: str) -> int:
        return int(colour[5:7], 16) - int(colour[1:3], 16)

    below, above = ([blueness(c) for place, c in colours.diverging if side * (place - 0.5) > 0] for side in (-1, 1))
    assert max(below) < 0 < min(above)  # orange below zero, blue above it as magnitudes are
    assert all(blueness(colour) > 0 for _place, colour in colours.sequential)
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"][name]
    stops = dict(colours.diverging)
    assert (settings["orangeBackgroundColor"], settings["blueBackgroundColor"]) == (stops[0.45], stops[0.55])
