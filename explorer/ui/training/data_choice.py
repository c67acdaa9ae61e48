"""Which data the next training uses: the embedded ones, a file that was uploaded, or a download of the original."""

from pathlib import Path

import streamlit as st

from explorer.runs.data_sources import accept, known_sources
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import settings
from explorer.ui.training.data_downloads import download_button
from models.errors import N_, UserError

EMBEDDED = "embedded"
UPLOADS = {
    "bike": (N_("UCI hour.csv"), ["csv"]),
    "sentiment": (N_("good.txt and bad.txt, or a CSV with the columns text and label"), ["txt", "csv"]),
    "digits": (N_("The four MNIST files"), None),
}


def data_choice(model: str) -> Path | None:
    """Draw the choice; None for the embedded data, else the source for a run."""
    _ = gettext()
    sources = {path.as_posix(): path for path in known_sources(settings().store, model)}
    key = f"data.{model}"
    taken = st.session_state.pop(f"{key}.taken", None)
    if taken:
        st.session_state[key] = taken
        st.toast(_("Accepted: the next training uses these data."))
    if st.session_state.get(key) not in sources:
        st.session_state[key] = EMBEDDED
    if sources:
        st.selectbox(
            _("Data of the next training"),
            [EMBEDDED, *sources],
            key=key,
            format_func=lambda one: _("embedded") if one == EMBEDDED else _label(sources[one]),
            persist_state="session",
        )
    text, kinds = UPLOADS[model]
    with st.expander(_("Use other data")):
        files = st.file_uploader(
            _(text),
            kinds,
            accept_multiple_files=True,
            key=f"upload.{model}",
            max_upload_size=64,
            help=_("Checked when you press the button; the embedded data stay."),
        )
        if st.button(_("Check and use"), key=f"upload.{model}.use", disabled=not files):
            _take(model, {file.name: file.getvalue() for file in files})
        download_button(model)
    return sources.get(st.session_state[key])


def _label(path: Path) -> str:
    return f"{path.name} ({path.parent.name[:6]})" if path.is_file() else path.name[:6]


def _take(model: str, files: dict[str, bytes]) -> None:
    _ = gettext()
    try:
        with st.spinner(_("Reading the file …")):
            source = accept(settings().store, model, files)
    except UserError as error:
        st.error(error_text(error))
        return
    st.session_state[f"data.{model}.taken"] = source.as_posix()
    st.rerun()
