"""A measurement on a page: its button, progress with time left, cancel, and how it ended. It measures nothing itself.

``live`` redraws what is measured once a second while somebody measures, and the whole page when that ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from explorer.chapters.measurements import Measurement, cancel_measurement, read_measurement, start_measurement
from explorer.runs.folder import Run
from explorer.ui.frame.labels import duration, run_label
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import run_named, settings
from models.errors import N_, RunError, UserError

POLL_SECONDS = 1.0
AGAIN = {"cancelled": N_("Go on"), "interrupted": N_("Go on"), "failed": N_("Try again"), "absent": N_("Measure")}
STATES = {"cancelled": N_("cancelled"), "interrupted": N_("interrupted"), "failed": N_("failed")}


@dataclass(frozen=True)
class MeasuredRun:
    """A run at a checkpoint. name: how a page calls it beside another one, '' where there is no other."""

    run_id: str
    step: int
    name: str = ""

    def run(self) -> Run:
        """The run as it is now; raises RunError."""
        return run_named(self.run_id)

    def measurement(self, kind: str) -> Measurement:
        """What is measured of it so far; raises RunError."""
        return read_measurement(self.run(), self.step, kind, settings().scheduler)


ShowMeasurements = Callable[[Sequence[Measurement]], None]


def live(measured_runs: Sequence[MeasuredRun], kind: str, hint: str, show: ShowMeasurements) -> None:
    """The controls of one kind of measurement for each of ``measured_runs``, and below them what ``show`` draws of it.

    hint: what is measured, shown beside the button.
    """
    active = [measured_run.measurement(kind).active for measured_run in measured_runs]
    frozen = False
    if any(active):
        _ = gettext()
        note = _("Stops the redrawing, to look closely.")
        frozen = st.toggle(_("Freeze the curve"), key=f"measure.freeze.{kind}", help=note)
    every = POLL_SECONDS if any(active) and not frozen else None
    st.fragment(_drawn, run_every=every)(tuple(measured_runs), kind, hint, show, active)


def _drawn(
    measured_runs: Sequence[MeasuredRun], kind: str, hint: str, show: ShowMeasurements, before: list[bool]
) -> None:
    measurements = [measured_run.measurement(kind) for measured_run in measured_runs]
    if [measurement.active for measurement in measurements] != before:
        st.rerun(scope="app")  # only it can start and stop the redrawing
    for measured_run, measurement in zip(measured_runs, measurements, strict=True):
        controls(measured_run, measurement, hint)
    show(measurements)


def controls(measured_run: MeasuredRun, measurement: Measurement, hint: str) -> None:
    """A row: the run's name, then a button to measure, progress with Cancel, or when it was done."""
    _ = gettext()
    key = f"measure.{measurement.kind}.{measured_run.run_id}.{measured_run.step}"
    if measurement.state == "failed":
        st.error(error_text(RunError(measurement.message, **measurement.message_values)))
    with st.container(horizontal=True, vertical_alignment="center", key=key.replace(".", "-")):
        if measured_run.name:
            st.markdown(f"**{measured_run.name}**", width="content")
        if measurement.active:
            st.progress(measurement.done / max(1, measurement.total), text=_progress(measurement))
            st.button(_("Cancel"), key=f"{key}.cancel", on_click=_cancel, args=(measured_run, measurement.kind))
            return
        if measurement.state == "done":
            sentence = _("Measured in {time} · step {step}")
            st.caption(sentence.format(time=duration(measurement.seconds, _), step=f"{measurement.step:,}"))
            return
        if st.button(_(AGAIN[measurement.state]), key=f"{key}.start", help=hint):
            try:
                with st.spinner(_("Asking for workers …")):
                    start_measurement(settings().scheduler, measured_run.run(), measured_run.step, measurement.kind)
            except UserError as error:
                st.error(error_text(error))
            else:
                st.rerun(scope="app")
        st.caption(hint if measurement.state == "absent" else _ended(measurement))


def _cancel(measured_run: MeasuredRun, kind: str) -> None:
    cancel_measurement(measured_run.run(), measured_run.step, kind)


def _ended(measurement: Measurement) -> str:
    _ = gettext()
    text = _("{done} of {total} measured, then {state}. What is measured stays.")
    return text.format(done=measurement.done, total=measurement.total, state=_(STATES[measurement.state]))


def _progress(measurement: Measurement) -> str:
    _ = gettext()
    parts = [_("{done} of {total} measured").format(done=measurement.done, total=measurement.total)]
    if measurement.state == "waiting":
        parts.append(_("waiting for a free worker"))
    if measurement.seconds_left is not None:
        parts.append(_("{time} left").format(time=duration(measurement.seconds_left, _)))
    return " · ".join(parts)


def table(measured_runs: Sequence[MeasuredRun], measurements: Sequence[Measurement]) -> pd.DataFrame:
    """Every measured point: run, where it is, the part of the data, accuracy and loss."""
    rows = [
        {
            "run": measured_run.run_id,
            "step": measurement.step,
            **_place(measurement, point.at),
            "part": point.part,
            "accuracy": measurement.accuracy[point.index],
            "loss": measurement.loss[point.index],
        }
        for measured_run, measurement in zip(measured_runs, measurements, strict=True)
        for point in measurement.points
    ]
    return pd.DataFrame(rows).dropna(subset=["accuracy"])


def _place(measurement: Measurement, at: tuple[float, ...]) -> dict[str, float]:
    if measurement.kind == "shift":
        return {"right": at[0], "down": at[1]}
    return {"checkpoint" if measurement.kind == "curves" else measurement.kind: at[0]}


def accuracy_at(measurement: Measurement, right: int, down: int) -> float:
    """Accuracy of a shift measurement at one shift, NaN where it is not measured yet."""
    return next(
        (float(measurement.accuracy[point.index]) for point in measurement.points if point.at == (right, down)),
        float("nan"),
    )


def label(run: Run) -> str:
    """A run in a line, as the selection bar has it."""
    return run_label(run, gettext(), named=False)
