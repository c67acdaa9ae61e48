"""Plays a run's checkpoints one after the other, as a film of its training. It only moves the selection."""

import time
from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from explorer.runs.folder import Run
from explorer.ui.frame import selection
from explorer.ui.frame.language import gettext

PLAYING = "bar.playing"  # id of the run that plays
SHOWN = "bar.played"  # when the present checkpoint came, in seconds
PAUSE = 0.6  # seconds that a checkpoint stays at least, where the page has no pace of its own; else the mean
LEAST_POLL = 0.1  # seconds

Pace = Callable[[Run], Mapping[int, float]]
"""Seconds that each checkpoint of a run stays, by its step."""


def play_button(run: Run, pace: Pace | None = None) -> None:
    """Play or pause; while it plays, the next checkpoint is selected after its time, up to the last.

    pace: of the page, called only while it plays; without it, each checkpoint stays ``PAUSE`` seconds.
    """
    _ = gettext()
    plays = st.session_state.get(PLAYING) == run.id
    # Two callbacks and not one that toggles: a click that Streamlit handles twice, or late, then means the same.
    st.button(
        _("Pause") if plays else _("Play"),
        key="bar.play",
        on_click=_pause if plays else partial(_play, run),
        width="content",
        help=_("Shows the checkpoints one after the other, each the longer the more changes until the next.")
        if pace
        else _("Shows the checkpoints one after the other."),
    )
    if plays:
        seconds = _seconds(run, pace)
        st.fragment(_advance, run_every=max(LEAST_POLL, seconds / 4))(run, seconds)


def _seconds(run: Run, pace: Pace | None) -> float:
    """How long the present checkpoint stays."""
    now = selection.current().checkpoint
    return pace(run).get(now, PAUSE) if pace and now is not None else PAUSE


def _pause() -> None:
    st.session_state[PLAYING] = None


def _play(run: Run) -> None:
    st.session_state[PLAYING] = run.id
    st.session_state[SHOWN] = time.monotonic()
    if selection.current().checkpoint in (None, run.checkpoints[-1]):
        selection.change(checkpoint=run.checkpoints[0])


def _advance(run: Run, seconds: float) -> None:
    # The fragment also runs with the page itself: only time moves the film on. The browser may ask for one more step
    # before it hears of the pause.
    if st.session_state.get(PLAYING) != run.id or time.monotonic() - st.session_state.get(SHOWN, 0.0) < seconds:
        return
    now = selection.current().checkpoint
    after = [step for step in run.checkpoints if now is not None and step > now]
    # The last one is not fixed to a step, as with the slider.
    selection.change(checkpoint=after[0] if len(after) > 1 else None)
    st.session_state[SHOWN] = time.monotonic()
    if len(after) < 2:
        st.session_state[PLAYING] = None
    st.rerun(scope="app")
