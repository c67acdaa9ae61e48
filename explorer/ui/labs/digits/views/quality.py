"""How good the network is: curves over its checkpoints, what it confuses, and the digits that it fails at."""

from functools import partial

import pandas as pd
import streamlit as st

from explorer.chapters.digits.image_sweeps import curve_sizes
from explorer.chapters.evaluation import (
    Indices,
    Predictions,
    confusion_counts,
    most_unsure,
    most_wrong,
    samples_in_cell,
    scores_by_class,
)
from explorer.figures.confusion import ConfusionWords, ScoreWords, class_scores, confusion_matrix
from explorer.figures.curves import CurveWords, accuracy_curves, loss_curves
from explorer.runs.checkpoint import OpenRun
from explorer.ui.components.tiles_view import tiles_view
from explorer.ui.frame import selection
from explorer.ui.frame.charts import chart, in_language, is_dark
from explorer.ui.frame.language import gettext
from explorer.ui.labs.digits.answers import answered, answers_of, scores_table
from explorer.ui.labs.digits.measuring import MeasureButton, Measured, MeasuredRun, live, table
from explorer.ui.labs.digits.recorded import measured_series, recorded_series, records
from models.errors import N_

PART, TRUTH, SAID = "lab.quality.part", "lab.quality.truth", "lab.quality.said"
LOG = "lab.quality.log"
MOST_PICTURES = 28  # tiles of one kind
NAMES: dict[str, str] = {"test": N_("Test"), "validation": N_("Validation"), "train": N_("Training")}


def quality(opened_run: OpenRun) -> None:
    """The confusion matrix first, then the digits that it fails at, then the curves."""
    _ = gettext()
    part = (
        st.segmented_control(
            _("Part of the data"),
            list(NAMES),
            key=PART,
            default="test",
            format_func=lambda name: _(NAMES[name]),
            required=True,
            persist_state="session",
            label_visibility="collapsed",
        )
        or "test"
    )
    with st.spinner(_("Asking the network about every picture …")):
        predictions = answers_of(opened_run, part)  # type: ignore[arg-type]
    left, right = st.columns([5, 6], gap="large")
    with left:
        _matrix(opened_run, predictions)
    with right:
        _cell(opened_run, predictions)
    st.header(_("The digits that it fails at"))
    st.caption(_("Below each: truth → answer · the answer's probability. A click makes it the digit of all views."))
    _failures(opened_run, predictions)
    st.header(_("Precision and recall of each digit"))
    _scores(predictions, opened_run.facts["classes"])
    st.header(_("While it was learning"))
    _curves(opened_run)


def _matrix(opened_run: OpenRun, predictions: Predictions) -> None:
    _ = gettext()
    classes: list[str] = opened_run.facts["classes"]
    for key, first in ((TRUTH, _worst(predictions)[0]), (SAID, _worst(predictions)[1])):
        st.session_state.setdefault(key, first)
    chosen = (st.session_state[TRUTH], st.session_state[SAID])

    def picked(point: int) -> None:
        st.session_state[TRUTH], st.session_state[SAID] = divmod(point, len(classes))

    counts = confusion_counts(predictions)
    title = _("{n} of {all} right: {share}").format(
        n=f"{counts.trace():,}", all=f"{len(predictions):,}", share=f"{predictions.accuracy:.2%}"
    )
    figure = confusion_matrix(
        counts, classes, title=title, chosen=chosen, words=in_language(ConfusionWords), dark=is_dark()
    )
    chart(figure, "lab-confusion", lambda: _as_table(counts, classes), picked)


def _worst(predictions: Predictions) -> tuple[int, int]:
    """The cell that is open at first: that of the worst mistake, or of the first class where there is none."""
    place = most_wrong(predictions, 1)
    return (int(predictions.targets[place[0]]), int(predictions.answers[place[0]])) if len(place) else (0, 0)


