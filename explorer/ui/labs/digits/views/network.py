"""The network with everything that flows through it for one digit, beside the digit and what can be done to it."""

import streamlit as st

from explorer.runs.checkpoint import OpenRun
from explorer.ui.components.network_view import network_view
from explorer.ui.frame import selection
from explorer.ui.frame.run_caches import graph_of
from explorer.ui.labs.digits.computed import stages_of
from explorer.ui.labs.digits.picture import picture


def network(opened_run: OpenRun) -> None:
    """The digit at the left, the network at the right; every control acts at once."""
    with st.container(key="lab-network"):
        left, right = st.columns([2, 7], gap="medium")
    with left:
        picture(opened_run)
    sample = opened_run.sample(selection.current().sample)
    with right:
        network_view(
            stages_of(opened_run, sample.key),
            key="lab_network",
            shown=f"{opened_run.run.id} {opened_run.step} {sample.key}",
            classes=opened_run.facts["classes"],
            truth=None if sample.target is None else int(sample.target),
            picked=lambda layer: _select(opened_run, layer),
        )


def _select(opened_run: OpenRun, layer: str) -> None:
    """The first operation of the layer in the graph becomes the selected node: other pages show the same."""
    graph = graph_of(opened_run.run)
    node = next((node for node in graph.nodes if node.scope and node.scope[-1] == layer), None)
    if node is not None:
        selection.change(node=node.id)
