"""The inspector's activation: the values of a node's outputs and, on demand, of its inputs."""

import streamlit as st

from explorer.graph.graph import Node
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.inspector.array_view import show_array, without_batch
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_


def _show(subject: GraphSubject, node: Node, _: Translate) -> None:
    with st.spinner(_("Running the model …")):
        values = subject.tensors()
    if subject.generated:
        st.caption(_("For a made-up input: random numbers of the declared shape."))
    outputs = [name for name in node.outputs if name in values]
    for place, name in enumerate(outputs):
        show_array(without_batch(values[name]), _("Output {name}").format(name=name), f"out{place}")
    if not outputs:
        st.caption(_("Values inside bodies and local functions are not traced."))
    weights = {weight.name for weight in node.weights}
    inputs = [name for name in dict.fromkeys(node.inputs) if name in values and name not in weights]
    for place, name in enumerate(inputs):
        title = _("Input {name}")
        with st.expander(title.format(name=plain(name)), key=f"input.{name}", on_change="rerun") as expander:
            if expander.open:
                show_array(without_batch(values[name]), title.format(name=name), f"in{place}")


TAB = InspectorTab(N_("Activation"), _show)
