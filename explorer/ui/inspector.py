"""The inspector: everything about one node of a run's graph for the current sample. The same on every page."""

from typing import Any

import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from explorer.figures.bars import VectorWords, vector
from explorer.figures.histogram import HistogramWords, histogram
from explorer.figures.maps import KernelWords, MapWords, feature_maps, kernels
from explorer.figures.matrix import MatrixWords, matrix
from explorer.figures.palette import digits
from explorer.figures.summary import statistics
from explorer.graph.categories import CATEGORIES
from explorer.graph.graph import Graph, Node, TensorType, Weight
from explorer.runs.checkpoint import OpenRun
from explorer.ui.charts import chart, in_language, is_dark
from explorer.ui.labels import Translate, plain
from explorer.ui.language import gettext, told
from explorer.ui.layer_text import values_table
from explorer.ui.opened import trace_of
from models.errors import N_, UserError

WIDTH = 320  # pixels: the inspector is a third of the page
NODE_HINT = N_("Click a node to see its activation, weights, attributes and source line.")


def inspector(one: OpenRun, graph: Graph, node: Node, sample: str) -> None:
    """Tabs for ``node``: activation, weights, attributes, source."""
    _ = gettext()
    st.subheader(plain(node.op_type))
    st.caption(" · ".join((plain(node.name), _(CATEGORIES[node.category].title))))
    tabs = {_("Activation"): _activation, _("Weights"): _weights, _("Attributes"): _attributes, _("Source"): _source}
    if not node.weights:
        del tabs[_("Weights")]
    for tab, show in zip(st.tabs(list(tabs)), tabs.values(), strict=True):
        with tab:
            show(one, graph, node, sample, _)


def _activation(one: OpenRun, graph: Graph, node: Node, sample: str, _: Translate) -> None:
    try:
        values = trace_of(one, sample).values
    except UserError as error:
        st.error(told(error))
        return
    for name in node.outputs:
        if name in values:
            value = values[name]
            array(
                value[0] if value.ndim > 1 and value.shape[0] == 1 else value,
                _("Output {name}").format(name=name),
                name,
            )


def array(values: NDArray[Any], title: str, key: str) -> None:
    """Any array by its shape: maps, kernels, bars or a number; with statistics and its histogram."""
    _ = gettext()
    shape = "×".join(map(str, values.shape))
    title = f"{title} · {shape}" if shape else title
    dark = is_dark()
    if values.ndim == 4:
        figure = kernels(values, title=title, words=in_language(KernelWords), page=WIDTH, dark=dark)
    elif values.ndim == 3 and min(values.shape[-2:]) > 1:
        figure = feature_maps(values, title=title, words=in_language(MapWords), page=WIDTH, dark=dark)
    elif values.ndim == 2 and min(values.shape) > 1:
        figure = matrix(values, title=title, words=in_language(MatrixWords), page=WIDTH, dark=dark)
    else:
        figure = vector(values, title=title, words=in_language(VectorWords), page=WIDTH, dark=dark)
    chart(figure, f"inspector.{key}", lambda: values_table(values))
    _statistics(values, _)
    if values.size > 8:
        chart(
            histogram(
                values, title=_("Distribution of its values"), words=in_language(HistogramWords), dark=dark, height=200
            ),
            f"inspector.{key}.histogram",
            lambda: values_table(values),
        )


def _statistics(values: NDArray[Any], _: Translate) -> None:
    found = statistics(values)
    rows = {
        _("Minimum"): found.least,
        _("Maximum"): found.largest,
        _("Mean"): found.mean,
        _("Standard deviation"): found.spread,
    }
    shown = {name: "–" if value is None else digits(value) for name, value in rows.items()}
    if found.zeros is not None:
        shown[_("Share of zeros")] = f"{found.zeros:.1%}"
    if found.nans or found.infinities:
        st.warning(
            _("{nans} NaN and {infinities} infinite values.").format(nans=found.nans, infinities=found.infinities)
        )
    st.dataframe(pd.DataFrame({_("Name"): list(shown), _("Value"): list(shown.values())}), hide_index=True)


def _weights(one: OpenRun, graph: Graph, node: Node, sample: str, _: Translate) -> None:
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
