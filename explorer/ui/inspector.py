"""The inspector: everything about one node of a run's graph for the current sample. The same on every page."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from explorer.graph.cards import card
from explorer.graph.categories import CATEGORIES
from explorer.graph.graph import Graph, Node, TensorType, Weight
from explorer.runs.checkpoint import OpenRun
from explorer.ui.inspector_arithmetic import arithmetic
from explorer.ui.inspector_array import array, of_sample
from explorer.ui.inspector_gradient import gradient
from explorer.ui.labels import Translate, plain
from explorer.ui.language import gettext, language, told
from explorer.ui.opened import trace_of
from models.errors import N_, UserError

NODE_HINT = N_("Click a node to see its activation, weights, attributes and source line.")


def inspector(one: OpenRun, graph: Graph, node: Node, sample: str) -> None:
    """Heading, card and tabs for ``node``: activation, weights, gradient, arithmetic, attributes, source."""
    _ = gettext()
    st.subheader(plain(node.op_type))
    st.caption(" · ".join((plain(node.name), _(CATEGORIES[node.category].title))))
    _card(node, _)
    _tabs(one, graph, node, sample)


def _card(node: Node, _: Translate) -> None:
    """What the operation does, one click away."""
    found = card(node.op_type, node.domain)
    with st.popover(_("What does it do?"), type="tertiary"):
        for sentence in found.sentences:
            st.markdown(_(sentence) if found.ours else plain(sentence))
        if found.formula:
            st.latex(found.formula)
        if found.chapter is not None:
            st.caption(_("Chapter {n} of the book").format(n=found.chapter))
        if not found.ours:
            st.caption(_("From ONNX's documentation"))


# A fragment: another tab or another element of the arithmetic runs this alone, not the page with its drawing.
@st.fragment
def _tabs(one: OpenRun, graph: Graph, node: Node, sample: str) -> None:
    """The same tabs for every node, so that the open one stays open; only that one is computed."""
    _ = gettext()
    shows: dict[str, Callable[[OpenRun, Graph, Node, str, Translate], None]] = {
        _("Activation"): _activation,
        _("Weights"): _weights,
        _("Gradient"): gradient,
        _("Arithmetic"): arithmetic,
        _("Attributes"): _attributes,
        _("Source"): _source,
    }
    tabs = st.tabs(list(shows), key=f"inspector.tabs.{language()}", on_change="rerun")
    for tab, show in zip(tabs, shows.values(), strict=True):
        if not tab.open:
            continue
        with tab:
            try:
                show(one, graph, node, sample, _)
            except UserError as error:
                st.error(told(error))


def _activation(one: OpenRun, graph: Graph, node: Node, sample: str, _: Translate) -> None:
    values = trace_of(one, sample).values
    for name in node.outputs:
        if name in values:
            array(of_sample(values[name]), _("Output {name}").format(name=name), name)


def _weights(one: OpenRun, graph: Graph, node: Node, sample: str, _: Translate) -> None:
    if not node.weights:
        st.caption(_("This operation has no weights."))
    state = one.network.state_dict()
    for weight in node.weights:
        title = f"{weight.role} · {weight.name}"
        if weight.name in state:
            array(state[weight.name].numpy(), title, f"weight.{weight.name}")
            continue
        st.markdown(f"**{plain(title)}** {_weight_text(weight)}")


def _weight_text(weight: Weight) -> str:
    shape = "×".join(map(str, weight.shape))
    return f"= {weight.value}" if weight.value is not None else f"{weight.dtype} {shape}"


def _attributes(one: OpenRun, graph: Graph, node: Node, sample: str, _: Translate) -> None:
    facts: dict[str, Any] = {
        _("Operation"): f"{node.domain or 'ai.onnx'} {node.op_type}",
        _("Parameters"): f"{node.params:,}",
        _("FLOPs"): "?" if node.flops is None else f"{node.flops:,}",
        **{name: str(value) for name, value in node.attributes.items()},
    }
    for label, names in ((_("Input"), node.inputs), (_("Output"), node.outputs)):
        for name in names:
            if name:
                facts[f"{label} {name}"] = _type_text(graph.tensors.get(name))
    st.dataframe(pd.DataFrame({_("Name"): list(facts), _("Value"): list(facts.values())}), hide_index=True)


def _type_text(tensor: TensorType | None) -> str:
    if tensor is None:
        return "?"
    shape = "?" if tensor.shape is None else "×".join("?" if d is None else str(d) for d in tensor.shape)
    return f"{tensor.dtype} {shape}"


def _source(one: OpenRun, graph: Graph, node: Node, sample: str, _: Translate) -> None:
    if node.source is None:
        st.caption(_("The exporter left no source line for this node."))
        return
    st.caption(
        _("{path}, line {line}, in {function}").format(
            path=plain(node.source.path), line=node.source.line, function=plain(node.source.function)
        )
    )
    st.code(node.source.code or "", language="python")
