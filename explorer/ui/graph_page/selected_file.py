"""The model file that the graph page looks at, and its input. Nothing is drawn.

A page that knows its subject before it draws anything can draw the graph first.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import streamlit as st

from explorer.files.model_files import declared_inputs, read_input
from explorer.files.uploads import upload_named
from explorer.files.zoo import zoo_name, zoo_state
from explorer.ui.frame import selection
from explorer.ui.frame.run_caches import opened
from explorer.ui.frame.store import run_named, settings
from explorer.ui.graph_page.page_state import page_state
from explorer.ui.inspector.file_subject import FileSubject
from explorer.ui.inspector.run_subject import RunSubject
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_, GraphError, UserError

UPLOADED = "graph.uploaded"  # names of this session's uploads by id: another person's are not listed
REFUSED = "graph.refused"  # why the file that has just arrived cannot be kept
INPUTS = "graph.inputs"  # of this session, by the id of the file
INPUT = "graph.input."  # the key of an input's uploader, before the file's id
TAKEN = "graph.input.taken"


@dataclass(frozen=True)
class SelectedFile:
    """subject: None where there is nothing to look at (yet). upload_refused, input_refused: why what a person has just
    given cannot be taken; missing: why what the selection names cannot be looked at."""

    subject: FileSubject | None = None
    upload_refused: UserError | None = None
    input_refused: UserError | None = None
    missing: UserError | None = None


def selected_file() -> SelectedFile:
    """What the selection names, after an input that has just arrived is taken."""
    refused: UserError | None = st.session_state.pop(REFUSED, None)
    wanted = selection.current().run
    try:
        subject = None if refused is not None else file_by_id(wanted)
    except UserError as error:
        return SelectedFile(upload_refused=refused, missing=error)
    if subject is None:
        return SelectedFile(upload_refused=refused)
    try:
        _take_input(subject)
    except UserError as error:
        return SelectedFile(_with_input(subject), input_refused=error)
    return SelectedFile(_with_input(subject))


def subject_by_id(identity: str, checkpoint: int | None = None) -> GraphSubject:
    """A run at a checkpoint (None: the last) on its first sample, or a file on made-up input; raises UserError."""
    if not selection.is_model_file(identity):
        return RunSubject(opened(run_named(identity), checkpoint), "")
    subject = file_by_id(identity)
    if subject is None:
        raise GraphError(N_("{name} is not exported yet."), name=identity)
    return subject


def select_upload(identity: str) -> None:
    """Select an upload that has just arrived, by its id; '' for one that was refused. An unknown one is passed over."""
    if not identity:
        st.session_state[REFUSED] = page_state().refused
        return
    with suppress(GraphError):
        kept = upload_named(settings().store, identity)
        st.session_state.setdefault(UPLOADED, {})[kept.id] = kept.name
        selection.change(run=kept.id, checkpoint=None, sample="", node="")


def file_by_id(identity: str) -> FileSubject | None:
    """None for a run, and for an architecture that is not exported yet. Raises GraphError for an unknown file."""
    if identity.startswith("file-"):
        kept = upload_named(settings().store, identity)
        return FileSubject(kept.id, kept.path, kept.name)
    return exported_file(identity) if identity.startswith("zoo-") else None


def exported_file(identity: str) -> FileSubject | None:
    """An architecture of torchvision's by its id; None where it is not exported yet. Raises GraphError."""
    path = zoo_state(settings().store, identity).path
    return None if path is None else FileSubject(identity, path, zoo_name(identity)[0])


def _take_input(subject: FileSubject) -> None:
    """Read an input that has just been given; raises UserError."""
    given = st.session_state.get(INPUT + subject.id)
    if given is None or st.session_state.get(TAKEN) == given.file_id:
        return
    st.session_state[TAKEN] = given.file_id
    kind = given.name.rsplit(".", 1)[-1].lower()
    values = read_input(given.getvalue(), kind, declared_inputs(subject.graph))
    st.session_state.setdefault(INPUTS, {})[subject.id] = (given.name, values)


def discard_input(subject: FileSubject) -> None:
    """Back to the made-up input."""
    st.session_state.get(INPUTS, {}).pop(subject.id, None)


def _with_input(subject: FileSubject) -> FileSubject:
    """The same with the input that this session has given it."""
    kept = st.session_state.get(INPUTS, {}).get(subject.id)
    return subject if kept is None else replace(subject, given=kept[1], input_name=kept[0])
