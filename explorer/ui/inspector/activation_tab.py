"""The inspector's activation: the values of a node's outputs and, on demand, of its inputs."""

import re
from collections.abc import Mapping

import streamlit as st

from explorer.graph.graph import Node
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.inspector.array_view import show_array, without_batch
from explorer.ui.inspector.iteration_choice import chosen_values
from explorer.ui.inspector.subject import Array, GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_

MOST_PARTS = 16  # of a sequence or map that are shown


def _show(subject: GraphSubject, node: Node, _: Translate) -> None:
    values = chosen_values(subject, node, _)
    if subject.generated:
        st.caption(_("For a made-up input: random numbers of the declared shape."))
    outputs = [name for output in node.outputs if output for name in _parts(output, values)]
    for place, name in enumerate(outputs[:MOST_PARTS]):
        show_array(without_batch(values[name]), _("Output {name}").format(name=name), f"out{place}")
    if len(outputs) > MOST_PARTS:
        st.caption(_("The first {n} of {total} parts.").format(n=MOST_PARTS, total=f"{len(outputs):,}"))
    if not outputs:
        st.caption(_("This operation's output has no value here, or is an empty sequence."))
    weights = {weight.name for weight in node.weights}
    inputs = [part for name in dict.fromkeys(node.inputs) if name not in weights for part in _parts(name, values)]
    for place, name in enumerate(inputs[:MOST_PARTS]):
        title = _("Input {name}")
        with st.expander(title.format(name=plain(name)), key=f"input.{name}", on_change="rerun") as expander:
            if expander.open:
                show_array(without_batch(values[name]), title.format(name=name), f"in{place}")


def _parts(name: str, values: Mapping[str, Array]) -> list[str]:
    """The names of a tensor's values: its own, or those of the parts of a sequence or map, ``name[0]`` …."""
    if name in values:
        return [name]
    part = re.compile(re.escape(name) + r"(\[.*\])+", re.DOTALL)
    return [each for each in values if each.startswith(f"{name}[") and part.fullmatch(each)]


TAB = InspectorTab(N_("Activation"), _show)
