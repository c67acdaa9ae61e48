"""Opens the selected run for a page, or says on the page why it cannot be opened yet."""

import streamlit as st

from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.ui.frame.bar import step_of
from explorer.ui.frame.labels import failure
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.run_caches import opened
from explorer.ui.frame.store import run_named
from models.errors import UserError


def open_or_explain(run: Run) -> OpenRun | None:
    """``run`` at the selected checkpoint; None where it cannot be opened, or not yet, which the page then says."""
    error = None if run.damage else failure(run)
    if error is not None:
        st.error(error_text(error))
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
    run = run_named(run_id)
    if run.checkpoints or not run.active:
        st.rerun(scope="app")
