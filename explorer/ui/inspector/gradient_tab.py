"""The inspector's gradient: how the loss of the current sample changes with a node's outputs and with its weights."""

import streamlit as st

from explorer.graph.graph import Node
from explorer.ui.frame.labels import Translate
from explorer.ui.inspector.array_view import show_array, without_batch
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_


def _reason_missing(subject: GraphSubject, node: Node) -> str:
    return "" if subject.has_loss else N_("A model file has no loss: gradients are shown for runs.")


def _show(subject: GraphSubject, node: Node, _: Translate) -> None:
    """The gradient by each output, then by each weight, both with colours centred at zero."""
    gradients = subject.gradients()
    if gradients is None:
        st.caption(_("Nobody knows the right answer for this sample, so that it has no loss and no gradient."))
        return
    st.caption(
        _(
            "Loss of this sample: {loss}. Where the gradient is positive, a larger value would make the loss larger."
        ).format(loss=f"{gradients.loss:.4g}")
    )
    arrays = [(name, without_batch(gradients.tensors[name])) for name in node.outputs if name in gradients.tensors]
    arrays += [
        (f"{weight.role} · {weight.name}", gradients.weights[weight.name])
        for weight in node.weights
        if weight.name in gradients.weights
    ]
    if not arrays:
        st.caption(_("PyTorch computes no gradient by this node's output: it was not found there."))
    for place, (name, values) in enumerate(arrays):
        show_array(values, _("Gradient by {name}").format(name=name), f"gradient{place}", signed=True)


TAB = InspectorTab(N_("Gradient"), _show, _reason_missing)
