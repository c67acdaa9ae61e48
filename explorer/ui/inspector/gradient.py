"""The inspector's gradient: how the loss of the current sample changes with a node's output and its weights."""

import streamlit as st

from explorer.graph.graph import Node
from explorer.ui.frame.labels import Translate
from explorer.ui.inspector.array_view import array, of_sample
from explorer.ui.inspector.subject import GraphSubject


def gradient(subject: GraphSubject, node: Node, _: Translate) -> None:
    """The tab: gradient by the node's outputs, then by its weights, both centred at zero."""
    found = subject.gradients()
    if found is None and subject.generated:
        st.caption(_("A model file has no loss: gradients are shown for runs."))
        return
    if found is None:
        st.caption(_("Nobody knows the right answer for this sample, so that it has no loss and no gradient."))
        return
    st.caption(
        _(
            "Loss of this sample: {loss}. Where the gradient is positive, a larger value would make the loss larger."
        ).format(loss=f"{found.loss:.4g}")
    )
    shown = [
        (_("Gradient by {name}").format(name=name), of_sample(found.tensors[name]))
        for name in node.outputs
        if name in found.tensors
    ]
    shown += [
        (_("Gradient by {name}").format(name=f"{weight.role} · {weight.name}"), found.weights[weight.name])
        for weight in node.weights
        if weight.name in found.weights
    ]
    if not shown:
        st.caption(_("PyTorch computes no gradient by this node's output: it was not found there."))
    for place, (title, values) in enumerate(shown):
        array(values, title, f"gradient{place}", signed=True)
