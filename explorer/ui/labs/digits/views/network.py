"""The network with everything that flows through it for one digit, beside the digit and what can be done to it."""

import streamlit as st

from explorer.runs.checkpoint import OpenRun
from explorer.ui.components.network_view import ChosenMap, MapScale, network_view
from explorer.ui.frame import selection
from explorer.ui.frame.run_caches import graph_of
from explorer.ui.labs.digits.computed import stages_of
from explorer.ui.labs.digits.picture import picture

SCALES: dict[str, MapScale] = {"map": "map", "network": "network"}  # of the selection, whose '' is "layer"


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
            chosen=_chosen(),
            choose=lambda chosen: _choose(opened_run, chosen),
        )


def _chosen() -> ChosenMap:
    """The map and the scale that the selection names."""
    now = selection.current()
    layer, number = now.layer_and_number
    return ChosenMap(layer, number, SCALES.get(now.scale, "layer"), now.row_and_column)


def _choose(opened_run: OpenRun, chosen: ChosenMap) -> None:
    """Select the map and, for other pages, the first operation of its layer in the graph, once there is one."""
    selection.change(
        map=f"{chosen.layer}.{chosen.number}",
        scale="" if chosen.scale == "layer" else chosen.scale,
        pixel="" if chosen.pixel is None else ".".join(map(str, chosen.pixel)),
    )
    if opened_run.run.onnx_path.is_file():
        graph = graph_of(opened_run.run)
        node = next((node for node in graph.nodes if node.scope and node.scope[-1] == chosen.layer), None)
        if node is not None:
            selection.change(node=node.id)
