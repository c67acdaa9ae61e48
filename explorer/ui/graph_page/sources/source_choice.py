"""The choice of what the graph page looks at: a run, an architecture of torchvision's zoo, or an ONNX file."""

from contextlib import nullcontext

import streamlit as st

from explorer.runs.as_written import as_written
from explorer.ui.frame import selection
from explorer.ui.frame.bar import selection_bar, step_of
from explorer.ui.frame.labels import Translate, plain, run_name
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.run_caches import opened
from explorer.ui.frame.selection import is_model_file
from explorer.ui.graph_page.sources.architecture_choice import architecture_choice
from explorer.ui.graph_page.sources.form_choice import FORM_AS_WRITTEN
from explorer.ui.graph_page.sources.input_choice import input_choice
from explorer.ui.graph_page.sources.selected_file import SelectedFile, newest_file, select_file_of, select_upload
from explorer.ui.graph_page.sources.upload_field import upload_field
from explorer.ui.inspector.file_subject import FileSubject
from explorer.ui.inspector.run_subject import RunSubject
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.labs.sample_choice import sample_choice
from models.errors import N_

SOURCES = {"run": N_("A run"), "zoo": N_("A model of torchvision"), "file": N_("An ONNX file")}
SOURCE = "graph.source"  # the key of the choice
SELECTED_KIND = "graph.source.of"  # the kind of the selection when the choice was drawn last


def chosen_source() -> str:
    """The key in SOURCES of what is looked at: as the selection names it, or as the person has just chosen.

    To be called before the choice is drawn.
    """
    kind, state = _kind(selection.current().run), st.session_state
    if SOURCE not in state or selection.is_fresh() or kind != state.get(SELECTED_KIND):
        # A link, another page or another choice: the selection names the source. Its kind decides and not its id: a
        # click while this page is first drawn starts the next script run beside the one that selects a run.
        state[SOURCE] = state[SELECTED_KIND] = kind
    return state[SOURCE] or "run"


def _kind(run_id: str) -> str:
    return run_id.split("-")[0] if is_model_file(run_id) else "run"


def chosen_file(file: SelectedFile, source: str) -> FileSubject | None:
    """The file's subject if it is of the kind ``source``."""
    return file.subject if selection.current().run.startswith(f"{source}-") else None


def subject_choice(file: SelectedFile) -> GraphSubject | None:
    """Draw the choice; None where there is nothing to look at yet, which the page has then said.

    file: as ``selected_file`` gives it.
    """
    _ = gettext()
    source = chosen_source()
    st.segmented_control(
        _("Look at"),
        list(SOURCES),
        key=SOURCE,
        format_func=lambda name: _(SOURCES[name]),
        label_visibility="collapsed",
        required=True,
    )
    subject = _subject(source, file, _)
    st.session_state[SELECTED_KIND] = _kind(selection.current().run)
    return subject


def _subject(source: str, file: SelectedFile, _: Translate) -> GraphSubject | None:
    if source == "zoo":
        return architecture_choice(file, chosen_file(file, "zoo"), _)
    return _upload_choice(file, _) if source == "file" else _run_choice(_)


def _run_choice(_: Translate) -> RunSubject | None:
    run = selection_bar(sample=sample_choice)
    if run is None:
        st.info(_("No run yet: train a model on its page first."))
        return None
    opened_run = opened(run, step_of(run))
    is_written = selection.current().form == FORM_AS_WRITTEN
    with st.spinner(_("Exporting the graph as written …")) if is_written else nullcontext():
        return RunSubject(opened_run, selection.current().sample, as_written(run) if is_written else None)


def _upload_choice(file: SelectedFile, _: Translate) -> FileSubject | None:
    with st.container(key="selection-bar"), st.container(horizontal=True, vertical_alignment="bottom"):
        upload_field(select_upload, key="graph-upload")
        error = file.upload_error or file.missing
        if error is not None:
            st.error(error_text(error))
        subject = chosen_file(file, "file")
        example = newest_file() if subject is None else None
        if example is not None:
            text = _("For example the file of {run}").format(run=run_name(example, _))
            st.button(text, key="graph.file.example", on_click=select_file_of, args=(example,))
        if subject is not None:
            st.caption(plain(subject.name))
            input_choice(subject, file.input_error, _)
        return subject
