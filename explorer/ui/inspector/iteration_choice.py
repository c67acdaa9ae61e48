"""Which iteration of the loops around a node the inspector shows: a slider for each of them, and the values of it."""

from collections.abc import Mapping

import streamlit as st

from explorer.graph.graph import Node, way_to
from explorer.ui.frame.labels import Translate
from explorer.ui.inspector.subject import Array, GraphSubject


def chosen_values(subject: GraphSubject, node: Node, _: Translate) -> Mapping[str, Array]:
    """Draw a slider for each body around ``node`` that was run more than once; the tensors that the node can read.

    The values are those of the chosen iterations, by the tensors' names. Raises NotRunError where the input does not
    run the node's body.
    """
    keys = {body: f"iteration.{subject.id}.{body}" for body in way_to(node.body)}
    chosen = {body: int(st.session_state[key]) for body, key in keys.items() if key in st.session_state}
    with st.spinner(_("Running the model …")):
        iterations = subject.iterations(node.body, chosen) if node.body else {}
        values = subject.tensors(node.body, chosen)
    for body, (count, place) in iterations.items():
        if count < 2:
            continue
        holder = subject.graph.find(body.rpartition(".")[0])
        label = _("Iteration of {operation} (0–{last})").format(
            operation=holder.op_type if holder else body, last=f"{count - 1:,}"
        )
        if st.session_state.get(keys[body], 0) != place:
            st.session_state[keys[body]] = place  # there are fewer for this input
        st.slider(label, 0, count - 1, key=keys[body], persist_state="session")
    return values
