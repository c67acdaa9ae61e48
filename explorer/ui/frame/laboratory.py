"""The frame of a book model's page: question, selection bar, settings, learning curve, and the opened run."""

from collections.abc import Callable

import streamlit as st

from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.ui.frame import selection
from explorer.ui.frame.bar import selection_bar, step_of
from explorer.ui.frame.explanations import explanation
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.run_caches import opened
from explorer.ui.training.data_choice import data_choice
from explorer.ui.training.live_curve import learning_curve
from explorer.ui.training.settings_form import settings_form
from models.errors import RunError, UserError


def book_page(
    model: str, title: str, question: str, show: Callable[[OpenRun], None], sample: Callable[[Run], None] | None = None
) -> None:
    """A page of the book: ``show`` draws the lens for the opened run, ``sample`` the choice of a sample."""
    _ = gettext()
    st.title(title)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(question, width="content")
        explanation(model)
    run = selection_bar(model, sample)
    with st.container(key="lens"):
        form, lens = st.columns([2, 5], gap="large")
    with form:
        source = data_choice(model)
        settings_form(model, source)
        if run is not None and not run.damage:
            learning_curve(run)
    with lens:
        if run is None:
            st.info(_("No run yet: press Train."))
            return
        _lens(run, show)


def _lens(run: Run, show: Callable[[OpenRun], None]) -> None:
    one = opened_or_said(run)
    if one is None:
        return
    try:
        show(one)
    except UserError as error:
        st.error(error_text(error))
        selection.change(sample="")


def opened_or_said(run: Run) -> OpenRun | None:
    """``run`` at the selected checkpoint; None where it cannot be opened, or not yet, which the page then says."""
    if run.state == "failed":
        st.error(error_text(RunError(run.status.message, **run.status.message_values)))
    try:
        return opened(run, step_of(run))
    except UserError as error:
        st.error(error_text(error)) if run.damage or not run.active else _wait(run)
        return None


def _wait(run: Run) -> None:
    """Nothing to look at yet: the first checkpoint appears within seconds."""
    _ = gettext()
    st.info(_("The training is about to start; its first checkpoint appears here by itself."))
    st.fragment(_redraw_when_ready, run_every=0.5)(run.id)


def _redraw_when_ready(run_id: str) -> None:
    from explorer.ui.frame.store import run_named

    run = run_named(run_id)
    if run.checkpoints or not run.active:
        st.rerun(scope="app")
