"""Dropout: one digit under many random masks, beside the network without them, and what a training makes of it."""

from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from explorer.chapters.digits.dropout_masks import DropoutPasses, dropout_passes
from explorer.figures.curves import CurveWords, Series, loss_curves
from explorer.figures.digits.dropout_spread import SpreadWords, spread
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run, create_run, read_metrics
from explorer.runs.torch_threads import one_thread
from explorer.ui.components.tiles_view import Sheet, tiles_view, units_tile
from explorer.ui.frame import selection
from explorer.ui.frame.charts import chart, in_language, is_dark, live_chart
from explorer.ui.frame.labels import PARTS, run_label
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import runs, settings
from models.errors import UserError

COUNT, SHARE, SEED, OTHER = "lab.dropout.n", "lab.dropout.p", "lab.dropout.seed", "lab.dropout.other"
MOST_MASKS, MOST_TILES = 200, 24
BOOK_SHARE = 0.5  # of a run that is laid beside one without dropout


def dropout(opened_run: OpenRun) -> None:
    """Masks, their effect on the answer, and two learning curves."""
    _ = gettext()
    st.fragment(_masked)(opened_run)  # its sliders must not draw the curves anew
    st.header(_("The learning curve with and without"))
    _curves(opened_run.run)


def _masked(opened_run: OpenRun) -> None:
    """The controls, and the current digit under the masks."""
    _ = gettext()
    sample = opened_run.sample(selection.current().sample)
    count, share, seed = _controls(_share_of(opened_run.run))
    with one_thread():  # small sums: two threads would mostly wait for each other
        passes = dropout_passes(opened_run.network, sample.inputs, share, count, seed)
    classes = opened_run.facts["classes"]
    left, right = st.columns([5, 6], gap="large")
    with left:
        st.header(_("Which units are silenced"))
        _units(passes)
    with right:
        st.header(_("How the answer scatters"))
        _answers(passes, classes)
        figure = spread(
            passes.probabilities,
            passes.even_probabilities,
            classes,
            title=_("Probabilities under the masks"),
            words=in_language(SpreadWords),
            dark=is_dark(),
        )
        live_chart(figure, "lab.dropout.spread", lambda: _table(passes, classes))


def _share_of(run: Run) -> float:
    """The dropout with which a run was trained; runs of old stores may not say it."""
    return float(run.settings.get("dropout", BOOK_SHARE))


def _controls(trained: float) -> tuple[int, float, int]:
    """Number of masks, p and seed; all act at once."""
    _ = gettext()
    st.session_state.setdefault(COUNT, 24)
    st.session_state.setdefault(SHARE, trained or BOOK_SHARE)
    st.session_state.setdefault(SEED, 0)
    number, share, again = st.columns([3, 3, 1], gap="medium", vertical_alignment="bottom")
    note = _("Takes effect at once. The network on the screen was trained with p = {p}.").format(p=f"{trained:g}")
    count = number.slider(
        _("Masks N"),
        1,
        MOST_MASKS,
        key=COUNT,
        persist_state="session",
        help=_("Takes effect at once; nothing is trained."),
    )
    p = share.slider(_("Dropout p"), 0.0, 0.95, step=0.05, key=SHARE, persist_state="session", help=note)
    again.button(_("Again"), key="lab.dropout.again", on_click=_again, help=_("Other random masks."))
    return count, p, int(st.session_state[SEED])


def _again() -> None:
    st.session_state[SEED] += 1


# ---- the masks


def _units(passes: DropoutPasses) -> None:
    """The hidden layer without dropout, on average over the masks, and under each mask."""
    _ = gettext()
    most = float(max(passes.even_hidden.max(), passes.hidden.max(), 1e-6))
    least = float(min(passes.even_hidden.min(), passes.hidden.min(), 0.0))
    # What is silenced has no colour; what is zero by itself has the colour of zero.
    masked = np.where(passes.kept, passes.hidden, np.nan)[:MOST_TILES]
    means = np.stack([passes.even_hidden, passes.hidden.mean(0)])
    shares = [f"{100 * (1 - kept.mean()):.0f} %" for kept in passes.kept[:MOST_TILES]]
    tiles_view(
        [
            Sheet(
                _("Hidden units"),
                units_tile(means),
                [_("evaluation: all units"), _("mean over the masks")],
                scale=(least, most),
                side=176,
            ),
            Sheet(
                _("Each mask"),
                units_tile(masked),
                shares,
                scale=(least, most),
                side=92,
                missing=_("silenced"),
            ),
        ],
        key="lab_dropout_units",
        shown=f"{len(passes.kept)} {passes.kept.mean():.4f}",
        data=lambda: _unit_table(passes),
    )
    text = _(
        "Each cell is a unit. An empty cell is silenced; the share of silenced units stands"
        " below. The others are multiplied by 1/(1 − p), so that the mean over many masks equals"
        " the value in evaluation mode."
    )
    st.caption(text)
    if len(passes.kept) > MOST_TILES:
        st.caption(_("The first {n} of {all} masks are drawn.").format(n=MOST_TILES, all=len(passes.kept)))


def _unit_table(passes: DropoutPasses) -> pd.DataFrame:
    _ = gettext()
    frame = pd.DataFrame(
        {
            _("Unit"): np.arange(1, len(passes.even_hidden) + 1),
            _("Evaluation"): passes.even_hidden,
            _("Mean over the masks"): passes.hidden.mean(0),
            _("Times silenced"): (~passes.kept).sum(0),
        }
    )
    each = pd.DataFrame(
        passes.hidden[:MOST_TILES].T, columns=[str(n + 1) for n in range(min(MOST_TILES, len(passes.kept)))]
    )
    return pd.concat([frame, each], axis=1)


