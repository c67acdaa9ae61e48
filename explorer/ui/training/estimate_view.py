"""An estimate of the next training: parameters, time, the size of each layer's output."""

from pathlib import Path

import streamlit as st

from explorer.graph.categories import module_category
from explorer.runs.estimate import estimate
from explorer.ui.frame.labels import duration
from explorer.ui.frame.language import gettext
from models.base import BookModel, Config
from models.text import shape_text

SAME_SHAPE = ("activation", "dropout")  # categories of the modules whose output has the shape of their input


def expected(book: BookModel, config: Config, source: Path | None) -> None:
    """Draw it for a training with ``config``, which can be trained; raises UserError for a broken ``source``."""
    _ = gettext()
    expectation = estimate(book, config, {}, source)
    with st.container(horizontal=True, key="expected"):
        st.metric(_("Parameters"), f"{expectation.parameters:,}", width="content")
        if expectation.seconds is not None:
            note = _("From a few steps timed on this server just now; longer while others train.")
            st.metric(_("Expected time"), duration(expectation.seconds, _), width="content", help=note)
    sizes = [size for size in expectation.sizes if module_category(size.kind) not in SAME_SHAPE]
    st.caption(" → ".join(f"{size.name} {shape_text(size.shape)}" for size in sizes))
