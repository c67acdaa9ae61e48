"""The inspector's gradient: how the loss of the current sample changes with a node's output and its weights."""

import streamlit as st
import torch

from explorer.graph.graph import Graph, Node
from explorer.runs.checkpoint import OpenRun
from explorer.trace.gradients import Gradients, gradients
from explorer.ui.inspector_array import array, of_sample
from explorer.ui.labels import Translate
from explorer.ui.opened import trace_of


@st.cache_resource(show_spinner=False, max_entries=64)
def _gradients(_one: OpenRun, _graph: Graph, run_id: str, step: int, sample: str, changed: int) -> Gradients | None:
    found = _one.sample(sample)
    target = None
    if found.target is not None:
        # A target as the training had it: its type and shape are the data's.
        like = _one.book.load(_one.config, _one.run.source).test.targets[:1]
        target = torch.full_like(like, found.target)
    return gradients(_graph, trace_of(_one, sample).values, _one.network, found.inputs, _one.book.loss, target)


def gradients_of(one: OpenRun, graph: Graph, sample: str) -> Gradients | None:
    """Gradients of the sample's loss at the opened checkpoint; None where its true answer is not known."""
    return _gradients(one, graph, one.run.id, one.step, sample, one.run.onnx_path.stat().st_mtime_ns)


def gradient(one: OpenRun, graph: Graph, node: Node, sample: str, _: Translate) -> None:
    """The tab: gradient by the node's outputs, then by its weights, both centred at zero."""
    found = gradients_of(one, graph, sample)
    if found is None:
        st.caption(_("Nobody knows the right answer for this sample, so that it has no loss and no gradient."))
        return
    st.caption(
        _("Loss of this sample: {loss}. Where the gradient is positive, a larger value would make the loss larger.")
        .format(loss=f"{found.loss:.4g}")
    )
    shown = [(_("Gradient by {name}").format(name=name), name, of_sample(found.tensors[name]))
             for name in node.outputs if name in found.tensors]  # fmt: skip
    shown += [(_("Gradient by {name}").format(name=f"{weight.role} · {weight.name}"), weight.name,
               found.weights[weight.name]) for weight in node.weights if weight.name in found.weights]  # fmt: skip
    if not shown:
        st.caption(_("PyTorch computes no gradient by this node's output: it was not found there."))
    for title, name, values in shown:
        array(values, title, f"gradient.{name}", signed=True)
