"""The frame of the convolution laboratory: the selection bar, the choice of a view with its question, and the view."""

from collections.abc import Callable
from contextlib import suppress

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.ui.frame import selection
from explorer.ui.frame.bar import selection_bar, step_of
from explorer.ui.frame.explanations import explained
from explorer.ui.frame.laboratory import opened_or_said
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.run_caches import layers_of, opened
from explorer.ui.frame.store import run_named
from explorer.ui.labs.digits.catalogue import FIRST, VIEWS
from explorer.ui.labs.digits.digit_choice import digit_choice
from explorer.ui.labs.digits.views.dropout import dropout
from explorer.ui.labs.digits.views.growing import growing
from explorer.ui.labs.digits.views.loading import loading
from explorer.ui.labs.digits.views.maps import maps
from explorer.ui.labs.digits.views.network import network
from explorer.ui.labs.digits.views.quality import quality
from explorer.ui.labs.digits.views.robustness import robustness
from explorer.ui.labs.digits.views.sandbox import sandbox
from explorer.ui.labs.digits.views.softmax import softmax
from explorer.ui.labs.digits.views.training import training
from models.errors import UserError

SHOWS: dict[str, Callable[[OpenRun], None]] = {
    "network": network,
    "sandbox": sandbox,
    "maps": maps,
    "dropout": dropout,
    "softmax": softmax,
    "growing": growing,
    "quality": quality,
    "robustness": robustness,
    "loading": loading,
}
LIVE = ("quality", "robustness")  # they redraw themselves while something is measured: such fragments are not nested
LAYERED = ("network", "maps")  # they draw every layer's output
REFUSED = "digits.refused"  # what is wrong with the digit in the address, until it has been said


def lab_page() -> None:
    """The whole page."""
    _ = gettext()
    if (selection.current().view or FIRST) in LAYERED:
        _compute(selection.current().run)
    st.title(_("Handwritten digits"))
    places: list[DeltaGenerator] = []
    run = selection_bar("digits", lambda _run: places.append(st.container()))
    name = _view_choice()
    view = VIEWS[name]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_(view.question), width="content")
        explained(f"digits.{name}", view.chapter, view.sentences)
    if run is None:
        st.info(_("No run yet: press Train."))
        training(run)
        return
    if name == "training":
        with places[0]:
            digit_choice(run)
        training(run)
        return
    # As a fragment, a view's own controls run it alone, and with it only the bar's digit. A checkpoint draws the whole
    # page, whose runs give way to the next checkpoint, as a fragment's do not.
    (_show if name in LIVE else st.fragment(_show))(name, run, places[0])


def _show(name: str, run: Run, place: DeltaGenerator) -> None:
    """A view of the selected checkpoint and digit, and in the bar the digit; each can change the other's."""
    if name in LAYERED:
        _compute(run.id)
    with place:
        digit_choice(run)
    one = opened_or_said(run)
    if one is None:
        return
    refused = st.session_state.pop(REFUSED, None)
    if refused is not None:
        st.error(error_text(refused))
    try:
        one.sample(selection.current().sample)
    except UserError as error:
        if not selection.current().sample:
            st.error(error_text(error))
            return
        # The first digit instead, which the bar must show, too.
        st.session_state[REFUSED] = error
        selection.change(sample="")
        st.rerun(scope="app")
    try:
        SHOWS[name](one)
    except UserError as error:
        st.error(error_text(error))


def _compute(run_id: str) -> None:
    """What the network makes of the digit, kept for the view, before anything is drawn.

    The browser draws its whole page anew with each delivery, some 10 ms; pauses between the parts make more of them.
    """
    with suppress(UserError):  # the page says it
        run = run_named(run_id)
        one = opened(run, step_of(run))
        layers_of(one, one.sample(selection.current().sample).key)


def _view_choice() -> str:
    """The chosen view; it stands in the address."""
    _ = gettext()
    key = "digits.view"
    wanted = selection.current().view
    selection.steer(key, wanted if wanted in VIEWS else FIRST)

    def chosen() -> None:
        name = st.session_state[key]
        selection.change(view="" if name == FIRST else name)

    st.segmented_control(
        _("View"),
        list(VIEWS),
        key=key,
        on_change=chosen,
        format_func=lambda one: _(VIEWS[one].title),
        required=True,
        label_visibility="collapsed",
    )
    return str(st.session_state[key])
