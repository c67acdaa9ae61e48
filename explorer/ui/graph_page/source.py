"""What the graph page looks at: a run, an architecture of torchvision's zoo, or an uploaded ONNX file; its input."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import streamlit as st

from explorer.files.inputs import KINDS
from explorer.files.model_files import declared_inputs, read_input
from explorer.files.uploads import keep_upload, upload_named
from explorer.files.zoo import architectures, cancel_export, start_export, zoo_id, zoo_name, zoo_state
from explorer.runs.folder import Run
from explorer.runs.written import as_written
from explorer.ui import selection
from explorer.ui.bar import selection_bar, step_of
from explorer.ui.file_subject import FileSubject
from explorer.ui.labels import Translate, plain
from explorer.ui.language import gettext, told
from explorer.ui.opened import opened
from explorer.ui.sample_choice import sample_choice
from explorer.ui.selection import is_model_file
from explorer.ui.store import run_named, settings
from explorer.ui.subject import RunSubject, Subject
from models.errors import N_, GraphError, UserError

SOURCES = {"run": N_("A run"), "zoo": N_("A model of torchvision"), "file": N_("An ONNX file")}
STAGES = {
    "starting": N_("starting"),
    "waiting": N_("waiting for another export"),
    "importing": N_("loading torchvision"),
    "building": N_("building the network"),
    "exporting": N_("exporting to ONNX"),
    "checking": N_("checking"),
    "saving": N_("writing the file"),
}
KEY = "graph.source"
OPTIMISED, WRITTEN = "optimised", "written"
FORMS = {OPTIMISED: N_("Optimised"), WRITTEN: N_("As written")}
FORM_HELP = N_("The exporter folds batch normalisation and constants; as written, each step of the code is there.")
POLL_SECONDS = 0.5
UPLOADED = "graph.uploaded"  # names of this session's uploads by id: another person's are not listed
UPLOADER = "graph.upload."  # the key of the uploader, and under this name how many files it has taken
INPUTS = "graph.inputs"  # of this session, by the id of the file


def subject_choice() -> Subject | None:
    """Draw the choice; None where there is nothing to look at yet, which the page has then said."""
    _ = gettext()
    wanted = selection.current().run
    if KEY not in st.session_state or wanted != st.session_state.get(f"{KEY}.of"):
        # A link, another page or another choice: the source is the one that the selection names.
        st.session_state[KEY] = wanted.split("-")[0] if is_model_file(wanted) else "run"
        st.session_state[f"{KEY}.of"] = wanted
    source = st.segmented_control(
        _("Look at"), list(SOURCES), key=KEY, format_func=lambda one: _(SOURCES[one]), label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    subject = {"zoo": _architecture, "file": _file}.get(source or "run", _run)(_)
    st.session_state[f"{KEY}.of"] = selection.current().run
    return subject


def _run(_: Translate) -> Subject | None:
    run: Run | None = selection_bar(sample=sample_choice)
    if run is None:
        st.info(_("No run yet: train a model on its page first."))
        return None
    one = opened(run, step_of(run))
    written = selection.current().form == WRITTEN
    with st.spinner(_("Exporting the graph as written …")) if written else nullcontext():
        return RunSubject(one, selection.current().sample, as_written(run) if written else None)


def form_choice(subject: Subject) -> None:
    """A graph as the exporter optimises it, or as written: for runs and architectures."""
    _ = gettext()
    if not isinstance(subject, RunSubject):
        return
    key = "graph.form"
    selection.steer(key, selection.current().form or OPTIMISED)

    def chosen() -> None:
        # The nodes of the two are not the same.
        selection.change(form=WRITTEN if st.session_state[key] == WRITTEN else "", node="")

    st.segmented_control(_("Graph"), list(FORMS), key=key, format_func=lambda one: _(FORMS[one]), on_change=chosen,
                         required=True, help=_(FORM_HELP))  # fmt: skip


def _architecture(_: Translate) -> Subject | None:
    """Torchvision's classification models by name, with random weights: their structure is what is looked at."""
    wanted = selection.current().run
    names = list(architectures())
    chosen, optimized = zoo_name(wanted) if wanted.startswith("zoo-") else (None, True)
    state, name_key, form_key = st.session_state, "graph.zoo", "graph.zoo.form"
    selection.steer(name_key, chosen)
    selection.steer(form_key, OPTIMISED if optimized else WRITTEN)

    def choose() -> None:
        if state[name_key] is not None:
            identity = zoo_id(state[name_key], state[form_key] != WRITTEN)
            selection.change(run=identity, checkpoint=None, sample="", node="")

    with st.container(key="selection-bar"), st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Architecture"), names, key=name_key, on_change=choose, width=320,
            placeholder=_("Choose one of {n}").format(n=len(names)),
        )  # fmt: skip
        st.segmented_control(
            _("Graph"), list(FORMS), key=form_key, on_change=choose, required=True, help=_(FORM_HELP),
            format_func=lambda one: _(FORMS[one]),
        )  # fmt: skip
        if chosen is None:
            st.info(_("Choose an architecture: it is exported here, with random weights."))
            return None
        identity = wanted
        path = _exported(identity, _)
        return None if path is None else _with_input(FileSubject(identity, path, chosen), _)


