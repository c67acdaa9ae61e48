"""How far a digit may be changed before the network fails: shifts as a map, other changes as curves, two runs beside.

Every point is measured on the server's workers, over some pictures of the test file for a first answer, or over all;
this view only shows it, and with it the number of pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from explorer.chapters.digits.image_sweeps import SampleSizes, sample_sizes, sampled_name
from explorer.chapters.measurement_groups import fuller
from explorer.chapters.measurements import Measurement
from explorer.figures.digits.image_sweeps import ShiftWords, Sweep, SweepWords, difference_map, shift_map, sweep_curves
from explorer.runs.checkpoint import OpenRun
from explorer.ui.frame.charts import chart, in_language, is_dark
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import runs
from explorer.ui.labs.digits.measuring import MeasureButton, Measured, MeasuredRun, accuracy_at, label, live, table
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
    """Two buttons, for a first answer and for the whole; the shifts of one run, or of two and their difference; below,
    the curves of both.
    """
    measured_runs = _measured_runs(opened_run)
    sizes = sample_sizes(opened_run)
    live(measured_runs, _buttons(sizes), partial(_figures, measured_runs, sizes))


def _buttons(sizes: SampleSizes) -> tuple[MeasureButton, MeasureButton]:
    _ = gettext()
    kinds = ("shift", *CURVES)
    some, every = f"{sizes.sampled:,}", f"{sizes.whole:,}"
    first = _("{some} of the {all} pictures of the test file for each point").format(some=some, all=every)
    whole = _("{all} pictures for each point").format(all=every)
    as_long = _("the whole answer, which takes {n} times as long").format(n=sizes.times)
    return (
        MeasureButton(
            "sample",
            tuple(map(sampled_name, kinds)),
            _("Measure {n} pictures").format(n=some),
            first,
            _("a first answer in seconds"),
            primary=True,
        ),
        MeasureButton("whole", kinds, _("Measure all {n} pictures").format(n=every), whole, as_long),
    )


def _figures(measured_runs: Sequence[MeasuredRun], sizes: SampleSizes, measured: Measured) -> None:
    """The four figures, each of all pictures or of some, whichever has more points."""
    _ = gettext()
    # One run: two rows of two. Two runs: three maps in a row, and the curves below.
    places = (
        [*st.columns(2, gap="large"), *st.columns(2, gap="large")]
        if len(measured_runs) == 1
        else [st.container(), *st.columns(len(CURVES), gap="large")]
    )
    titles = {"shift": _("Shifted")} | {kind: _(curve.name) for kind, curve in CURVES.items()}
    for place, (kind, title) in zip(places, titles.items(), strict=True):
        shown = fuller(measured[kind], measured[sampled_name(kind)])
        pictures = sizes.whole if shown is measured[kind] else sizes.sampled
        with place:
            st.header(title)
            if kind == "shift":
                _shifts(measured_runs, shown, pictures)
            else:
                _curve(measured_runs, kind, shown, pictures)


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


def _shifts(measured_runs: Sequence[MeasuredRun], measurements: Sequence[Measurement], pictures: int) -> None:
    _ = gettext()
    words, dark = in_language(ShiftWords), is_dark()
    words = replace(words, accuracy=_accuracy_of(pictures))
    for measured_run, measurement in zip(measured_runs, measurements, strict=True):
        sentence = _sentence(measurement, pictures)
        if sentence:
            st.markdown(f"**{measured_run.name}** {sentence}" if measured_run.name else sentence)
    columns = st.columns(3, gap="medium") if len(measurements) == 2 else [st.container()]
    for column, measured_run, measurement in zip(columns, measured_runs, measurements, strict=False):
        title = (
            _("Accuracy of {run}, {n} pictures").format(run=measured_run.name, n=f"{pictures:,}")
            if measured_run.name
            else _("Accuracy after a shift, {n} pictures").format(n=f"{pictures:,}")
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


def _accuracy_of(pictures: int) -> str:
    """The name of an axis: what is counted, and of how many pictures."""
    return gettext()("Accuracy, {n} pictures").format(n=f"{pictures:,}")


def _sentence(measurement: Measurement, pictures: int) -> str:
    """What became of the book's three pixels; '' before they are measured."""
    _ = gettext()
    far = BOOK_SHIFT
    places = {"still": (0, 0), "left": (-far, 0), "right": (far, 0), "up": (0, -far), "down": (0, far)}
    shares = {name: accuracy_at(measurement, *place) for name, place in places.items()}
    if any(share != share for share in shares.values()):
        return ""
    text = _(
        "The book's shift of {n} pixels: of {pictures} pictures {still} are right without a shift, {left} after a shift"
        " to the left, {right} to the right, {up} up, {down} down."
    )
    return text.format(n=far, pictures=f"{pictures:,}", **{name: f"{share:.1%}" for name, share in shares.items()})


def _curve(measured_runs: Sequence[MeasuredRun], kind: str, measurements: Sequence[Measurement], pictures: int) -> None:
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
        words=replace(in_language(SweepWords), accuracy=_accuracy_of(pictures)),
        dark=is_dark(),
    )
    chart(figure, f"lab-{kind}", partial(table, measured_runs, measurements))
