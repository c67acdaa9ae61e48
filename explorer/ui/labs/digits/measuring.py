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
class Subject:
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


Show = Callable[[Sequence[Measurement]], None]


def live(subjects: Sequence[Subject], kind: str, hint: str, show: Show) -> None:
    """The controls of one kind of measurement for each subject, and below them what ``show`` draws of it.

    hint: what is measured, told beside the button.
    """
    active = [subject.measurement(kind).active for subject in subjects]
    frozen = False
    if any(active):
        _ = gettext()
        note = _("Stops the redrawing, to look closely.")
        frozen = st.toggle(_("Freeze the curve"), key=f"measure.freeze.{kind}", help=note)
    every = POLL_SECONDS if any(active) and not frozen else None
    st.fragment(_drawn, run_every=every)(tuple(subjects), kind, hint, show, active)


def _drawn(subjects: Sequence[Subject], kind: str, hint: str, show: Show, before: list[bool]) -> None:
    found = [subject.measurement(kind) for subject in subjects]
    if [one.active for one in found] != before:
        st.rerun(scope="app")  # only it can start and stop the redrawing
    for subject, one in zip(subjects, found, strict=True):
        controls(subject, one, hint)
    show(found)


def controls(subject: Subject, found: Measurement, hint: str) -> None:
    """A row: the subject's name, then a button to measure, progress with Cancel, or when it was done."""
    _ = gettext()
    key = f"measure.{found.kind}.{subject.run_id}.{subject.step}"
    if found.state == "failed":
        st.error(error_text(RunError(found.message, **found.message_values)))
    with st.container(horizontal=True, vertical_alignment="center", key=key.replace(".", "-")):
        if subject.name:
            st.markdown(f"**{subject.name}**", width="content")
        if found.active:
            st.progress(found.done / max(1, found.total), text=_progress(found))
            st.button(_("Cancel"), key=f"{key}.cancel", on_click=_cancel, args=(subject, found.kind))
            return
        if found.state == "done":
            sentence = _("Measured in {time} · step {step}")
            st.caption(sentence.format(time=duration(found.seconds, _), step=f"{found.step:,}"))
            return
        if st.button(_(AGAIN[found.state]), key=f"{key}.start", help=hint):
            try:
                with st.spinner(_("Asking for workers …")):
                    start_measurement(settings().scheduler, subject.run(), subject.step, found.kind)
            except UserError as error:
                st.error(error_text(error))
            else:
                st.rerun(scope="app")
        st.caption(hint if found.state == "absent" else _ended(found))


def _cancel(subject: Subject, kind: str) -> None:
    cancel_measurement(subject.run(), subject.step, kind)


def _ended(found: Measurement) -> str:
    _ = gettext()
    text = _("{done} of {total} measured, then {state}. What is measured stays.")
    return text.format(done=found.done, total=found.total, state=_(STATES[found.state]))


def _progress(found: Measurement) -> str:
    _ = gettext()
    parts = [_("{done} of {total} measured").format(done=found.done, total=found.total)]
    if found.state == "waiting":
        parts.append(_("waiting for a free worker"))
    if found.seconds_left is not None:
        parts.append(_("{time} left").format(time=duration(found.seconds_left, _)))
    return " · ".join(parts)


def table(subjects: Sequence[Subject], found: Sequence[Measurement]) -> pd.DataFrame:
    """Every measured point: run, where it is, the part of the data, accuracy and loss."""
    rows = [
        {
            "run": subject.run_id,
            "step": one.step,
            **_place(one, point.at),
            "part": point.part,
            "accuracy": one.accuracy[point.index],
            "loss": one.loss[point.index],
        }
        for subject, one in zip(subjects, found, strict=True)
        for point in one.points
    ]
    return pd.DataFrame(rows).dropna(subset=["accuracy"])


def _place(found: Measurement, at: tuple[float, ...]) -> dict[str, float]:
    if found.kind == "shift":
        return {"right": at[0], "down": at[1]}
    return {"checkpoint" if found.kind == "curves" else found.kind: at[0]}


def accuracy_at(found: Measurement, right: int, down: int) -> float:
    """Accuracy of a shift measurement at one shift, NaN where it is not measured yet."""
    return next(
        (float(found.accuracy[point.index]) for point in found.points if point.at == (right, down)), float("nan")
    )


def label(run: Run) -> str:
    """A run in a line, as the selection bar has it."""
    return run_label(run, gettext(), named=False)
