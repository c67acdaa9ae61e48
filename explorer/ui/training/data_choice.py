"""Which data the next training uses: the embedded ones, a file that was uploaded, or a download of the original."""

from pathlib import Path

import streamlit as st

from explorer.runs.data.sources import accept, known_sources
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import settings
from explorer.ui.training.data_downloads import download_button
from models.catalogue import entry
from models.errors import UserError

EMBEDDED = "embedded"


def data_choice(model: str) -> Path | None:
    """Draw the choice for ``model`` (its name); None for the embedded data, else the source for a run.

    Nothing is drawn for a model that reads no other data.
    """
    _ = gettext()
    other = entry(model).data
    if other is None:
        return None
    sources = {path.as_posix(): path for path in known_sources(settings().store, model)}
    key = f"data.{model}"
    accepted = st.session_state.pop(f"{key}.accepted", None)
    if accepted:
        st.session_state[key] = accepted
        st.toast(_("Accepted: the next training uses these data."))
    if st.session_state.get(key) not in sources:
        st.session_state[key] = EMBEDDED
    if sources:
        st.selectbox(
            _("Data of the next training"),
            [EMBEDDED, *sources],
            key=key,
            format_func=lambda name: _("embedded") if name == EMBEDDED else _label(sources[name]),
            persist_state="session",
        )
    with st.expander(_("Use other data")):
        files = st.file_uploader(
            _(other.label),
            list(other.endings) or None,
            accept_multiple_files=True,
            key=f"upload.{model}",
            max_upload_size=64,
            help=_("Checked when you press the button; the embedded data stay."),
        )
        if st.button(_("Check and use"), key=f"upload.{model}.use", disabled=not files):
            _accept(model, {file.name: file.getvalue() for file in files})
        download_button(model)
    return sources.get(st.session_state[key])


def _label(path: Path) -> str:
    return f"{path.name} ({path.parent.name[:6]})" if path.is_file() else path.name[:6]


def _accept(model: str, files: dict[str, bytes]) -> None:
    _ = gettext()
    try:
        with st.spinner(_("Reading the file …")):
            source = accept(settings().store, model, files)
    except UserError as error:
        st.error(error_text(error))
        return
    st.session_state[f"data.{model}.accepted"] = source.as_posix()
    st.rerun()
