"""Train another network: data, all settings, what they make of the network, and the learning curve of the run."""

import streamlit as st

from explorer.runs.folder import Run
from explorer.ui.frame.laboratory import opened_or_said
from explorer.ui.frame.results import result_row
from explorer.ui.training.data_choice import data_choice
from explorer.ui.training.live_curve import learning_curve
from explorer.ui.training.settings_form import settings_form


def training(run: Run | None) -> None:
    """run: whose results and learning curve are shown, None where there is none."""
    with st.container(key="lens"):
        form, curve = st.columns([4, 5], gap="large")
    with form:
        source = data_choice("digits")
        settings_form("digits", source, wide=True)
    with curve:
        one = None if run is None else opened_or_said(run)
        if one is not None:
            result_row(one)
        if run is not None and not run.damage:
            learning_curve(run)