def _as_table(counts: Indices, classes: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(counts, columns=classes)
    frame.insert(0, gettext()("True digit"), classes)
    return frame


def _cell(opened_run: OpenRun, predictions: Predictions) -> None:
    """The pictures of the chosen cell, and another way to choose it."""
    _ = gettext()
    classes: list[str] = opened_run.facts["classes"]
    with st.container(horizontal=True):
        for title, key in ((_("True digit"), TRUTH), (_("Network's answer"), SAID)):
            st.selectbox(
                title, range(len(classes)), key=key, format_func=classes.__getitem__, width=150, persist_state="session"
            )
    truth, answer = st.session_state[TRUTH], st.session_state[SAID]
    places = samples_in_cell(predictions, truth, answer)
    title = _("{n} pictures of {truth} taken for {said}").format(
        n=len(places), truth=classes[truth], said=classes[answer]
    )
    if len(places) > MOST_PICTURES:
        title += " · " + _("the {n} that it is surest of").format(n=MOST_PICTURES)
    shown = places[:MOST_PICTURES]
    tiles_view(
        [answered(opened_run, predictions, shown, title)],
        key="lab_cell",
        picked=lambda _sheet, tile: _select(predictions, shown[tile]),
        shown=f"{opened_run.step} {truth} {answer}",
    )


def _failures(opened_run: OpenRun, predictions: Predictions) -> None:
    _ = gettext()
    groups = [most_wrong(predictions, MOST_PICTURES), most_unsure(predictions, MOST_PICTURES)]
    titles = (
        _("Most wrong: the truth was thought least likely"),
        _("Least certain: the two most probable classes lie closest"),
    )
    sheets = [answered(opened_run, predictions, places, title) for places, title in zip(groups, titles, strict=True)]
    tiles_view(
        sheets,
        key="lab_failures",
        picked=lambda sheet, tile: _select(predictions, groups[sheet][tile]),
        shown=str(opened_run.step),
    )


def _select(predictions: Predictions, place: int) -> None:
    selection.change(sample=predictions.key(int(place)))


def _scores(predictions: Predictions, classes: list[str]) -> None:
    _ = gettext()
    scores = scores_by_class(predictions)
    bars, numbers = st.columns([5, 4], gap="large")
    titles = (_("Digit"), _("Pictures"), _("Precision"), _("Recall"), "F1")
    frame = scores_table(predictions, classes, titles)
    figure = class_scores(
        [score.precision for score in scores],
        [score.recall for score in scores],
        classes,
        title=_("Precision and recall"),
        words=in_language(ScoreWords),
        height=390,
        dark=is_dark(),
    )
    with bars:
        chart(figure, "lab-scores", lambda: frame)
    percent = st.column_config.NumberColumn(format="percent")
    numbers.dataframe(
        frame, hide_index=True, height="content", column_config=dict.fromkeys(titles[2:], percent), key="lab.scores"
    )


def _curves(opened_run: OpenRun) -> None:
    _ = gettext()
    sizes = {f"{name}_n": f"{size:,}" for name, size in curve_sizes(opened_run).items()}
    hint = _(
        "Accuracy and loss at {n} checkpoints, of {train_n} training, {validation_n} validation and {test_n} test"
        " pictures."
    ).format(n=len(opened_run.run.checkpoints), **sizes)
    log = st.toggle(_("Logarithmic steps"), key=LOG, persist_state="session")
    measured_run = MeasuredRun(opened_run.run.id, opened_run.step)
    button = MeasureButton("curves", ("curves",), _("Measure"), hint)
    live([measured_run], [button], partial(_drawn_curves, measured_run, log))


def _drawn_curves(measured_run: MeasuredRun, log: bool, every: Measured) -> None:
    _ = gettext()
    measured = every["curves"]
    losses, shares = measured_series(measured[0]) if measured[0].done else recorded_series(measured_run.run())
    words, dark = in_language(CurveWords), is_dark()
    data = partial(table, [measured_run], measured) if measured[0].done else partial(records, measured_run.run())
    left, right = st.columns(2, gap="large")
    with left:
        title, accuracy = _("Accuracy over the checkpoints"), CurveWords(**{**vars(words), "value": _("Accuracy")})
        figure = accuracy_curves(
            shares, title=title, words=accuracy, log_steps=log, checkpoint=measured_run.step, dark=dark
        )
        chart(figure, "lab-accuracy", data)
    with right:
        title = _("Loss over the checkpoints")
        figure = loss_curves(losses, title=title, words=words, log_steps=log, checkpoint=measured_run.step, dark=dark)
        chart(figure, "lab-loss", data)
