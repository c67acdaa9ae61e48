"""Predictions, confusion and the worst digits against counting by hand and against the training's own metrics."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.chapters.evaluation import (
    ClassScore,
    Predictions,
    confusion_counts,
    margins,
    most_unsure,
    most_wrong,
    predictions,
    samples_in_cell,
    scores_by_class,
)
from explorer.runs.checkpoint import OpenRun, open_run
from explorer.runs.folder import Run, read_run
from models.errors import RunError, SettingError


@pytest.fixture(scope="module")
def digits(trained_store: Path) -> OpenRun:
    return open_run(read_run(next((trained_store / "runs").glob("digits-*"))))


@pytest.fixture(scope="module")
def both(digits: OpenRun) -> Predictions:
    return predictions(digits, "both")


def test_both_is_mnists_whole_test_file(digits: OpenRun, both: Predictions) -> None:
    assert both.parts == (("validation", 5000), ("test", 5000))
    assert both.log_probabilities.shape == (10_000, 10)
    assert both.log_probabilities.dtype == np.float32
    metrics = digits.run.status.metrics
    for part, rows in (("validation", slice(0, 5000)), ("test", slice(5000, None))):
        assert both.correct[rows].mean() == pytest.approx(metrics[part]["accuracy"], abs=1e-9)
        truth = both.log_probabilities[rows][np.arange(5000), both.targets[rows]]
        assert -truth.mean() == pytest.approx(metrics[part]["loss"], abs=1e-5)


def test_a_key_names_its_sample(digits: OpenRun, both: Predictions) -> None:
    for index, key in ((0, "validation/0"), (4999, "validation/4999"), (5000, "test/0"), (9999, "test/4999")):
        assert both.key(index) == key
        sample = digits.sample(key)
        assert sample.target == both.targets[index]
        with torch.no_grad():
            expected = digits.network(sample.inputs).numpy()[0]
        np.testing.assert_allclose(both.log_probabilities[index], expected, atol=1e-5)
    for index in (-1, 10_000):
        with pytest.raises(IndexError):
            both.key(index)


@pytest.mark.parametrize("name", ["digits", "sentiment"])
@pytest.mark.parametrize("which", ["validation", "test"])
def test_every_classifier_is_as_good_as_its_run_says(trained_store: Path, name: str, which: str) -> None:
    opened = open_run(read_run(next((trained_store / "runs").glob(f"{name}-*"))))
    result = predictions(opened, which)  # type: ignore[arg-type]
    assert result.accuracy == pytest.approx(opened.run.status.metrics[which]["accuracy"], abs=1e-9)
    assert opened.network.training is False


def test_what_cannot_be_told(bike_run: Run, digits: OpenRun) -> None:
    with pytest.raises(RunError, match="is no classifier"):
        predictions(open_run(bike_run))
    with pytest.raises(SettingError, match="no part 'all'; there are: train, validation, test, both"):
        predictions(digits, "all")  # type: ignore[arg-type]


def made(targets: list[int], scores: list[list[float]]) -> Predictions:
    table = np.array(scores, np.float32).reshape(len(targets), -1)
    logs = table - np.log(np.exp(table).sum(axis=1, keepdims=True))
    return Predictions((("test", len(targets)),), np.array(targets), logs, logs.argmax(axis=1))


@st.composite
def tables(draw: st.DrawFn) -> Predictions:
    classes, rows = draw(st.integers(2, 5)), draw(st.integers(1, 30))
    number = st.floats(-4, 4, width=32)
    scores = draw(st.lists(st.lists(number, min_size=classes, max_size=classes), min_size=rows, max_size=rows))
    return made(draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows)), scores)


@given(tables())
def test_counts_scores_and_orders_by_hand(result: Predictions) -> None:
    matrix = confusion_counts(result)
    pairs = list(zip(result.targets.tolist(), result.answers.tolist(), strict=True))
    for truth in range(len(matrix)):
        for said in range(len(matrix)):
            assert matrix[truth, said] == pairs.count((truth, said)) == len(samples_in_cell(result, truth, said))
    for i, score in enumerate(scores_by_class(result)):
        hits, said, real = (
            sum(pair == (i, i) for pair in pairs),
            sum(b == i for _, b in pairs),
            sum(a == i for a, _ in pairs),
        )
        assert score.support == real
        assert score.precision == pytest.approx(hits / said if said else float("nan"), nan_ok=True)
        assert score.recall == pytest.approx(hits / real if real else float("nan"), nan_ok=True)
        both = score.precision + score.recall
        if both > 0:
            assert score.f1 == pytest.approx(2 * score.precision * score.recall / both)
    wrong = most_wrong(result, len(result)).tolist()
    assert sorted(wrong) == [i for i, (a, b) in enumerate(pairs) if a != b]
    likely = [float(result.log_probabilities[i, result.targets[i]]) for i in wrong]
    assert likely == sorted(likely)
    leads = [sorted(np.exp(row).tolist())[-1] - sorted(np.exp(row).tolist())[-2] for row in result.log_probabilities]
    np.testing.assert_allclose(margins(result), leads, atol=1e-6)
    np.testing.assert_allclose(np.array(leads)[most_unsure(result, 3)], sorted(leads)[:3], atol=1e-6)


def test_a_worked_case() -> None:
    # Class 0: said twice, right once, there once. Class 2 is never said, class 1 there twice.
    result = made([0, 1, 1, 2], [[3, 0, 0], [1, 0, 0], [0, 5, 0], [0, 2, 1]])
    assert confusion_counts(result).tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 0]]
    first, second, third = scores_by_class(result)
    assert (first.precision, first.recall, first.support) == (0.5, 1.0, 1)
    assert first.f1 == pytest.approx(2 / 3)
    assert second == ClassScore(0.5, 0.5, 0.5, 2)
    assert np.isnan([third.precision, third.f1]).all() and (third.recall, third.support) == (0.0, 1)
    assert most_wrong(result, 5).tolist() == [1, 3]  # probabilities of the truth: 0.21 and 0.24
    assert samples_in_cell(result, 1, 1).tolist() == [2]
    assert most_unsure(result, 1).tolist() == [1]
