"""The view that trains another network: data, all settings, what they make of the network, and the learning curve."""

import streamlit as st

from explorer.runs.folder import Run
from explorer.ui.frame.opened_run import open_or_explain
from explorer.ui.frame.results import result_row
from explorer.ui.training.live_curve import learning_curve
from explorer.ui.training.settings_column import settings_column


def training_view(run: Run | None, models: tuple[str, ...]) -> None:
    """run: whose results and learning curve are shown, None where there is none. models: names of those to train."""
    with st.container(key="lens"):
        form, curve = st.columns([4, 5], gap="large")
    with form:
        settings_column(models, run, wide=True)
    with curve:
        opened_run = None if run is None else open_or_explain(run)
        if opened_run is not None:
            result_row(opened_run)
        if run is not None and not run.damage:
            learning_curve(run)
