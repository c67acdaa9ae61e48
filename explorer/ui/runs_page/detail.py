"""What can be done with one run: look inside, name it, export it, remove it; and its settings."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from explorer.chapters.exports import export_run
from explorer.chapters.tables import export_endings
from explorer.runs.folder import Run
from explorer.runs.names import LONGEST_NOTE, LONGEST_RUN_NAME, write_name
from explorer.ui.frame import selection
from explorer.ui.frame.labels import failure, plain, run_name
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.labs.chapter_page import chapter_page
from explorer.ui.runs_page.removal import removal_button
from explorer.ui.training.setting_texts import setting_texts
from models.catalogue import chapter_of, model_entries
from models.errors import UserError


def run_detail(run: Run) -> None:
    """Select ``run`` and draw all this for it."""
    _ = gettext()
    if selection.current().run != run.id:
        selection.choose_run(run.id, same_model=False)
    st.header(run_name(run, _))
    st.caption(plain(run.id))
    error = failure(run)
    if error is not None:
        st.error(error_text(error))
    if run.status.device:
        st.caption(_device_line(run))
    with st.container(horizontal=True, vertical_alignment="center"):
        if not run.damage and run.model in model_entries():
            st.page_link(chapter_page(chapter_of(run.model)), label=_("Look inside"))
            _download(run)
        removal_button(run)
    naming, settings = st.columns([2, 3], gap="large")
    with naming:
        _naming(run)
    if run.settings:
        settings.dataframe(
            pd.DataFrame(setting_texts(run.model, run.settings), columns=[_("Setting"), _("Value")]),
            hide_index=True,
        )


def _naming(run: Run) -> None:
    """Fields for the run's name and note; what is typed is kept at once."""
    _ = gettext()
    keys = f"runs.name.{run.id}", f"runs.note.{run.id}"

    def keep() -> None:
        try:
            write_name(run.path, st.session_state[keys[0]], st.session_state[keys[1]])
        except UserError as error:
            st.error(error_text(error))

    st.text_input(_("Name"), run.name, key=keys[0], max_chars=LONGEST_RUN_NAME, on_change=keep)
    st.text_area(_("Note"), run.note, key=keys[1], max_chars=LONGEST_NOTE, on_change=keep)


def _device_line(run: Run) -> str:
    """Where the run was trained, and what was measured to choose that device."""
    _ = gettext()
    device, rates = plain(run.status.device), run.status.device_rates
    if not rates:
        return _("Trained on {device}.").format(device=device)
    measured = ", ".join(f"{plain(name)} {rate:,.0f}" for name, rate in rates.items())
    return _("Trained on {device}, which a short measurement showed to be faster; samples per second: {rates}.").format(
        device=device, rates=measured
    )


def _download(run: Run) -> None:
    """The choice of a format, and the download of the run in it."""
    _ = gettext()
    if not run.checkpoints:
        return
    endings = export_endings(run.model)
    ending = st.selectbox(_("Format"), endings, key="runs.format", label_visibility="collapsed", width=160)
    st.download_button(
        _("Download"), lambda: _exported(run, ending), f"{run.id}{ending}", on_click="ignore", key="runs.download"
    )


def _exported(run: Run, ending: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{run.id}{ending}"
        export_run(run, None, path)
        return path.read_bytes()
