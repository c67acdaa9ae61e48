"""What the graph is coloured by: the choice, and the colours of the drawing's boxes with their legend."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from explorer.figures.palette import amount, digits, theme
from explorer.figures.shades import scale_colours, shades
from explorer.graph.categories import legend
from explorer.graph.measures import (
    Combination,
    combined_by_box,
    flops_by_node,
    output_bytes_by_node,
    parameters_by_node,
)
from explorer.trace.node_measures import gradient_norms, output_statistic
from explorer.ui.components.graph_view import Scale
from explorer.ui.frame import selection
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.labels import Translate
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.graph_page.compared_with import added_boxes, comparison_choice, weight_changes
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_, UserError


@dataclass(frozen=True)
class ColourMeasure:
    """A number of each node that the graph can be coloured by.

    title: for menu and legend. values: the number of each node, by its id. combine: how the numbers of a folded
    module's nodes become one. format_value: a number as text.
    """

    title: str
    values: Callable[[GraphSubject], Mapping[str, float]]
    combine: Combination
    format_value: Callable[[float], str] = digits


def _microseconds(subject: GraphSubject) -> dict[str, float]:
    return {node: seconds * 1e6 for node, seconds in subject.seconds().items()}


def _magnitudes(subject: GraphSubject) -> dict[str, float]:
    return output_statistic(subject.graph, subject.statistics(), "magnitude")


def _dead_shares(subject: GraphSubject) -> dict[str, float]:
    return output_statistic(subject.graph, subject.statistics(), "dead")


def _gradient_norms(subject: GraphSubject) -> dict[str, float]:
    return gradient_norms(subject.graph, subject.gradients())


MEASURES: dict[str, ColourMeasure] = {
    "params": ColourMeasure(N_("Parameters"), lambda subject: parameters_by_node(subject.graph), "sum", amount),
    "flops": ColourMeasure(N_("FLOPs"), lambda subject: flops_by_node(subject.graph), "sum", amount),
    "bytes": ColourMeasure(
        N_("Bytes of the output"), lambda subject: output_bytes_by_node(subject.graph), "sum", amount
    ),
    "time": ColourMeasure(N_("Measured time, µs"), _microseconds, "sum"),
    "activation": ColourMeasure(N_("Mean size of the activation"), _magnitudes, "mean"),
    "dead": ColourMeasure(N_("Share of dead outputs"), _dead_shares, "mean"),
    "change": ColourMeasure(N_("Change of the weights"), weight_changes, "norm"),
    "gradient": ColourMeasure(N_("Gradient norm"), _gradient_norms, "norm"),
}
MEASURE = "graph.colour"  # the key of the menu


def chosen_measure() -> str:
    """The selection's key in MEASURES; '' for the operations' categories."""
    measure = selection.current().colour
    return measure if measure in MEASURES else ""


def colour_choice() -> None:
    """Draw the menu."""
    _ = gettext()
    titles = {"": _("Kind of operation"), **{name: _(measure.title) for name, measure in MEASURES.items()}}
    selection.steer(MEASURE, chosen_measure())
    st.selectbox(
        _("Colour by"),
        list(titles),
        format_func=titles.__getitem__,
        key=MEASURE,
        on_change=lambda: selection.change(colour=st.session_state[MEASURE] or ""),
    )


Colours = Mapping[str, tuple[str, str, str]]


def box_colours(
    subject: GraphSubject, boxes: Mapping[str, str], measure: str, _: Translate
) -> tuple[Colours | None, Scale | None, str]:
    """(fill, ink, text) of each box, the scale of the colours, and why there are none, if so.

    boxes: the box of each node. measure: a key in MEASURES, '' for none.
    """
    if measure not in MEASURES:
        return None, None, ""
    chosen = MEASURES[measure]
    title = _(chosen.title)
    try:
        values = combined_by_box(chosen.values(subject), boxes, chosen.combine)
    except UserError as error:
        return None, None, error_text(error)
    if measure == "change" and not comparison_choice():
        return None, None, _("Choose what to compare with, below the drawing.")
    if not values:
        return None, None, _("{measure}: nothing is known here.").format(measure=title)
    colours = {
        box: (*fill_and_ink, f"{title}: {chosen.format_value(values[box])}")
        for box, fill_and_ink in shades(values, is_dark()).items()
    }
    if measure == "change":
        fill = theme(is_dark()).mistake
        colours |= {box: (fill, "#000000", _("Only here")) for box in added_boxes(subject, boxes)}
    low, high = (chosen.format_value(end) for end in (min(values.values()), max(values.values())))
    return colours, Scale(title, scale_colours(is_dark()), low, high), ""


def category_legend(subject: GraphSubject, _: Translate) -> tuple[tuple[str, str], ...]:
    """(title, colour) of each category of operations in the graph."""
    present = legend(node.category for node in subject.graph.all_nodes())
    return tuple((_(category.title), category.dark if is_dark() else category.light) for category in present)
