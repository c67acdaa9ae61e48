"""The choice between a graph as the exporter optimises it and as it is written in the code."""

from collections.abc import Callable

import streamlit as st

from explorer.ui.frame import selection
from explorer.ui.frame.labels import Translate
from explorer.ui.frame.language import gettext
from explorer.ui.inspector.run_subject import RunSubject
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_

OPTIMISED, FORM_AS_WRITTEN = "optimised", "written"  # FORM_AS_WRITTEN: as in the selection
FORMS = {OPTIMISED: N_("Optimised"), FORM_AS_WRITTEN: N_("As written")}
FORM_HELP = N_("The exporter folds batch normalisation and constants; as written, each step of the code is there.")
RUN_FORM = "graph.form"  # the key of the choice for runs


def form_choice(subject: GraphSubject) -> None:
    """Draw the choice for a run; other subjects have none here."""
    if not isinstance(subject, RunSubject):
        return
    selection.steer(RUN_FORM, selection.current().form or OPTIMISED)

    def change_form() -> None:
        # The nodes of the two graphs are not the same.
        form = FORM_AS_WRITTEN if st.session_state[RUN_FORM] == FORM_AS_WRITTEN else ""
        selection.change(form=form, node="", open="")

    form_control(RUN_FORM, change_form, gettext())


def form_control(key: str, changed: Callable[[], None], _: Translate) -> None:
    """Draw the control. changed: called before the rerun that a change causes."""
    st.segmented_control(
        _("Graph"),
        list(FORMS),
        key=key,
        format_func=lambda form: _(FORMS[form]),
        on_change=changed,
        required=True,
        help=_(FORM_HELP),
    )
