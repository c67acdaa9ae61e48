"""A measurement on a page: its button, progress with time left, cancel, and how it ended. It measures nothing itself.

``live`` redraws what is measured once a second while somebody measures, and the whole page when that ends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from explorer.chapters.measurement_groups import MeasurementGroup, cancel_group, start_group
from explorer.chapters.measurements import Measurement, read_measurement
from explorer.runs.folder import Run
from explorer.ui.frame.labels import duration, run_label
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import run_named, settings
from models.errors import N_, RunError, UserError

POLL_SECONDS = 1.0
AGAIN = {"cancelled": N_("Go on"), "interrupted": N_("Go on"), "failed": N_("Try again")}
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


@dataclass(frozen=True)
class MeasureButton:
    """What one button measures.

    key: of the button. kinds: the measurements, all together. text: of the button before anything is measured. what: is
    measured, beside the button. cost: how long it takes, '' where nothing is said of it. primary: whether it is the one
    to press first.
    """

    key: str
    kinds: tuple[str, ...]
    text: str
    what: str
    cost: str = ""
    primary: bool = False


Measured = Mapping[str, Sequence[Measurement]]
"""Kind → its measurement of each run."""
ShowMeasurements = Callable[[Measured], None]


def live(measured_runs: Sequence[MeasuredRun], buttons: Sequence[MeasureButton], show: ShowMeasurements) -> None:
    """The buttons for each of ``measured_runs``, and below them what ``show`` draws of all that they measure.

    The buttons begin with the least exact: one is not shown any more where a later one has measured all.
    """
    active = _active(_measured(measured_runs, buttons))
    frozen = False
    if any(active):
        _ = gettext()
        note = _("Stops the redrawing, to look closely.")
        frozen = st.toggle(_("Freeze the curve"), key=f"measure.freeze.{buttons[0].key}", help=note)
    every = POLL_SECONDS if any(active) and not frozen else None
    st.fragment(_drawn, run_every=every)(tuple(measured_runs), tuple(buttons), show, active)


def _measured(measured_runs: Sequence[MeasuredRun], buttons: Sequence[MeasureButton]) -> Measured:
    kinds = [kind for button in buttons for kind in button.kinds]
    return {kind: [measured_run.measurement(kind) for measured_run in measured_runs] for kind in kinds}


def _active(measured: Measured) -> list[bool]:
    return [measurement.active for measurements in measured.values() for measurement in measurements]


def _drawn(
    measured_runs: Sequence[MeasuredRun],
    buttons: Sequence[MeasureButton],
    show: ShowMeasurements,
    before: list[bool],
) -> None:
    measured = _measured(measured_runs, buttons)
    if any(before) != any(_active(measured)):
        st.rerun(scope="app")  # only it can start and stop the redrawing
    for i, measured_run in enumerate(measured_runs):
        groups = [MeasurementGroup(tuple(measured[kind][i] for kind in button.kinds)) for button in buttons]
        for place, (button, group) in enumerate(zip(buttons, groups, strict=True)):
            if all(later.state != "done" for later in groups[place + 1 :]):
                _controls(button, measured_run, group)
    show(measured)


def _controls(button: MeasureButton, measured_run: MeasuredRun, group: MeasurementGroup) -> None:
    """A row: the run's name, then a button to measure, progress with Cancel, or when it was done."""
    _ = gettext()
    key = f"measure.{button.key}.{measured_run.run_id}.{measured_run.step}"
    if group.failed is not None:
        st.error(error_text(RunError(group.failed.message, **group.failed.message_values)))
    with st.container(horizontal=True, vertical_alignment="center", key=key.replace(".", "-")):
        if measured_run.name:
            st.markdown(f"**{measured_run.name}**", width="content")
        if group.active:
            st.progress(group.done / max(1, group.total), text=_progress(group))
            st.button(_("Cancel"), key=f"{key}.cancel", on_click=_cancel, args=(measured_run, button.kinds))
            return
        if group.state == "done":
            sentence = _("Measured in {time} · step {step}")
            text = sentence.format(time=duration(group.seconds, _), step=f"{measured_run.step:,}")
            st.caption(f"{button.what} · {text}")
            return
        text = button.text if group.state == "absent" else _(AGAIN[group.state])
        kind: Literal["primary", "secondary"] = "primary" if button.primary else "secondary"
        if st.button(text, key=f"{key}.start", type=kind):
            try:
                with st.spinner(_("Asking for workers …")):
                    start_group(settings().scheduler, measured_run.run(), measured_run.step, button.kinds)
            except UserError as error:
                st.error(error_text(error))
            else:
                st.rerun(scope="app")
        parts = (button.what, button.cost if group.state == "absent" else _ended(group))
        st.caption(" · ".join(part for part in parts if part))


def _cancel(measured_run: MeasuredRun, kinds: Sequence[str]) -> None:
    cancel_group(measured_run.run(), measured_run.step, kinds)


def _ended(group: MeasurementGroup) -> str:
    _ = gettext()
    text = _("{done} of {total} measured, then {state}. What is measured stays.")
    return text.format(done=group.done, total=group.total, state=_(STATES[group.state]))


def _progress(group: MeasurementGroup) -> str:
    _ = gettext()
    parts = [_("{done} of {total} measured").format(done=group.done, total=group.total)]
    if group.state == "waiting" and not group.done:
        parts.append(_("waiting for a free worker"))
    if group.seconds_left is not None:
        parts.append(_("{time} left").format(time=duration(group.seconds_left, _)))
    return " · ".join(parts)


def table(measured_runs: Sequence[MeasuredRun], measurements: Sequence[Measurement]) -> pd.DataFrame:
    """Every measured point: run, what was measured, where it is, the part of the data, accuracy and loss."""
    rows = [
        {
            "run": measured_run.run_id,
            "step": measurement.step,
            "measurement": measurement.kind,
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
    kind = measurement.definition
    if kind.grid is not None:
        return {"right": at[0], "down": at[1]}
    return {"checkpoint" if kind.every_checkpoint else kind.coordinates[0]: at[0]}


def accuracy_at(measurement: Measurement, right: int, down: int) -> float:
    """Accuracy of a shift measurement at one shift, NaN where it is not measured yet."""
    return next(
        (float(measurement.accuracy[point.index]) for point in measurement.points if point.at == (right, down)),
        float("nan"),
    )


def label(run: Run) -> str:
    """A run in a line, as the selection bar has it."""
    return run_label(run, gettext(), named=False)
