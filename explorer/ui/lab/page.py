"""The frame of the convolution laboratory: the selection bar, the choice of a view with its question, and the view."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.runs.checkpoint import OpenRun
from explorer.ui import selection
from explorer.ui.bar import selection_bar
from explorer.ui.digit_choice import digit_choice
from explorer.ui.explanations import explained
from explorer.ui.lab.catalogue import FIRST, VIEWS
from explorer.ui.lab.views.dropout import dropout
from explorer.ui.lab.views.growing import growing
from explorer.ui.lab.views.loading import loading
from explorer.ui.lab.views.maps import maps
from explorer.ui.lab.views.network import network
from explorer.ui.lab.views.quality import quality
from explorer.ui.lab.views.robustness import robustness
from explorer.ui.lab.views.sandbox import sandbox
from explorer.ui.lab.views.softmax import softmax
from explorer.ui.lab.views.training import training
from explorer.ui.language import gettext, told
from explorer.ui.lens import opened_or_said
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
REFUSED = "digits.refused"  # what is wrong with the digit in the address, until it has been said


def lab_page() -> None:
    """The whole page."""
    _ = gettext()
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
    one = opened_or_said(run) if name != "training" else None
    if one is None:
        with places[0]:
            digit_choice(run)
        if name == "training":
            training(run)
        return
    refused = st.session_state.pop(REFUSED, None)
    if refused is not None:
        st.error(told(refused))
    try:
        one.sample(selection.current().sample)
    except UserError as error:
        if not selection.current().sample:
            st.error(told(error))
            return
        # The first digit instead, which the bar must show, too.
        st.session_state[REFUSED] = error
        selection.change(sample="")
        st.rerun()
    # As a fragment, a view's own controls run it alone, without the rest of the bar.
    (_show if name in LIVE else st.fragment(_show))(name, one, places[0])


def _show(name: str, one: OpenRun, place: DeltaGenerator) -> None:
    """The view, and in the bar the digit that it looks at; each can change the other's."""
    with place:
        digit_choice(one.run)
    try:
        SHOWS[name](one)
    except UserError as error:
        st.error(told(error))


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
        _("View"), list(VIEWS), key=key, on_change=chosen,
        format_func=lambda one: _(VIEWS[one].title), required=True, label_visibility="collapsed",
    )  # fmt: skip
    return str(st.session_state[key])
