"""What is training now, live on every page: progress, time left, Cancel, and how the last training ended."""

import streamlit as st

from explorer.runs.folder import Run, cancel_requested, request_cancel
from explorer.runs.report import divergence
from explorer.ui.frame import selection
from explorer.ui.frame.labels import (
    PHASES,
    STATES,
    Translate,
    duration,
    failure,
    plain,
    result_sentence,
    run_name,
    state_text,
)
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import run_named, runs
from models.errors import UserError

POLL_SECONDS = 1.0
IDLE_SECONDS = 2.0  # between two looks for a training that was started elsewhere
FOLLOWED = "training.followed"  # run whose last checkpoint the page shows, and how many checkpoints it had then
ENDED = "training.ended"  # the run whose end is said: that ended last while this person looked on, or was started here


def training_now(every: tuple[Run, ...], watch: bool = False) -> None:
    """Progress of every run of ``every`` that waits or trains, live.

    The page is drawn anew when one of them ends, and when the run that ``follow`` has named has a new checkpoint.
    watch: also where nothing trains, the page waits for trainings that are started elsewhere, and for late results.
    """
    active = [run.id for run in every if run.active]
    st.session_state[FOLLOWED] = None
    with st.container():  # there without a training, too: what stands below keeps its place
        if active:
            st.fragment(_progress, run_every=POLL_SECONDS)(active)
        else:
            _how_it_ended()
    last = st.session_state.get(ENDED)
    has_late_results = any(run.id == last and run.state == "cancelled" and not run.status.metrics for run in every)
    if (watch or has_late_results) and not active:
        st.fragment(_look_for_more, run_every=IDLE_SECONDS if every else POLL_SECONDS)(_seen(every))


def follow(run: Run) -> None:
    """While ``run`` trains, each new checkpoint draws the page anew, unless another checkpoint is selected."""
    if run.active and selection.current().checkpoint is None:
        st.session_state[FOLLOWED] = run.id, len(run.checkpoints)


def announce_end(run_id: str) -> None:
    """Say how the run called ``run_id`` ended once it has, even if no page ever sees it train."""
    st.session_state[ENDED] = run_id


def _progress(before: list[str]) -> None:
    every = {run.id: run for run in runs()}
    now = [run for run in every.values() if run.active]
    ended = [run_id for run_id in before if run_id not in {run.id for run in now}]
    if ended:
        announce_end(ended[0])
    followed = st.session_state.get(FOLLOWED)
    has_newer = followed and followed[0] in every and len(every[followed[0]].checkpoints) != followed[1]
    if has_newer or [run.id for run in now] != before:
        st.rerun(scope="app")
    for run in reversed(now):
        _progress_row(run)


def _progress_row(run: Run) -> None:
    _ = gettext()
    with st.container(horizontal=True, vertical_alignment="center", key=f"progress-{run.id}"):
        share = run.status.step / run.status.steps if run.status.steps else 0.0
        st.progress(min(1.0, share), text=_progress_text(run, _))
        asked = cancel_requested(run.path)
        st.button(
            _("Cancelling…") if asked else _("Cancel"),
            key=f"cancel-{run.id}",
            disabled=asked,
            on_click=request_cancel,
            args=(run,),
        )


def _progress_text(run: Run, _: Translate) -> str:
    status = run.status
    parts = [f"**{run_name(run, _)}**", _(PHASES.get(status.phase, STATES[run.state]))]
    if divergence(run) is not None:
        parts.append(f":red[{_('diverging')}]")
    if status.steps:
        parts.append(_("epoch {epoch} of {epochs}").format(epoch=status.epoch, epochs=run.settings.get("epochs")))
    if status.seconds_left is not None:
        parts.append(_("{time} left").format(time=duration(status.seconds_left, _)))
    return " · ".join(parts)


def _how_it_ended() -> None:
    """The end of the training that ended last, until it is closed or another one begins."""
    _ = gettext()
    run_id = st.session_state.get(ENDED)
    if not run_id:
        return
    try:
        run = run_named(run_id)
    except UserError:  # removed since
        st.session_state[ENDED] = None
        return
    if run.active:
        return
    text = f"**{run_name(run, _)}** · {state_text(run, _)}"
    error = failure(run)
    if error is not None:
        text += f" · :red[{error_text(error)}]"
    elif result := result_sentence(run, _):
        text += " · " + (f":red[{plain(result)}]" if divergence(run) else result)
    with st.container(horizontal=True, vertical_alignment="center", key="training-ended"):
        st.markdown(text, width="stretch")
        st.button(_("Close"), key="training.ended.close", type="tertiary", on_click=_close)


def _close() -> None:
    st.session_state[ENDED] = None


def _seen(every: tuple[Run, ...]) -> dict[str, bool]:
    """The runs by id, and whether they have results: those of a cancelled training come a moment after its end."""
    return {run.id: bool(run.status.metrics) for run in every}


def _look_for_more(known: dict[str, bool]) -> None:
    now = _seen(runs())
    if now != known:
        new = [run_id for run_id in now if run_id not in known]
        if new:
            announce_end(new[0])
        st.rerun(scope="app")
