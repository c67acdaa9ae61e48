"""Removing a run: it is named and confirmed, and can be brought back for a day."""

import streamlit as st

from explorer.runs.folder import Run
from explorer.runs.removal import remove_run, removed_runs, restore_run
from explorer.ui.frame import selection
from explorer.ui.frame.labels import plain, run_label
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import settings
from models.errors import UserError

ASKED = "runs.removal.asked"  # id of the run whose removal is being confirmed
REMOVED = "runs.removal.last"  # id of the run that was removed last
ERROR = "runs.removal.error"


def removal_button(run: Run) -> None:
    """The button that asks for the removal of ``run``, and the question."""
    _ = gettext()
    if st.button(_("Remove"), key="runs.remove", disabled=run.active):
        st.session_state[ASKED] = run.id
    if st.session_state.get(ASKED) == run.id:  # asked again in each run of the page, which a training may cause
        _ask(run)


def _ask(run: Run) -> None:
    _ = gettext()

    @st.dialog(_("Remove this run?"), on_dismiss=_forget)
    def ask() -> None:
        st.markdown(f"**{plain(run_label(run, _))}**  \n{plain(run.id)}")
        st.markdown(_("Its checkpoints, curves and exported graph go with it. You can bring it back for a day."))
        with st.container(horizontal=True):
            if st.button(_("Remove"), key="runs.remove.sure", type="primary"):
                _remove(run)
                st.rerun()
            if st.button(_("Keep"), key="runs.remove.not"):
                _forget()
                st.rerun()

    ask()


def _forget() -> None:
    st.session_state[ASKED] = None


def _remove(run: Run) -> None:
    _forget()
    try:
        remove_run(run)
    except UserError as error:
        st.session_state[ERROR] = error
        return
    st.session_state[REMOVED] = run.id
    selection.choose_run("", same_model=False)


def bring_back() -> None:
    """Undo for the run that was removed last, and the list of all that can be brought back."""
    _ = gettext()
    error = st.session_state.pop(ERROR, None)
    if error is not None:
        st.error(error_text(error))
    removed = removed_runs(settings().store)
    if not removed:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="runs-removed"):
        last = next((run for run in removed if run.id == st.session_state.get(REMOVED)), None)
        if last is not None:
            st.markdown(_("Removed: {run}").format(run=plain(run_label(last, _))), width="content")
            st.button(_("Undo"), key="runs.undo", on_click=_restore, args=(last.id,))
        with st.popover(_("Removed runs ({n})").format(n=len(removed)), type="tertiary"):
            st.caption(_("Removed within the last day; after that they are deleted for good."))
            for run in removed:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(plain(run_label(run, _)))
                    st.button(_("Bring back"), key=f"runs.restore.{run.id}", on_click=_restore, args=(run.id,))


def _restore(run_id: str) -> None:
    try:
        run = restore_run(settings().store, run_id)
    except UserError as error:
        st.session_state[ERROR] = error
        return
    st.session_state[REMOVED] = None
    selection.choose_run(run.id, same_model=False)
