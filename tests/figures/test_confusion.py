"""The confusion matrix and the scores of its classes: what is drawn is what was counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.figures import description
from explorer.figures.confusion import class_scores, confusion_matrix

COUNTS = st.integers(1, 12).flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(0, 6000)))


@given(COUNTS, st.booleans())
def test_every_point_to_click_is_its_cell(counts: np.ndarray, dark: bool) -> None:
    names = [f"c{i}" for i in range(len(counts))]
    points = confusion_matrix(counts, names, title="T", dark=dark).data[-1]
    assert points.type == "scatter"
    assert len(points.x) == counts.size
    for number, (x, y, facts) in enumerate(zip(points.x, points.y, points.customdata, strict=True)):
        assert (y, x) == divmod(number, len(counts))
        assert tuple(facts) == (names[y], names[x], counts[y, x])


@given(COUNTS)
def test_only_mistakes_have_a_colour(counts: np.ndarray) -> None:
    right, mistakes, _points = confusion_matrix(counts, ["?"] * len(counts), title="T").data
    shown, same = np.asarray(mistakes.z, float), np.eye(len(counts), dtype=bool)
    assert np.isnan(shown[same]).all()
    assert (np.isnan(np.asarray(right.z, float)) == ~same).all()
    assert (shown[~same] == counts[~same]).all()
    assert mistakes.zmax == (counts[~same].max(initial=0) or 1)
    written = [str(count) if count else "" for count in counts.ravel()]
    assert [a + b for a, b in zip(np.ravel(right.text), np.ravel(mistakes.text), strict=True)] == written
    assert not any(np.diagonal(mistakes.text))


def test_the_text_alternative_names_the_commonest_mistake() -> None:
    counts = np.array([[90, 3, 0], [7, 80, 1], [0, 2, 70]])
    text = description(confusion_matrix(counts, "abc", title="T"))
    assert text == "T: 240 of 253 right; most often b is taken for a, 7 times."


def test_the_chosen_cell_has_a_frame() -> None:
    (frame,) = confusion_matrix(np.eye(3, dtype=np.int64), "abc", title="T", chosen=(2, 1)).layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, 1.5, 2.5)


@pytest.mark.parametrize("dark", [False, True])
def test_precision_and_recall_stand_side_by_side(dark: bool) -> None:
    figure = class_scores([0.5, float("nan")], [0.25, 1.0], "ab", title="T", dark=dark)
    precision, recall = figure.data
    assert (precision.name, recall.name) == ("Precision", "Recall")
    assert precision.y[0] == 0.5
    assert np.isnan(precision.y[1])
    assert list(recall.y) == [0.25, 1.0]
    assert figure.layout.yaxis.range[0] == 0  # bars that do not begin at zero would lie
