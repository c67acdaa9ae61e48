"""The first page: a path through the book's chapters, each with a live picture of this server's own runs.

Light on purpose: the text is there at once, and what needs torch is imported for the pictures, which come last.
"""

from collections.abc import Callable

import streamlit as st

from explorer.runs.folder import Run
from explorer.runs.report import best_run
from explorer.ui.frame.delivery import deliver
from explorer.ui.frame.labels import result_line
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import runs
from explorer.ui.frame.training_progress import training_now
from explorer.ui.labs.chapter_page import chapter_page
from explorer.ui.labs.laboratory import function, laboratory
from models.catalogue import Chapter, chapters
from models.errors import N_, UserError

ARROW = ":material/arrow_forward:"
PANELS = 2  # side by side
PICTURE_HEIGHT = 230  # pixels, kept free while a picture is computed, so that nothing jumps
GRAPH_TITLE = N_("Computation graphs")
GRAPH_QUESTION = N_(
    "Every network is a graph: numbers flow along its arrows, and each box computes new ones. Click a box to see its"
    " values, its weights and its arithmetic."
)
Picture = Callable[[], None]


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
    for chapter in chapters():
        if laboratory(chapter).invitation:
            st.page_link(chapter_page(chapter), label=_(laboratory(chapter).invitation), icon=ARROW)
    all_runs = runs()
    training_now(all_runs, watch=True)
    if not all_runs:
        st.info(_("The book's models are about to be trained; they appear here within seconds."))
    pictures = _panels(all_runs)
    deliver()  # the pictures may have to wait for torch
    for place, draw in pictures:
        with place:
            try:
                draw()
            except UserError as error:  # a training that has no checkpoint yet
                st.caption(error_text(error))


def _panels(all_runs: tuple[Run, ...]) -> list[tuple[st.delta_generator.DeltaGenerator, Picture]]:
    """Draw a panel for each chapter, in the book's order; returns the places of their pictures, and what draws them."""
    pictures = []
    panels: list[Callable[[], tuple[st.delta_generator.DeltaGenerator, Picture] | None]] = [
        lambda: _graph_panel(all_runs),
        *(lambda chapter=chapter: _chapter_panel(chapter, all_runs) for chapter in chapters()),
    ]
    for first in range(0, len(panels), PANELS):
        for column, panel in zip(st.columns(PANELS, gap="large"), panels[first : first + PANELS], strict=False):
            with column:
                picture = panel()
                if picture is not None:
                    pictures.append(picture)
    return pictures


def _graph_panel(all_runs: tuple[Run, ...]) -> tuple[st.delta_generator.DeltaGenerator, Picture] | None:
    """The graph explorer, with the graph of the book's smallest network."""
    _ = gettext()
    st.header(_(GRAPH_TITLE))
    st.caption(_("Chapters {first} and {last}").format(first=1, last=2))
    st.markdown(_(GRAPH_QUESTION))
    names = [entry.name for entry in chapters()[0].models]
    best = best_run([run for run in all_runs if run.model in names])
    st.page_link("graph.py", label=_("Open the graph explorer"), icon=ARROW)
    place = _place("graph", best)
    if best is None or place is None:
        return None
    return place, lambda: function("explorer.ui.graph_page.cover:cover")(best)


def _chapter_panel(
    chapter: Chapter, all_runs: tuple[Run, ...]
) -> tuple[st.delta_generator.DeltaGenerator, Picture] | None:
    """One chapter: what it is about, a picture made of its best run, the run's result, and the way in."""
    _ = gettext()
    record = laboratory(chapter)
    names = [entry.name for entry in chapter.models]
    best = best_run([run for run in all_runs if run.model in names])
    st.header(_(record.title))
    st.caption(_("Chapter {n}").format(n=chapter.number))
    st.markdown(_(record.question))
    if best is not None:
        st.markdown(f"**{result_line(best, _)}**")
    st.page_link(chapter_page(chapter), label=_("Look inside"), icon=ARROW)
    place = _place(chapter.name, best) if record.cover else None
    if best is None or place is None:
        return None
    return place, lambda: function(record.cover)(best)


def _place(name: str, run: Run | None) -> st.delta_generator.DeltaGenerator | None:
    """Where a picture of ``run`` comes; None where there is no run."""
    return None if run is None else st.container(key=f"cover-{name}", height=PICTURE_HEIGHT, border=False)
