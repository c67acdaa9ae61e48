"""Sweeps against a plain loop by hand, and against the metrics that the training itself has measured."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from explorer.chapters.digits.image_sweeps import LabelledImages, change_at, labelled_images, score_on_changed
from explorer.chapters.evaluation import fast_copy
from explorer.chapters.measurement_kinds import Point, measurement_kind
from explorer.chapters.tables import all_names
from explorer.runs.checkpoint import OpenRun, open_run
from explorer.runs.folder import Run, read_run
from explorer.runs.loop import Cancelled, evaluated
from explorer.runs.torch_threads import one_thread
from models.base import Part
from models.digits.changes import NO_CHANGE, Change, changed
from models.errors import RunError, SettingError


@pytest.fixture(scope="module")
def digits(trained_store: Path) -> OpenRun:
    return open_run(read_run(next((trained_store / "runs").glob("digits-*"))))


def points(kind: str, run: Run) -> tuple[Point, ...]:
    return measurement_kind(kind, run).points(run)


def test_what_is_measured(digits: OpenRun) -> None:
    shift = points("shift", digits.run)
    assert len(shift) == 169
    changes = {(p.at, change_at("shift", p)) for p in shift}
    assert changes == {((x, y), Change(x=x, y=y)) for x in range(-6, 7) for y in range(-6, 7)}
    assert [p.at for p in shift[:14]] == [(x, -6.0) for x in range(-6, 7)] + [(-6.0, -5.0)]
    for kind, low, high, count in (("rotation", -90, 90, 37), ("scale", 0.5, 1.5, 21), ("noise", 0, 1, 21)):
        result = points(kind, digits.run)
        values = [p.at[0] for p in result]
        assert (len(result), values[0], values[-1]) == (count, low, high)
        steps = {round(b - a, 9) for a, b in pairwise(values)}
        assert steps == {round((high - low) / (count - 1), 9)}
        assert sum(change_at(kind, p) == NO_CHANGE for p in result) == 1
    curves = points("curves", digits.run)
    assert [(p.step, p.part) for p in curves] == [
        (step, part) for step in digits.run.checkpoints for part in ("train", "validation", "test")
    ]
    for kind in all_names("MEASUREMENTS"):
        assert [p.index for p in points(kind, digits.run)] == list(range(len(points(kind, digits.run))))


def test_no_change_is_the_evaluation_of_the_training(digits: OpenRun) -> None:
    data = digits.book.load(digits.config)
    whole = Part(
        torch.cat([data.validation.inputs, data.test.inputs]), torch.cat([data.validation.targets, data.test.targets])
    )
    expected = evaluated(digits.book, digits.network, whole)
    (still,) = (p for p in points("shift", digits.run) if p.at == (0, 0))
    result = score_on_changed(fast_copy(digits.network), labelled_images(digits, still.part), NO_CHANGE)
    assert result.accuracy == pytest.approx(expected["accuracy"], abs=1e-9)
    assert result.loss == pytest.approx(expected["loss"], abs=1e-5)


@pytest.mark.parametrize("change", [Change(x=3, y=-2), Change(angle=35), Change(scale=1.3), Change(noise=0.4)])
def test_a_point_is_what_a_plain_loop_counts(digits: OpenRun, change: Change) -> None:
    data = digits.book.load(digits.config)
    some = LabelledImages(digits.book.prepare(data.test.inputs[:300]), data.test.targets[:300])
    result = score_on_changed(fast_copy(digits.network), some, change)
    right, loss = 0, 0.0
    for first in range(0, 300, 128):
        pictures = changed(some.inputs[first : first + 128], change, seed=first // 128)
        for picture, target in zip(pictures, some.targets[first : first + 128], strict=True):
            with torch.no_grad():
                scores = digits.network(picture[None])
            right += int(scores.argmax()) == int(target)
            loss += float(F.nll_loss(scores, target[None]))
    assert result.accuracy == pytest.approx(right / 300)
    assert result.loss == pytest.approx(loss / 300, abs=1e-5)
    assert result != score_on_changed(fast_copy(digits.network), some, NO_CHANGE)


def test_the_parts_of_curves(digits: OpenRun) -> None:
    data = digits.book.load(digits.config)
    for name, part in (("train", data.train), ("validation", data.validation), ("test", data.test)):
        result = labelled_images(digits, name)  # type: ignore[arg-type]
        assert torch.equal(result.inputs, part.inputs[:5000].float() / 255)
        assert torch.equal(result.targets, part.targets[:5000])
    last = score_on_changed(fast_copy(digits.network), labelled_images(digits, "test"), NO_CHANGE)
    assert last.accuracy == pytest.approx(digits.run.status.metrics["test"]["accuracy"], abs=1e-9)


def test_a_sweep_can_be_stopped(digits: OpenRun) -> None:
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) == 3

    with pytest.raises(Cancelled):
        score_on_changed(fast_copy(digits.network), labelled_images(digits, "both"), NO_CHANGE, stopped)
    assert len(asked) == 3


def test_the_number_of_threads_is_put_back() -> None:
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_only_digits_are_measured_so(bike_run: Run, digits: OpenRun) -> None:
    with pytest.raises(RunError, match="only runs of digits can"):
        points("shift", bike_run)
    with pytest.raises(SettingError, match="There is no measurement 'blur'; there are: shift, rotation"):
        points("blur", digits.run)
