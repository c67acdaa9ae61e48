"""Downloads of the original data in a background thread, with progress and cancel; one at a time for each model."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import resolve_name

import streamlit as st

from explorer.runs.data.sources import adopt
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import settings
from models.catalogue import Download, OtherData, entry
from models.errors import N_, DataError, UserError


@dataclass
class RunningDownload:
    """A download in progress, or how the last one ended. done, total: bytes, total 0 while unknown."""

    done: int = 0
    total: int = 0
    error: UserError | None = None
    result: Path | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether bytes may still come."""
        return self.thread is not None and self.thread.is_alive()

    def progress(self, done: int, total: int) -> None:
        """Called for each piece; a cancel ends the download here."""
        if self.cancelled.is_set():
            raise DataError(N_("The download was cancelled."))
        self.done, self.total = done, total


@st.cache_resource(show_spinner=False)
def _downloads() -> dict[str, RunningDownload]:
    return {}


def download_button(model: str) -> None:
    """The button for the model's original data, and the progress of its download; nothing where there is none."""
    other = entry(model).data
    if other is not None and other.download:
        download = _downloads().get(model)
        st.fragment(_show, run_every=0.5 if download and download.running else None)(model, other)


def _show(model: str, other: OtherData) -> None:
    _ = gettext()
    download = _downloads().get(model)
    if download and download.running:
        share = download.done / download.total if download.total else 0.0
        st.progress(min(1.0, share), text=_("{n} MB").format(n=f"{download.done / 2**20:.1f}"))
        st.button(_("Cancel"), key=f"download.{model}.cancel", on_click=download.cancelled.set)
        return
    if download and download.result:
        _downloads().pop(model)
        st.session_state[f"data.{model}.accepted"] = download.result.as_posix()
        st.rerun(scope="app")
    if download and download.error:
        st.error(error_text(download.error))
    if st.button(_(other.download_label), key=f"download.{model}"):
        _start(model, resolve_name(other.download))
        st.rerun(scope="app")


def _start(model: str, fetch: Download) -> None:
    download = RunningDownload()
    store = settings().store  # a thread has no session

    def work() -> None:
        try:
            download.result = adopt(store, model, lambda folder: fetch(folder, download.progress))
        except UserError as error:
            download.error = error

    download.thread = threading.Thread(target=work, daemon=True)
    _downloads()[model] = download
    download.thread.start()
