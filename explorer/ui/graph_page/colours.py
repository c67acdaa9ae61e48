"""What the graph is coloured by: the choice, and the colours of a view's boxes with their legend."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.drawing.diagram import Diagram, box_by_node
from explorer.figures.palette import amount, digits, theme
from explorer.figures.shades import scale_colours, shades
from explorer.graph.categories import legend
from explorer.graph.measures import Combined, combined_by_box, flops_by_node, output_bytes_by_node, parameters_by_node
from explorer.ui.components.graph_view import Scale
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.labels import Translate
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.graph_page.compared_with import added_boxes, comparison_choice, weight_changes
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_, UserError


@dataclass(frozen=True)
class ColourMeasure:
    """title: for choice and legend. of: the number of each node. how: numbers are put together for a folded module.

    told: a number in words.
    """

    title: str
    of: Callable[[GraphSubject], Mapping[str, float]]
    how: Combined
    told: Callable[[float], str] = digits


def _of_outputs(part: str) -> Callable[[GraphSubject], Mapping[str, float]]:
    """A number of each node's first output, from the trace's statistics."""

    def values(subject: GraphSubject) -> Mapping[str, float]:
        found = subject.statistics()
        numbers: dict[str, float] = {}
        for node in subject.graph.all_nodes():
            output = found.get(node.outputs[0]) if node.outputs and not node.folded else None
            value = None if output is None else getattr(output, part)
            if value is not None:
                numbers[node.id] = float(value)
        return numbers

    return values


def gradient_norms(subject: GraphSubject) -> dict[str, float]:
    """Euclidean norm of the gradient by each node's first output, where torch computed one."""
    found = subject.gradients()
    if found is None:
        return {}
    return {
        node.id: float(np.linalg.norm(found.tensors[node.outputs[0]]))
        for node in subject.graph.all_nodes()
        if node.outputs and node.outputs[0] in found.tensors
    }


def _microseconds(subject: GraphSubject) -> dict[str, float]:
    return {node: seconds * 1e6 for node, seconds in subject.seconds().items()}


MEASURES: dict[str, ColourMeasure] = {
    "params": ColourMeasure(N_("Parameters"), lambda subject: parameters_by_node(subject.graph), "sum", amount),
    "flops": ColourMeasure(N_("FLOPs"), lambda subject: flops_by_node(subject.graph), "sum", amount),
    "bytes": ColourMeasure(
        N_("Bytes of the output"), lambda subject: output_bytes_by_node(subject.graph), "sum", amount
    ),
    "time": ColourMeasure(N_("Measured time, µs"), _microseconds, "sum"),
    "activation": ColourMeasure(N_("Mean size of the activation"), _of_outputs("magnitude"), "mean"),
    "dead": ColourMeasure(N_("Share of dead outputs"), _of_outputs("dead"), "mean"),
    "change": ColourMeasure(N_("Change of the weights"), weight_changes, "norm"),
    "gradient": ColourMeasure(N_("Gradient norm"), gradient_norms, "norm"),
}
KEY = "graph.colour"


def chosen_measure() -> str:
    """The key in MEASURES that the menu shows; '' for the operations' categories."""
    return str(st.session_state.get(KEY) or "")


def colour_choice() -> None:
    """The menu."""
    _ = gettext()
    titles = {"": _("Kind of operation"), **{name: _(measure.title) for name, measure in MEASURES.items()}}
    st.selectbox(_("Colour by"), list(titles), format_func=lambda name: titles[name], key=KEY, persist_state="session")


Colours = Mapping[str, tuple[str, str, str]]


def coloured(
    subject: GraphSubject, view: Diagram, measure: str, _: Translate
) -> tuple[Colours | None, Scale | None, str]:
    """(fill, ink, words) of each box, what the colours mean, and why there are none, if so."""
    if measure not in MEASURES:
        return None, None, ""
    chosen = MEASURES[measure]
    title = _(chosen.title)
    try:
        values = combined_by_box(chosen.of(subject), box_by_node(view), chosen.how)
    except UserError as error:
        return None, None, error_text(error)
    if measure == "change" and not comparison_choice():
        return None, None, _("Choose what to compare with, below the drawing.")
    if not values:
        return None, None, _("{measure}: nothing is known here.").format(measure=title)
    found = shades(values, is_dark())
    colours = {box: (*look, f"{title}: {chosen.told(values[box])}") for box, look in found.items()}
    if measure == "change":
        fill = theme(is_dark()).mistake
        colours |= {box: (fill, "#000000", _("Only here")) for box in added_boxes(subject, box_by_node(view))}
    low, high = min(values.values()), max(values.values())
    return colours, Scale(title, scale_colours(is_dark()), chosen.told(low), chosen.told(high)), ""


def category_legend(subject: GraphSubject, _: Translate) -> tuple[tuple[str, str], ...]:
    """(title, colour) of the categories that occur."""
    present = legend(node.category for node in subject.graph.all_nodes())
    return tuple((_(category.title), category.dark if is_dark() else category.light) for category in present)
