"""The inspector's weights: each initializer of a node as a picture, with its numbers and a download."""

from functools import partial

import streamlit as st

from explorer.graph.graph import Node, Weight
from explorer.graph.parameters import Kind, symbol_of
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.inspector.array_view import npy_bytes, show_array
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_
from models.text import shape_text

TITLES: dict[Kind, str] = {
    "parameter": N_("Learned"),
    "quantization": N_("Scale and zero point"),
    "constant": N_("Not learned"),
}


def _reason_missing(subject: GraphSubject, node: Node) -> str:
    return "" if node.weights else N_("This operation has no weights.")


def _show(subject: GraphSubject, node: Node, _: Translate) -> None:
    """What was learned first, then scales and zero points, then everything else, under headings where there are several
    kinds."""
    kinds = [kind for kind in TITLES if any(weight.kind == kind for weight in node.weights)]
    place = 0
    for kind in kinds:
        if len(kinds) > 1:
            st.caption(_(TITLES[kind]))
        for weight in node.weights:
            if weight.kind == kind:
                _weight(subject, node, weight, place, _)
                place += 1


def _weight(subject: GraphSubject, node: Node, weight: Weight, place: int, _: Translate) -> None:
    title = f"{symbol_of(node.op_type, weight.role)} · {weight.name}"
    value = subject.weight(weight.key) if weight.value is None else None
    if value is None or value.ndim == 0:
        st.markdown(f"**{plain(title)}** {plain(_text(weight))}")
        return
    show_array(value, title, f"weight{place}", kernels=True)
    st.download_button(
        _("Download as .npy"),
        partial(npy_bytes, value),
        f"{weight.name[-80:]}.npy",
        "application/octet-stream",
        on_click="ignore",
        key=f"weight.download.{node.id}.{weight.body}.{weight.name}",
        type="tertiary",
    )


def _text(weight: Weight) -> str:
    """The value where it is a single number, else type and shape."""
    return f"= {weight.value}" if weight.value is not None else f"{weight.dtype} {shape_text(weight.shape)}"


TAB = InspectorTab(N_("Weights"), _show, _reason_missing)
