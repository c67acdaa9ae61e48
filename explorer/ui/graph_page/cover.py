"""A run's computation graph as a picture on the start page."""

import streamlit as st

from explorer.drawing.visible import first_view
from explorer.runs.folder import Run
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.language import gettext, language
from explorer.ui.frame.run_caches import opened
from explorer.ui.graph_page.rendering import DrawingOptions, render
from explorer.ui.inspector.run_subject import RunSubject


def cover(run: Run) -> None:
    """The graph from left to right, as it first opens. Raises UserError where the run has none yet."""
    _ = gettext()
    subject = RunSubject(opened(run, None), "")
    options = DrawingOptions(is_dark(), language(), "LR")
    drawing = render(subject, options, first_view(subject.graph))[1]
    count = len(list(subject.graph.all_nodes()))
    st.image(drawing.svg, width="stretch", alt=_("A computation graph of {n} operations").format(n=count))
