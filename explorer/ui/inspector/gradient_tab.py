"""The inspector's gradient: how the loss of the current sample changes with a node's outputs and with its weights."""

import streamlit as st

from explorer.graph.graph import Node
from explorer.graph.parameters import symbol_of
from explorer.ui.frame.labels import Translate
from explorer.ui.inspector.array_view import show_array, without_batch
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_


def _reason_missing(subject: GraphSubject, node: Node) -> str:
    if not subject.has_loss:
        return N_("A model file has no loss: gradients are shown for runs.")
    if node.body:
        return N_("Gradients are calculated for the main graph, not inside bodies and local functions.")
    types = [subject.graph.tensors.get(name) for name in node.outputs if name]
    if types and all(tensor is not None and "float" not in tensor.dtype for tensor in types):
        return N_("The output of this operation holds whole numbers or truth values, so it has no gradient.")
    return ""


def _show(subject: GraphSubject, node: Node, _: Translate) -> None:
    """The gradient by each output, then by each weight, both with colours centred at zero."""
    gradients = subject.gradients()
    if gradients is None:
        st.caption(_("The right answer for this sample is not known, so there is no loss and no gradient."))
        return
    st.caption(
        _(
            "Loss of this sample: {loss}. Where the gradient is positive, a larger value would make the loss larger."
        ).format(loss=f"{gradients.loss:.4g}")
    )
    outputs = [name for name in node.outputs if name in gradients.tensors]
    weights = [weight for weight in node.weights if weight.name in gradients.weights]
    if not outputs and not weights:
        st.caption(_("PyTorch has no gradient for this node's output: the output was not found in its computation."))
    title = _("Gradient with respect to {name}")
    for place, name in enumerate(outputs):
        values = without_batch(gradients.tensors[name])
        show_array(values, title.format(name=name), f"gradient{place}", signed=True)
    for place, weight in enumerate(weights, len(outputs)):
        values = gradients.weights[weight.name]
        name = f"{symbol_of(node.op_type, weight.role)} · {weight.name}"
        show_array(values, title.format(name=name), f"gradient{place}", signed=True, kernels=True)


TAB = InspectorTab(N_("Gradient"), _show, _reason_missing)
