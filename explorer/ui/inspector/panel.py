"""The inspector: everything about one node of a run's graph for the current sample. The same on every page."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from explorer.graph.categories import CATEGORIES
from explorer.graph.graph import Node, TensorType, Weight
from explorer.graph.operation_docs import operation_doc
from explorer.graph.source_lines import lines_around, nodes_by_line
from explorer.ui.frame import selection
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.frame.language import error_text, gettext, language
from explorer.ui.inspector.arithmetic import arithmetic
from explorer.ui.inspector.array_view import array, npy_bytes, of_sample
from explorer.ui.inspector.gradient import gradient
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_, UserError
from models.text import shape_text, shortened

MOST_NODES_OF_A_LINE = 40
LONGEST_VALUE = 1000  # characters of an attribute
LONGEST_SENTENCE = 4000  # characters of ONNX's documentation
NODE_HINT = N_("Click a node to see its activation, weights, attributes and source line.")


def inspector(subject: GraphSubject, node: Node) -> None:
    """Heading, card and tabs for ``node``: activation, weights, gradient, arithmetic, attributes, source."""
    _ = gettext()
    st.subheader(plain(node.op_type))
    st.caption(" · ".join((plain(node.name), _(CATEGORIES[node.category].title))))
    _card(node, _)
    _tabs(subject, node, selection.current().node)


def _card(node: Node, _: Translate) -> None:
    """What the operation does, one click away."""
    found = operation_doc(node.op_type, node.domain)
    with st.popover(_("What does it do?"), type="tertiary"):
        for sentence in found.sentences:
            st.markdown(_(sentence) if found.ours else plain(sentence, LONGEST_SENTENCE))
        if found.formula:
            st.latex(found.formula)
        if found.chapter is not None:
            st.caption(_("Chapter {n} of the book").format(n=found.chapter))
        if not found.ours:
            st.caption(_("From ONNX's documentation"))


# A fragment: another tab or another element of the arithmetic runs this alone, not the page with its drawing.
@st.fragment
def _tabs(subject: GraphSubject, node: Node, chosen: str) -> None:
    """The same tabs for every node, so that the open one stays open; only that one is computed.

    chosen: the node of the selection when all of the inspector was drawn.
    """
    if selection.current().node != chosen:
        st.rerun(scope="app")  # another one was chosen in here: heading and drawing stand outside
    _ = gettext()
    shows: dict[str, Callable[[GraphSubject, Node, Translate], None]] = {
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
                show(subject, node, _)
            except UserError as error:
                st.error(error_text(error))


def _activation(subject: GraphSubject, node: Node, _: Translate) -> None:
    with st.spinner(_("Running the model …")):
        values = subject.tensors()
    if subject.generated:
        st.caption(_("For a made-up input: random numbers of the declared shape."))
    made = [name for name in node.outputs if name in values]
    for place, name in enumerate(made):
        array(of_sample(values[name]), _("Output {name}").format(name=name), f"out{place}")
    if not made:
        st.caption(_("Values inside bodies and local functions are not traced."))
    weights = {weight.name for weight in node.weights}
    taken = [name for name in dict.fromkeys(node.inputs) if name in values and name not in weights]
    for place, name in enumerate(taken):
        with st.expander(_("Input {name}").format(name=plain(name)), key=f"input.{name}", on_change="rerun") as part:
            if part.open:
                array(of_sample(values[name]), _("Input {name}").format(name=name), f"in{place}")


def _weights(subject: GraphSubject, node: Node, _: Translate) -> None:
    if not node.weights:
        st.caption(_("This operation has no weights."))
    for place, weight in enumerate(node.weights):
        title = f"{weight.role} · {weight.name}"
        value = subject.weight(weight.name) if weight.value is None else None
        if value is None or value.ndim == 0:
            st.markdown(f"**{plain(title)}** {_weight_text(weight)}")
            continue
        array(value, title, f"weight{place}")
        st.download_button(
            _("Download as .npy"),
            partial(npy_bytes, value),
            f"{weight.name[-80:]}.npy",
            "application/octet-stream",
            on_click="ignore",
            key=f"weight.download.{node.id}.{weight.name}",
            type="tertiary",
        )


def _weight_text(weight: Weight) -> str:
    return f"= {weight.value}" if weight.value is not None else f"{weight.dtype} {shape_text(weight.shape)}"


def _attributes(subject: GraphSubject, node: Node, _: Translate) -> None:
    facts: dict[str, Any] = {
        _("Operation"): f"{node.domain or 'ai.onnx'} {node.op_type}",
        _("Parameters"): f"{node.params:,}",
        _("FLOPs"): "?" if node.flops is None else f"{node.flops:,}",
        **{shortened(name): shortened(str(value), LONGEST_VALUE) for name, value in node.attributes.items()},
    }
    for label, names in ((_("Input"), node.inputs), (_("Output"), node.outputs)):
        for name in names:
            if name:
                facts[f"{label} {shortened(name)}"] = _type_text(subject.graph.tensors.get(name))
    st.dataframe(pd.DataFrame({_("Name"): list(facts), _("Value"): list(facts.values())}), hide_index=True)


def _type_text(tensor: TensorType | None) -> str:
    if tensor is None:
        return "?"
    return f"{tensor.dtype} {shape_text(tensor.shape)}"


def _source(subject: GraphSubject, node: Node, _: Translate) -> None:
    if node.source is None:
        st.caption(_("The exporter left no source line for this node."))
        return
    source = node.source
    place = _("{path}, line {line}, in {function}")
    st.caption(place.format(path=plain(source.path), line=source.line, function=plain(source.function)))
    around = lines_around(source)
    if around:
        width = len(str(around[-1][0]))
        marked = [f"{'▸' if number == source.line else ' '}{number:>{width}}  {text}" for number, text in around]
        st.code("\n".join(marked), language="python", width="stretch")
    else:
        st.code(source.code, language="python")
    lines = nodes_by_line(subject.graph, source.path)
    st.markdown(f"**{_('From a line to its nodes')}**")
    line = st.selectbox(
        _("Line of {path}").format(path=plain(source.path)),
        list(lines),
        index=list(lines).index(source.line),
        format_func=lambda number: _line_text(number, lines[number]),
        key=f"source.line.{source.path}.{source.line}",
    )
    with st.container(horizontal=True, gap="small"):
        for made in lines[line][:MOST_NODES_OF_A_LINE]:
            label = plain(" › ".join((*made.scope[-1:], made.op_type)))
            st.button(
                label,
                key=f"source.node.{made.id}",
                type="tertiary",
                disabled=made.id == node.id,
                on_click=selection.change,
                kwargs={"node": made.id},
            )


def _line_text(number: int, nodes: list[Node]) -> str:
    code = nodes[0].source.code if nodes[0].source else ""
    return f"{number}: {code[:60]}"
