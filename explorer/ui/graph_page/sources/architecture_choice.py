"""The choice among torchvision's classification models, and the progress of an export that is under way.

They have random weights: their structure is what is looked at.
"""

import streamlit as st

from explorer.files.zoo import AS_WRITTEN, cancel_export, exported_names, start_export, zoo_id, zoo_name, zoo_state
from explorer.ui.frame import selection
from explorer.ui.frame.labels import Translate
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import settings
from explorer.ui.graph_page.sources.architecture_menu import architecture_menu
from explorer.ui.graph_page.sources.form_choice import FORM_AS_WRITTEN, OPTIMISED, form_control
from explorer.ui.graph_page.sources.input_choice import input_choice
from explorer.ui.graph_page.sources.selected_file import SelectedFile
from explorer.ui.inspector.file_subject import FileSubject
from models.errors import N_

FORM = "graph.zoo.form"  # the key of the choice between optimised and as written
STAGES = {
    "starting": N_("starting"),
    "waiting": N_("waiting for another export"),
    "importing": N_("loading torchvision"),
    "building": N_("building the network"),
    "exporting": N_("exporting to ONNX"),
    "checking": N_("checking"),
    "saving": N_("writing the file"),
}
POLL_SECONDS = 0.5
EXAMPLE = "resnet18"


def architecture_choice(file: SelectedFile, subject: FileSubject | None, _: Translate) -> FileSubject | None:
    """Draw the menu and, below it, the input or the export's progress; returns ``subject``.

    subject: the selected architecture once it is exported.
    """
    identity = selection.current().run
    name, optimised = zoo_name(identity) if identity.startswith("zoo-") else ("", True)
    if name:
        selection.steer(FORM, OPTIMISED if optimised else FORM_AS_WRITTEN)
    optimised = st.session_state.setdefault(FORM, OPTIMISED) != FORM_AS_WRITTEN

    def change_form() -> None:
        if name:
            _select(zoo_id(name, st.session_state[FORM] != FORM_AS_WRITTEN))

    with st.container(key="selection-bar"), st.container(horizontal=True, vertical_alignment="bottom"):
        ready = exported_names(settings().store, optimised)
        architecture_menu(name, "" if optimised else AS_WRITTEN, ready, _select, key="graph-zoo", width=320)
        form_control(FORM, change_form, _)
        if not name:
            st.info(_("Choose an architecture: it is exported here, with random weights."))
            example = _("For example {name}").format(name=EXAMPLE)
            st.button(example, key="graph.zoo.example", on_click=_select, args=(zoo_id(EXAMPLE, optimised),))
        elif subject is None:
            _export(identity, _)
        else:
            input_choice(subject, file.input_error, _)
    return subject


def _select(identity: str) -> None:
    selection.choose_run(identity, same_model=False)


def _export(identity: str, _: Translate) -> None:
    """Start the export of an architecture that is not there yet, show its progress, and let it be cancelled."""
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
        text = f"{state.share:.0%} · {text}"
        text += " · " + _("about {n} s in all").format(n=round(state.estimate))
    st.progress(state.share, text=text)
    st.button(_("Cancel"), key="graph.zoo.cancel", on_click=cancel_export, args=(settings().store, identity))
