"""How far a digit may be changed before the network fails: shifts as a map, other changes as curves, two runs beside.

Every point is measured over all 10,000 pictures of the test file, on the server's workers; this view only shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explorer.chapters.measurements import Measurement
from explorer.figures.digits.image_sweeps import ShiftWords, Sweep, SweepWords, difference_map, shift_map, sweep_curves
from explorer.runs.checkpoint import OpenRun
from explorer.ui.frame.charts import chart, in_language, is_dark
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import runs
from explorer.ui.labs.digits.measuring import MeasuredRun, accuracy_at, label, live, table
from models.errors import N_

OTHER = "lab.robustness.other"
BOOK_SHIFT = 3  # pixels


@dataclass(frozen=True)
class RobustnessCurve:
    """How a change is drawn. title: of its figure. unchanged: the place that changes nothing. ends: of the axis.

    tick: distance of the axis' numbers. suffix: the places' unit.
    """

    name: str
    title: str
    axis: str
    unchanged: float
    ends: tuple[float, float]
    tick: float
    suffix: str = ""


CURVES: dict[str, RobustnessCurve] = {
    "rotation": RobustnessCurve(
        N_("Turned"), N_("Accuracy of turned digits"), N_("Angle, counter-clockwise"), 0, (-90, 90), 30, "°"
    ),
    "scale": RobustnessCurve(N_("Scaled"), N_("Accuracy of scaled digits"), N_("Size"), 1, (0.5, 1.5), 0.25, "×"),
    "noise": RobustnessCurve(
        N_("Made noisy"), N_("Accuracy of noisy digits"), N_("Noise: standard deviation, ink is 1"), 0, (0, 1), 0.25
    ),
}


def robustness(opened_run: OpenRun) -> None:
    """The shifts of one run, or of two and their difference; below, the curves of both."""
    _ = gettext()
    measured_runs = _measured_runs(opened_run)
    # One run: two rows of two. Two runs: three maps in a row, and the curves below.
    places = (
        [*st.columns(2, gap="large"), *st.columns(2, gap="large")]
        if len(measured_runs) == 1
        else [st.container(), *st.columns(len(CURVES), gap="large")]
    )
    with places[0]:
        st.header(_("Shifted"))
        live(measured_runs, "shift", _("169 shifts of 10,000 pictures each."), partial(_shifts, measured_runs))
    for place, kind in zip(places[1:], CURVES, strict=True):
        with place:
            st.header(_(CURVES[kind].name))
            live(measured_runs, kind, _("10,000 pictures for each point."), partial(_curve, measured_runs, kind))


def _measured_runs(opened_run: OpenRun) -> list[MeasuredRun]:
    """The selected run, and the one that stands beside it where one is chosen."""
    _ = gettext()
    others = {
        run.id: run
        for run in runs(opened_run.run.model)
        if run.checkpoints and not run.damage and run.id != opened_run.run.id
    }
    if not others:
        st.caption(_("Train a second network, for instance without pooling, to see both side by side."))
        return [MeasuredRun(opened_run.run.id, opened_run.step)]
    if st.session_state.get(OTHER) not in others:
        st.session_state[OTHER] = None
    chosen = st.selectbox(
        _("Beside it"),
        list(others),
        index=None,
        key=OTHER,
        format_func=lambda run_id: label(others[run_id]),
        placeholder=_("another run"),
        width=420,
        help=_("At its last checkpoint."),
        persist_state="session",
    )
    if chosen is None:
        return [MeasuredRun(opened_run.run.id, opened_run.step)]
    other = others[chosen]
    with st.container():
        st.markdown(_("A is the selected run: {run}").format(run=label(opened_run.run)))
        st.markdown(_("B stands beside it: {run}").format(run=label(other)))
    return [MeasuredRun(opened_run.run.id, opened_run.step, "A"), MeasuredRun(other.id, other.checkpoints[-1], "B")]


def _shifts(measured_runs: Sequence[MeasuredRun], measurements: Sequence[Measurement]) -> None:
    _ = gettext()
    words, dark = in_language(ShiftWords), is_dark()
    for measured_run, measurement in zip(measured_runs, measurements, strict=True):
        sentence = _sentence(measurement)
        if sentence:
            st.markdown(f"**{measured_run.name}** {sentence}" if measured_run.name else sentence)
    columns = st.columns(3, gap="medium") if len(measurements) == 2 else [st.container()]
    for column, measured_run, measurement in zip(columns, measured_runs, measurements, strict=False):
        title = (
            _("Accuracy of {run}").format(run=measured_run.name) if measured_run.name else _("Accuracy after a shift")
        )
        with column:
            chart(
                shift_map(measurement.grid(), title=title, words=words, dark=dark),
                f"lab-shift-{measured_run.name or 'A'}",
                partial(table, [measured_run], [measurement]),
            )
    if len(measurements) == 2:
        title = _("A minus B, percentage points")
        gap = difference_map(measurements[0].grid(), measurements[1].grid(), title=title, words=words, dark=dark)
        with columns[2]:
            chart(gap, "lab-shift-difference", partial(table, measured_runs, measurements))


def _sentence(measurement: Measurement) -> str:
    """What became of the book's three pixels; '' before they are measured."""
    _ = gettext()
    far = BOOK_SHIFT
    places = {"still": (0, 0), "left": (-far, 0), "right": (far, 0), "up": (0, -far), "down": (0, far)}
    shares = {name: accuracy_at(measurement, *place) for name, place in places.items()}
    if any(share != share for share in shares.values()):
        return ""
    text = _(
        "The book's shift of {n} pixels: {still} are right without a shift, {left} after a shift"
        " to the left, {right} to the right, {up} up, {down} down."
    )
    return text.format(n=far, **{name: f"{share:.1%}" for name, share in shares.items()})


def _curve(measured_runs: Sequence[MeasuredRun], kind: str, measurements: Sequence[Measurement]) -> None:
    _ = gettext()
    curve = CURVES[kind]
    lines = [
        Sweep(measured_run.name or _("Accuracy"), *measurement.series()[:2])
        for measured_run, measurement in zip(measured_runs, measurements, strict=True)
    ]
    figure = sweep_curves(
        lines,
        title=_(curve.title),
        axis=_(curve.axis),
        unchanged=curve.unchanged,
        ends=curve.ends,
        tick=curve.tick,
        suffix=curve.suffix,
        words=in_language(SweepWords),
        dark=is_dark(),
    )
    chart(figure, f"lab-{kind}", partial(table, measured_runs, measurements))
