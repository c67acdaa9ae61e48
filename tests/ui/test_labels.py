"""How numbers, times and foreign text are worded."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.runs.folder import Run, State, Status
from explorer.ui.frame.labels import STATES, duration, headline, local_time, plain, result_sentence, run_label, run_name
from models.catalogue import entry, model_entries


def run(state: State = "done", model: str = "digits", **metrics: float) -> Run:
    status = Status(state=state, metrics={"test": metrics} if metrics else {})
    created = datetime(2026, 1, 2, 3, 4, tzinfo=UTC).isoformat()
    return Run(Path("x"), f"{model}-1", model, {"epochs": 2}, None, created, status, ())


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("accuracy", 0.91018, "91.02 %"), ("loss", 0.123456, "0.1235"), ("r2", 1.0, "1"), ("loss", 1e-9, "1e-09")],
)
def test_a_metric_has_sensible_digits(name: str, value: float, expected: str) -> None:
    model = "bike" if name == "r2" else "digits"
    assert entry(model).metric(name).format(value) == expected


def test_a_run_is_told_by_its_result_or_its_state() -> None:
    assert run_label(run(accuracy=0.9), str).startswith("Handwritten digits · Accuracy 90.00 % · 2 epochs · ")
    cancelled = run(state="cancelled")
    assert run_label(cancelled, str).startswith("Handwritten digits · cancelled before it began · 2 epochs · ")
    later = replace(cancelled, status=replace(cancelled.status, epoch=7), name="my *run*")
    assert run_label(later, str).startswith("my *run* · Handwritten digits · cancelled at epoch 7 · 2 epochs · ")
    assert run_name(later, str) == r"my \*run\*"
    assert "Handwritten" not in run_label(run(), str, named=False)
    assert headline(run(model="bike", r2=0.5, loss=3), str) == "R² 0.5"
    assert headline(run(loss=3), str) == ""
    assert headline(run(model="unknown", accuracy=0.9), str) == ""


def test_a_result_is_a_sentence_for_somebody_who_does_not_know_the_metric() -> None:
    assert result_sentence(run(accuracy=0.9), str) == "Right for 90.0 % of samples that it has never seen."
    bike = result_sentence(run(model="bike", r2=0.5), str)
    assert bike == "Explains 50.0 % of the ups and downs of days that it has never seen."
    assert result_sentence(run(), str) == ""


def test_every_state_and_metric_has_a_word() -> None:
    assert set(STATES) == set(State.__args__)  # type: ignore[attr-defined]
    for model in model_entries().values():
        assert model.metric(model.headline.metric) in model.metrics


@pytest.mark.parametrize(("seconds", "expected"), [(0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (3600, "60 min")])
def test_a_duration_is_short(seconds: float, expected: str) -> None:
    assert duration(seconds, str) == expected


def test_an_unreadable_time_is_left_out() -> None:
    assert local_time("yesterday") == ""


@given(st.text())
def test_foreign_text_can_form_no_markdown(text: str) -> None:
    escaped = plain(text)
    for opener in "[]()*_`<>!#|~$:":
        for place, sign in enumerate(escaped):
            if sign == opener:
                before = escaped[:place]
                assert (len(before) - len(before.rstrip("\\"))) % 2 == 1
