"""The model file that the graph page looks at: what has just been uploaded is taken, and its input. Nothing is drawn.

A page that knows its subject before it draws anything can draw the graph first.
"""

from dataclasses import dataclass, replace

import streamlit as st

from explorer.files.model_files import declared_inputs, read_input
from explorer.files.uploads import keep_upload, upload_named
from explorer.files.zoo import zoo_name, zoo_state
from explorer.ui import selection
from explorer.ui.file_subject import FileSubject
from explorer.ui.opened import opened
from explorer.ui.store import run_named, settings
from explorer.ui.subject import RunSubject, Subject
from models.errors import N_, GraphError, UserError

UPLOADED = "graph.uploaded"  # names of this session's uploads by id: another person's are not listed
UPLOADER = "graph.upload."  # the key of the uploader, and under this name how many files it has taken
INPUTS = "graph.inputs"  # of this session, by the id of the file
INPUT = "graph.input."  # the key of an input's uploader, before the file's id
TAKEN = "graph.input.taken"


@dataclass(frozen=True)
class ModelFile:
    """subject: None where there is nothing to look at (yet). upload_refused, input_refused: why what a person has just
    given cannot be taken; missing: why what the selection names cannot be looked at."""

    subject: FileSubject | None = None
    upload_refused: UserError | None = None
    input_refused: UserError | None = None
    missing: UserError | None = None


def uploader_key() -> str:
    """Of the uploader that takes the next file.

    A fresh one after each file: Streamlit would keep the file's bytes in memory as long as it shows it.
    """
    return f"{UPLOADER}{st.session_state.setdefault(UPLOADER, 0)}"


def is_uploaded() -> bool:
    """Whether a file has just arrived that ``model_file`` will take."""
    return st.session_state.get(uploader_key()) is not None


def model_file() -> ModelFile:
    """What the selection names, after an upload and an input that have just arrived are taken."""
    refused = _take_upload()
    wanted = selection.current().run
    try:
        subject = None if refused is not None else _named_file(wanted)
    except UserError as error:
        return ModelFile(upload_refused=refused, missing=error)
    if subject is None:
        return ModelFile(upload_refused=refused)
    try:
        _take_input(subject)
    except UserError as error:
        return ModelFile(_with_input(subject), input_refused=error)
    return ModelFile(_with_input(subject))


def named_subject(identity: str, checkpoint: int | None = None) -> Subject:
    """A run at a checkpoint (None: the last) on its first sample, or a file on made-up input; raises UserError."""
    if not selection.is_model_file(identity):
        return RunSubject(opened(run_named(identity), checkpoint), "")
    subject = _named_file(identity)
    if subject is None:
        raise GraphError(N_("{name} is not exported yet."), name=identity)
    return subject


def _named_file(identity: str) -> FileSubject | None:
    """None for a run, and for an architecture that is not exported yet. Raises GraphError for an unknown file."""
    if identity.startswith("file-"):
        kept = upload_named(settings().store, identity)
        return FileSubject(kept.id, kept.path, kept.name)
    return exported_file(identity) if identity.startswith("zoo-") else None


def exported_file(identity: str) -> FileSubject | None:
    """An architecture of torchvision's by its id; None where it is not exported yet. Raises GraphError."""
    path = zoo_state(settings().store, identity).path
    return None if path is None else FileSubject(identity, path, zoo_name(identity)[0])


def _take_upload() -> UserError | None:
    """Keep a file that has just been uploaded and select it; why it cannot be kept, if so.

    Taken from the session and not from the uploader, which hands out a second copy of all bytes.
    """
    given = st.session_state.get(uploader_key())
    if given is None:
        return None
    st.session_state[UPLOADER] += 1
    try:
        kept = keep_upload(settings().store, given.getvalue(), given.name)  # getvalue: no second copy
    except UserError as error:
        return error
    st.session_state.setdefault(UPLOADED, {})[kept.id] = kept.name
    selection.change(run=kept.id, checkpoint=None, sample="", node="")
    return None


def _take_input(subject: FileSubject) -> None:
    """Read an input that has just been given; raises UserError."""
    given = st.session_state.get(INPUT + subject.id)
    if given is None or st.session_state.get(TAKEN) == given.file_id:
        return
    st.session_state[TAKEN] = given.file_id
    kind = given.name.rsplit(".", 1)[-1].lower()
    values = read_input(given.getvalue(), kind, declared_inputs(subject.graph))
    st.session_state.setdefault(INPUTS, {})[subject.id] = (given.name, values)


def drop_input(subject: FileSubject) -> None:
    """Back to the made-up input."""
    st.session_state.get(INPUTS, {}).pop(subject.id, None)


def _with_input(subject: FileSubject) -> FileSubject:
    """The same with the input that this session has given it."""
    kept = st.session_state.get(INPUTS, {}).get(subject.id)
    return subject if kept is None else replace(subject, given=kept[1], input_name=kept[0])