def _answers(passes: DropoutPasses, classes: list[str]) -> None:
    """Training mode and evaluation mode side by side."""
    _ = gettext()
    said = int(passes.even_probabilities.argmax())
    answers = passes.probabilities.argmax(1)
    chances = passes.probabilities[:, said]
    same = int((answers == said).sum())
    evaluation, training = st.columns(2, gap="medium")
    evaluation.metric(
        _("Evaluation mode: every time"),
        _("{name} with {share}").format(name=classes[said], share=_percent(float(passes.even_probabilities[said]))),
    )
    training.metric(
        _("Training mode: probability of {name}").format(name=classes[said]),
        f"{_percent(float(chances.mean()))} ± {_percent(float(chances.std()))}",
        help=_("Mean and standard deviation over the masks."),
    )
    counts = np.bincount(answers, minlength=len(classes))
    others = ", ".join(
        f"{classes[place]} ({counts[place]})"
        for place in np.argsort(-counts, kind="stable")
        if counts[place] and place != said
    )
    text = _("{same} of {all} masks give the same answer.").format(same=same, all=len(answers))
    st.caption(f"{text} {_('The others say: {others}.').format(others=others)}" if others else text)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table(passes: DropoutPasses, classes: list[str]) -> pd.DataFrame:
    """A row a mask, evaluation mode first."""
    _ = gettext()
    frame = pd.DataFrame(np.vstack([passes.even_probabilities, passes.probabilities]), columns=classes)
    frame.insert(0, _("Mask"), [_("none"), *(str(n + 1) for n in range(len(passes.probabilities)))])
    return frame


# ---- two trainings


def _curves(run: Run) -> None:
    """The run's learning curve beside that of one with the other kind of dropout."""
    _ = gettext()
    others = [other for other in runs(run.model) if other.id != run.id and not other.damage]
    other = _other(run, others)
    shown = [run] if other is None else sorted([run, other], key=_share_of, reverse=True)
    frames = {each.id: pd.DataFrame(read_metrics(each), columns=["step", "epoch", "part", "loss"]) for each in shown}
    losses = pd.concat(frames.values())["loss"]
    top = float(losses.quantile(0.99)) * 1.05 if losses.notna().any() else 1.0
    for each, column in zip(shown, st.columns(len(shown), gap="medium"), strict=True):
        with column:
            _curve(each, frames[each.id], top)
    if other is None or (_share_of(run) == 0) == (_share_of(other) == 0):
        wanted = 0.0 if _share_of(run) else BOOK_SHARE
        text = (
            _("There is no run to compare it with yet.")
            if other is None
            else _("Both runs were trained either with dropout or without it.")
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(text, width="content")
            label = _("Train the same with p = {p}").format(p=f"{wanted:g}")
            if st.button(label, key="lab.dropout.train", help=_("Starts a training in the background.")):
                _train(run, wanted)
    st.caption(
        _(
            "Training losses are measured with dropout on, validation losses with dropout off: with dropout the"
            " validation loss may lie below the training loss."
        )
    )


def _other(run: Run, others: list[Run]) -> Run | None:
    """The run to lay beside: the chosen one, at first the most alike of those with the other kind of dropout."""
    _ = gettext()
    if not others:
        return None
    known = {other.id: other for other in others}
    if st.session_state.get(OTHER) not in known:
        st.session_state[OTHER] = min(others, key=lambda other: _unlike(run, other)).id
    st.selectbox(
        _("Compared with"),
        list(known),
        key=OTHER,
        persist_state="session",
        width=460,
        format_func=lambda name: f"p = {_share_of(known[name]):g} · {run_label(known[name], _, named=False)}",
    )
    return known[st.session_state[OTHER]]


def _unlike(run: Run, other: Run) -> tuple[bool, int]:
    """Smallest for a run that differs in having dropout or not, and in no other setting."""
    alike = (_share_of(run) == 0) == (_share_of(other) == 0)
    names = (run.settings.keys() | other.settings.keys()) - {"dropout"}
    return alike, sum(run.settings.get(name) != other.settings.get(name) for name in names)


def _curve(run: Run, records: pd.DataFrame, top: float) -> None:
    _ = gettext()
    share = _share_of(run)
    title = _("Loss with dropout, p = {p}").format(p=f"{share:g}") if share else _("Loss without dropout")
    series = []
    parts: tuple[Literal["train", "validation"], ...] = ("train", "validation")
    for part in parts:
        rows = records[records["part"] == part]
        series.append(Series(_(PARTS[part]), part, rows["step"], rows["loss"]))
    figure = loss_curves(series, title=title, words=in_language(CurveWords), height=280, dark=is_dark())
    figure.update_yaxes(range=[0, top])  # the same in both, so that they can be compared
    figure.update_layout(legend={"y": -0.24, "yanchor": "top"})  # a narrow page has no room beside the title
    chart(figure, f"lab.dropout.curve.{run.id}", lambda: records)


def _train(run: Run, share: float) -> None:
    """The same training with dropout ``share``, in the background; the selection stays where it is."""
    from explorer.runs.training_cluster import submit

    try:
        figure = create_run(settings().store, run.model, {**run.settings, "dropout": share}, run.source)
        submit(settings().scheduler, figure)
    except UserError as error:
        st.error(error_text(error))
        return
    st.session_state.pop(OTHER, None)
    st.rerun(scope="app")
