"""The first page. Light on purpose: nothing here waits for torch."""

import streamlit as st

from explorer.runs.folder import Run
from explorer.runs.report import best_run
from explorer.ui.frame.labels import result_line
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import runs
from explorer.ui.frame.training_progress import training_now
from explorer.ui.labs.chapter_page import chapter_page
from explorer.ui.labs.laboratory import function, laboratory
from models.catalogue import Chapter, chapters

ARROW = ":material/arrow_forward:"
PANELS = 3  # chapters side by side


def start_page() -> None:
    """The whole page."""
    _ = gettext()
    st.title(_("See through a neural network"))
    st.markdown(
        _(
            "Train the models of the book in the browser, look at what flows through each layer, and open the"
            " computation graph: the activation, the weights and the source line behind every node."
        )
    )
    all_runs = runs()
    training_now(all_runs, watch=True)
    if not all_runs:
        st.info(_("The book's models are about to be trained; they appear here within seconds."))
    listed = chapters()
    for first in range(0, len(listed), PANELS):
        row = listed[first : first + PANELS]
        for column, chapter in zip(st.columns(PANELS, gap="large"), row, strict=False):
            with column:
                _panel(chapter, all_runs)
    st.header(_("Computation graph"))
    st.markdown(_("Every trained model as a graph, drawn from its ONNX file. Click a node to see its values."))
    st.page_link("graph.py", label=_("Open the graph explorer"), icon=ARROW)


def _panel(chapter: Chapter, all_runs: tuple[Run, ...]) -> None:
    """One chapter: its question, its cover made of its best run, and the way in."""
    _ = gettext()
    record = laboratory(chapter)
    names = [entry.name for entry in chapter.models]
    best = best_run([run for run in all_runs if run.model in names])
    st.header(_(record.title))
    st.caption(_("Chapter {n}").format(n=chapter.number))
    st.markdown(_(record.question))
    if best is not None:
        (function(record.cover) if record.cover else _result)(best)
    st.page_link(chapter_page(chapter), label=_("Look inside"), icon=ARROW)


def _result(run: Run) -> None:
    """The cover of a laboratory that has no picture of its own: the run's result in words."""
    st.markdown(f"**{result_line(run, gettext())}**")
