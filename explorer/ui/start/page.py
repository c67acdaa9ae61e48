"""The first page. Light on purpose: nothing here waits for torch."""

import streamlit as st

from explorer.runs.folder import Run
from explorer.ui.frame.bar import POLL_SECONDS, result_line, training_now
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import runs
from models.catalogue import model_entries, title_of
from models.errors import N_

QUESTIONS = {
    "bike": N_("How well does the network foresee demand in three weeks that it has never seen?"),
    "sentiment": N_("Which words does the network see in a sentence, and what does it conclude?"),
    "digits": N_("What does each kernel look for, and what does each layer make of a digit?"),
}
ARROW = ":material/arrow_forward:"
CHAPTERS = {"bike": 3, "sentiment": 4, "digits": 5}


def home() -> None:
    """The whole page."""
    _ = gettext()
    st.title(_("See through a neural network"))
    st.markdown(
        _(
            "Train the models of the book in the browser, look at what flows through each layer, and open the"
            " computation graph: the activation, the weights and the source line behind every node."
        )
    )
    found = runs()
    training_now(found)
    if not found:
        st.info(_("The book's three models are about to be trained; they appear here within seconds."))
        st.fragment(_redraw_when_there, run_every=POLL_SECONDS)()
    for column, name in zip(st.columns(3, gap="large"), model_entries(), strict=True):
        with column:
            _panel(name, [run for run in found if run.model == name])
    st.subheader(_("Computation graph"))
    st.markdown(_("Every trained model as a graph, drawn from its ONNX file. Click a node to see its values."))
    st.page_link("graph.py", label=_("Open the graph explorer"), icon=ARROW)


def _panel(name: str, found: list[Run]) -> None:
    """One model: its question, its newest run, and the way in."""
    _ = gettext()
    st.subheader(_(title_of(name)))
    st.caption(_("Chapter {n}").format(n=CHAPTERS[name]))
    st.markdown(_(QUESTIONS[name]))
    if found:
        st.markdown(f"**{result_line(found[0])}**")
    st.page_link(f"{name}.py", label=_("Look inside"), icon=ARROW)


def _redraw_when_there() -> None:
    if runs():
        st.rerun(scope="app")
