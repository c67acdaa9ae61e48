"""The choice of what the graph page looks at: a run, an architecture of torchvision's zoo, an ONNX file; its input."""

from contextlib import nullcontext

import streamlit as st

from explorer.files.inputs import KINDS
from explorer.files.model_files import declared_inputs
from explorer.files.zoo import AS_WRITTEN, cancel_export, exported_names, start_export, zoo_id, zoo_name, zoo_state
from explorer.runs.as_written import as_written
from explorer.runs.folder import Run
from explorer.ui.frame import selection
from explorer.ui.frame.bar import selection_bar, step_of
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.run_caches import opened
from explorer.ui.frame.selection import is_model_file
from explorer.ui.frame.store import settings
from explorer.ui.graph_page.architecture_menu import architecture_menu
from explorer.ui.graph_page.selected_file import INPUT, SelectedFile, discard_input, select_upload
from explorer.ui.graph_page.upload_field import upload_field
from explorer.ui.inspector.file_subject import FileSubject
from explorer.ui.inspector.run_subject import RunSubject
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.labs.sample_choice import sample_choice
from models.errors import N_, UserError
from models.text import shape_text

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


def chosen_source() -> str:
    """The key in SOURCES of what is looked at: as the selection names it, or as the person has just chosen.

    To be asked before the choice is drawn.
    """
    wanted, state = _kind(selection.current().run), st.session_state
    if KEY not in state or selection.is_fresh() or wanted != state.get(f"{KEY}.of"):
        # A link, another page or another choice: the source is the one that the selection names. The kind decides and
        # not the id: a click while this page is first drawn begins the next run beside the one that chooses a run.
        state[KEY] = state[f"{KEY}.of"] = wanted
    return state[KEY] or "run"


def _kind(run_id: str) -> str:
    return run_id.split("-")[0] if is_model_file(run_id) else "run"


def chosen_file(file: SelectedFile, source: str) -> FileSubject | None:
    """The file's subject if it is what the page shows, looking at ``source``."""
    return file.subject if selection.current().run.startswith(f"{source}-") else None


def subject_choice(file: SelectedFile) -> GraphSubject | None:
    """Draw the choice; None where there is nothing to look at yet, which the page has then said.

    file: what the selection names, as ``selected_file`` gives it.
    """
    _ = gettext()
    source = chosen_source()
    st.segmented_control(
        _("Look at"),
        list(SOURCES),
        key=KEY,
        format_func=lambda one: _(SOURCES[one]),
        label_visibility="collapsed",
        required=True,
    )
    subject = _run(_) if source == "run" else {"zoo": _architecture, "file": _uploaded}[source](file, _)
    st.session_state[f"{KEY}.of"] = _kind(selection.current().run)
    return subject


def _run(_: Translate) -> GraphSubject | None:
    run: Run | None = selection_bar(sample=sample_choice)
    if run is None:
        st.info(_("No run yet: train a model on its page first."))
        return None
    one = opened(run, step_of(run))
    written = selection.current().form == WRITTEN
    with st.spinner(_("Exporting the graph as written …")) if written else nullcontext():
        return RunSubject(one, selection.current().sample, as_written(run) if written else None)


def form_choice(subject: GraphSubject) -> None:
    """A graph as the exporter optimises it, or as written: for runs and architectures."""
    _ = gettext()
    if not isinstance(subject, RunSubject):
        return
    key = "graph.form"
    selection.steer(key, selection.current().form or OPTIMISED)

    def chosen() -> None:
        # The nodes of the two are not the same.
        selection.change(form=WRITTEN if st.session_state[key] == WRITTEN else "", node="")

    st.segmented_control(
        _("Graph"),
        list(FORMS),
        key=key,
        format_func=lambda one: _(FORMS[one]),
        on_change=chosen,
        required=True,
        help=_(FORM_HELP),
    )


def _architecture(file: SelectedFile, _: Translate) -> GraphSubject | None:
    """Torchvision's classification models by name, with random weights: their structure is what is looked at."""
    wanted = selection.current().run
    chosen, optimized = zoo_name(wanted) if wanted.startswith("zoo-") else ("", True)
    state, form_key = st.session_state, "graph.zoo.form"
    if chosen:
        selection.steer(form_key, OPTIMISED if optimized else WRITTEN)
    optimized = state.setdefault(form_key, OPTIMISED) != WRITTEN

    def choose(identity: str) -> None:
        selection.change(run=identity, checkpoint=None, sample="", node="")

    def change_form() -> None:
        if chosen:
            choose(zoo_id(chosen, state[form_key] != WRITTEN))

    with st.container(key="selection-bar"), st.container(horizontal=True, vertical_alignment="bottom"):
        ready = exported_names(settings().store, optimized)
        architecture_menu(chosen, "" if optimized else AS_WRITTEN, ready, choose, key="graph-zoo", width=320)
        st.segmented_control(
            _("Graph"),
            list(FORMS),
            key=form_key,
            on_change=change_form,
            required=True,
            help=_(FORM_HELP),
            format_func=lambda one: _(FORMS[one]),
        )
        if not chosen:
            st.info(_("Choose an architecture: it is exported here, with random weights."))
            return None
        subject = chosen_file(file, "zoo")
        if subject is None:
            _export_shown(wanted, _)
        else:
            _input_choice(subject, file.input_refused, _)
        return subject


def _export_shown(identity: str, _: Translate) -> None:
    """Start the export of an architecture whose file is not there, show how far it is, and let it be cancelled."""
    store = settings().store
    state = zoo_state(store, identity)
    if not state.active:
        if state.error is not None:
            st.error(error_text(state.error))
        if state.stage not in ("absent", "interrupted"):
            st.button(_("Export it"), key="graph.zoo.again", on_click=_start, args=(identity,))
            return
        start_export(store, identity)
    st.fragment(_progress, run_every=POLL_SECONDS)(identity)


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


def _uploaded(file: SelectedFile, _: Translate) -> GraphSubject | None:
    with st.container(key="selection-bar"), st.container(horizontal=True, vertical_alignment="bottom"):
        upload_field(select_upload, key="graph-upload")
        refused = file.upload_refused or file.missing
        if refused is not None:
            st.error(error_text(refused))
        subject = chosen_file(file, "file")
        if subject is not None:
            st.caption(plain(subject.name))
            _input_choice(subject, file.input_refused, _)
        return subject


def _input_choice(subject: FileSubject, refused: UserError | None, _: Translate) -> None:
    """What the model is fed, and a place to give it something else. refused: why the last one cannot be taken."""
    with st.popover(_("Input"), key="graph.input"):
        made_up = _("Made up: random numbers of the declared shape.")
        st.caption(made_up if subject.generated else plain(subject.input_name))
        for tensor in declared_inputs(subject.graph):
            shape = shape_text(tensor.shape or ())
            st.markdown(f"**{plain(tensor.name)}** {plain(tensor.dtype)} {plain(shape)}")
        st.file_uploader(
            _("An .npy of the input, an .npz of all by name, or a picture"),
            list(KINDS),
            key=INPUT + subject.id,
            max_upload_size=256,
        )
        if refused is not None:
            st.error(error_text(refused))
        if not subject.generated:
            st.button(_("Back to the made-up input"), key="graph.input.clear", on_click=discard_input, args=(subject,))
