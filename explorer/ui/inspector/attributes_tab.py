"""The inspector's attributes: a node's operation, cost, attributes, and the types of its inputs and outputs."""

from typing import Any

import pandas as pd
import streamlit as st

from explorer.graph.graph import Node, TensorType
from explorer.ui.frame.labels import Translate
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_
from models.text import shape_text, shortened

LONGEST_VALUE = 1000  # characters of an attribute


def _show(subject: GraphSubject, node: Node, _: Translate) -> None:
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
    """Type and shape, ``?`` for what is unknown: ``float32 ?×1×28×28``."""
    if tensor is None:
        return "?"
    return f"{tensor.dtype} {shape_text(tensor.shape)}"


TAB = InspectorTab(N_("Attributes"), _show)
