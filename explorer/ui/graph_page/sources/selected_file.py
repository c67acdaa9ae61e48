"""The model file that the selection names, and the input that this session has given it. Nothing is drawn.

A page that knows its subject before it draws anything can draw the graph first.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import streamlit as st

from explorer.files.model_files import declared_inputs, read_input
from explorer.files.uploads import keep_upload, upload_named
from explorer.files.zoo import zoo_name, zoo_state
from explorer.runs.folder import Run
from explorer.ui.frame import selection
from explorer.ui.frame.run_caches import opened
from explorer.ui.frame.store import run_named, runs, settings
from explorer.ui.graph_page.page_state import page_state
from explorer.ui.inspector.file_subject import FileSubject
from explorer.ui.inspector.run_subject import RunSubject
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_, GraphError, UserError

UPLOADED = "graph.uploaded"  # names of this session's uploads by id: another person's are not listed
UPLOAD_ERROR = "graph.upload.error"  # why the last upload was refused, until it is shown
INPUTS = "graph.inputs"  # this session's inputs by the id of the file: (name, arrays)
INPUT_UPLOADER = "graph.input."  # the key of an input's uploader, before the file's id
LAST_INPUT = "graph.input.last"  # the id of the input that was read last


@dataclass(frozen=True)
class SelectedFile:
    """The file that the selection names, with its input.

    subject: None where there is nothing to look at (yet); a refused upload leaves the one before. upload_error,
    input_error: why the upload or the input that a person has just given is refused. missing: why what the selection
    names cannot be looked at.
    """

    subject: FileSubject | None = None
    upload_error: UserError | None = None
    input_error: UserError | None = None
    missing: UserError | None = None


def selected_file() -> SelectedFile:
    """The selection's file, after an input that has just been given is read."""
    upload_error: UserError | None = st.session_state.pop(UPLOAD_ERROR, None)
    try:
        subject = file_by_id(selection.current().run)
    except UserError as error:
        return SelectedFile(upload_error=upload_error, missing=error)
    if subject is None:
        return SelectedFile(upload_error=upload_error)
    input_error: UserError | None = None
    try:
        _read_new_input(subject)
    except UserError as error:
        input_error = error
    return SelectedFile(_with_input(subject), upload_error, input_error)


def subject_by_id(identity: str, checkpoint: int | None = None) -> GraphSubject:
    """A run at a checkpoint (None: the last) on its first sample, or a file on generated input; raises UserError."""
    if not selection.is_model_file(identity):
        return RunSubject(opened(run_named(identity), checkpoint), "")
    subject = file_by_id(identity)
    if subject is None:
        raise GraphError(N_("{name} is not exported yet."), name=identity)
    return subject


def select_upload(identity: str) -> None:
    """Select a new upload by its id, '' for one that was refused. An unknown id changes nothing."""
    if not identity:
        st.session_state[UPLOAD_ERROR] = page_state().upload_error
        return
    with suppress(GraphError):
        upload = upload_named(settings().store, identity)
        st.session_state.setdefault(UPLOADED, {})[upload.id] = upload.name
        selection.choose_run(upload.id, same_model=False)


def newest_file() -> Run | None:
    """The newest run with an exported file; None where there is none."""
    return next((run for run in runs() if run.onnx_path.is_file()), None)


def select_file_of(run: Run) -> None:
    """Select a run's exported file as if a person had sent it."""
    page, identity = page_state(), ""
    try:
        identity = keep_upload(settings().store, run.onnx_path.read_bytes(), f"{run.id}.onnx").id
    except UserError as error:
        page.upload_error = error
    select_upload(identity)


def file_by_id(identity: str) -> FileSubject | None:
    """None for a run, and for an architecture that is not exported yet. Raises GraphError for an unknown file."""
    if identity.startswith("file-"):
        upload = upload_named(settings().store, identity)
        return FileSubject(upload.id, upload.path, upload.name)
    return _exported_architecture(identity) if identity.startswith("zoo-") else None


def _exported_architecture(identity: str) -> FileSubject | None:
    path = zoo_state(settings().store, identity).path
    return None if path is None else FileSubject(identity, path, zoo_name(identity)[0])


def _read_new_input(subject: FileSubject) -> None:
    """Read an input that has just been given; raises UserError."""
    upload = st.session_state.get(INPUT_UPLOADER + subject.id)
    if upload is None or st.session_state.get(LAST_INPUT) == upload.file_id:
        return
    st.session_state[LAST_INPUT] = upload.file_id
    kind = upload.name.rsplit(".", 1)[-1].lower()
    values = read_input(upload.getvalue(), kind, declared_inputs(subject.graph))
    st.session_state.setdefault(INPUTS, {})[subject.id] = (upload.name, values)


def discard_input(subject: FileSubject) -> None:
    """Go back to the generated input."""
    st.session_state.get(INPUTS, {}).pop(subject.id, None)


def _with_input(subject: FileSubject) -> FileSubject:
    """``subject`` with the input that this session has given it, if any."""
    name, values = st.session_state.get(INPUTS, {}).get(subject.id, ("", None))
    return subject if values is None else replace(subject, given=values, input_name=name)