def _exported(identity: str, _: Translate) -> Path | None:
    """The exported file; while there is none, its export is started, shown and can be cancelled."""
    store = settings().store
    state = zoo_state(store, identity)
    if state.path is not None:
        return state.path
    if not state.active:
        if state.error is not None:
            st.error(told(state.error))
        if state.stage not in ("absent", "interrupted"):
            st.button(_("Export it"), key="graph.zoo.again", on_click=_start, args=(identity,))
            return None
        start_export(store, identity)
    st.fragment(_progress, run_every=POLL_SECONDS)(identity)
    return None


def _start(identity: str) -> None:
    start_export(settings().store, identity)


def _progress(identity: str) -> None:
    _ = gettext()
    state = zoo_state(settings().store, identity)
    if not state.active:
        st.rerun(scope="app")
    text = f"{_(STAGES.get(state.stage, STAGES['waiting']))} · {_('{n} s').format(n=round(state.seconds))}"
    if state.estimate:
        text += " · " + _("about {n} s in all").format(n=round(state.estimate))
    st.progress(min(0.99, state.seconds / state.estimate) if state.estimate else 0.0, text=text)
    st.button(_("Cancel"), key="graph.zoo.cancel", on_click=cancel_export, args=(settings().store, identity))


def _file(_: Translate) -> Subject | None:
    with st.container(key="selection-bar"), st.container(horizontal=True, vertical_alignment="bottom"):
        place, refused = st.empty(), _taken(_)
        # A fresh uploader after each file: Streamlit would keep the file's bytes in memory as long as it shows it.
        title = _("An ONNX file, read on this server and kept by its content")
        place.file_uploader(title, ["onnx"], key=f"{UPLOADER}{st.session_state.get(UPLOADER, 0)}")
        if refused is not None:
            st.error(told(refused))
            return None
        wanted = selection.current().run
        if not wanted.startswith("file-"):
            return None
        kept = upload_named(settings().store, wanted)
        st.caption(plain(kept.name))
        return _with_input(FileSubject(kept.id, kept.path, kept.name), _)


def _taken(_: Translate) -> UserError | None:
    """Keep a file that has just been uploaded and select it; why it cannot be kept, if so.

    Taken from the session and not from the uploader, which hands out a second copy of all bytes.
    """
    count = st.session_state.setdefault(UPLOADER, 0)
    given = st.session_state.get(f"{UPLOADER}{count}")
    if given is None:
        return None
    st.session_state[UPLOADER] = count + 1
    try:
        with st.spinner(_("Reading the file …")):
            kept = keep_upload(settings().store, given.getvalue(), given.name)  # getvalue: no second copy
    except UserError as error:
        return error
    st.session_state.setdefault(UPLOADED, {})[kept.id] = kept.name
    selection.change(run=kept.id, checkpoint=None, sample="", node="")
    return None


def _with_input(subject: FileSubject, _: Translate) -> FileSubject:
    """The same with the input that this session has given it."""
    kept = st.session_state.setdefault(INPUTS, {})
    with st.popover(_("Input"), key="graph.input"):
        made_up = _("Made up: random numbers of the declared shape.")
        st.caption(plain(kept[subject.id][0]) if subject.id in kept else made_up)
        for tensor in declared_inputs(subject.graph):
            shape = "×".join("?" if size is None else str(size) for size in tensor.shape or ())
            st.markdown(f"**{plain(tensor.name)}** {plain(tensor.dtype)} {plain(shape)}")
        given = st.file_uploader(
            _("An .npy of the input, an .npz of all by name, or a picture"), list(KINDS),
            key=f"graph.input.{subject.id}", max_upload_size=256,
        )  # fmt: skip
        if given is not None and st.session_state.get("graph.input.taken") != given.file_id:
            st.session_state["graph.input.taken"] = given.file_id
            try:
                kind = given.name.rsplit(".", 1)[-1].lower()
                values = read_input(given.getvalue(), kind, declared_inputs(subject.graph))
                kept[subject.id] = (given.name, values)
            except UserError as error:
                st.error(told(error))
        if subject.id in kept and st.button(_("Back to the made-up input"), key="graph.input.clear"):
            del kept[subject.id]
    if subject.id not in kept:
        return subject
    name, values = kept[subject.id]
    return replace(subject, given=values, input_name=name)


def named_subject(identity: str, checkpoint: int | None = None) -> Subject:
    """A run at a checkpoint (None: the last) on its first sample, or a file on made-up input; raises UserError."""
    store = settings().store
    if identity.startswith("zoo-"):
        path = zoo_state(store, identity).path
        if path is None:
            raise GraphError(N_("{name} is not exported yet."), name=identity)
        return FileSubject(identity, path, zoo_name(identity)[0])
    if identity.startswith("file-"):
        kept = upload_named(store, identity)
        return FileSubject(kept.id, kept.path, kept.name)
    return RunSubject(opened(run_named(identity), checkpoint), "")
