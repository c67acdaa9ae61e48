"""Comparing the graph with another checkpoint, run or file: the choice, what differs, how far weights moved."""

import pandas as pd
import streamlit as st

from explorer.figures.palette import digits
from explorer.graph.comparison.compare import Comparison
from explorer.graph.graph import Graph
from explorer.graph.module_tree import scope_name
from explorer.ui.frame import selection
from explorer.ui.frame.labels import Translate, run_label
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import runs
from explorer.ui.graph_page.compared_with import chosen_subject, comparison_choice, comparison_with
from explorer.ui.graph_page.node_rows_view import node_rows_view
from explorer.ui.graph_page.sources.selected_file import UPLOADED
from explorer.ui.inspector.file_subject import FileSubject
from explorer.ui.inspector.run_subject import RunSubject
from explorer.ui.inspector.subject import GraphSubject
from models.errors import UserError

MOST_ROWS = 5000
COMPARED_WITH = "graph.compared_with"  # the key of the choice
CHANGED = "graph.compared_with.changed"


def comparison_tab(subject: GraphSubject) -> None:
    """Draw the choice and, once there is one, what differs."""
    _ = gettext()
    choices = _choices(subject, _)
    if not choices:
        st.caption(_("There is nothing else yet to compare with: train another run, or upload a file."))
        return
    chosen = comparison_choice()
    if chosen and chosen not in choices:  # by an address: another person's upload, or what is there no more
        try:
            before = chosen_subject(chosen)
            choices[chosen] = before.name if isinstance(before, FileSubject) else chosen
        except UserError as error:
            st.warning(error_text(error))
            chosen = ""
    selection.steer(COMPARED_WITH, chosen or None)
    st.selectbox(
        _("Compare with"),
        list(choices),
        format_func=choices.__getitem__,
        key=COMPARED_WITH,
        on_change=_compare,
        placeholder=_("Another checkpoint, run or file"),
    )
    if st.session_state.pop(CHANGED, False):
        st.rerun(scope="app")  # the drawing is coloured by it
    comparison = comparison_with(subject) if chosen else None
    if comparison is None:
        st.caption(
            _("Lists the operations that were added, removed or changed, and colours by how far each weight moved.")
        )
    else:
        _differences(comparison, chosen_subject(chosen).graph, subject.graph, _)


def _compare() -> None:
    """Select what is compared, and colour the drawing by the weights' change while something is."""
    st.session_state[CHANGED] = True
    chosen, colour = st.session_state[COMPARED_WITH] or "", selection.current().colour
    selection.change(compare=chosen, colour="change" if chosen else "" if colour == "change" else colour)


def _choices(subject: GraphSubject, _: Translate) -> dict[str, str]:
    """Texts of what can be compared with, by key: this run's checkpoints, runs of this model, other runs, uploads."""
    choices: dict[str, str] = {}
    model = ""
    if isinstance(subject, RunSubject):
        run, model = subject.opened_run.run, subject.opened_run.run.model
        choices |= {
            f"{run.id}@{step}": _("This run at step {step}").format(step=f"{step:,}")
            for step in run.checkpoints
            if step != subject.opened_run.step
        }
    others = [run for run in runs() if run.id != subject.id and run.checkpoints and not run.damage]
    others.sort(key=lambda run: run.model != model)
    choices |= {run.id: run_label(run, _) for run in others}
    choices |= {id: name for id, name in st.session_state.get(UPLOADED, {}).items() if id != subject.id}
    return choices


def _differences(comparison: Comparison, before: Graph, after: Graph, _: Translate) -> None:
    """Draw the counts and the table of what differs."""
    if comparison.same:
        st.success(_("Both are the same, node for node and weight for weight."))
        return
    counts = [
        (_("Matched"), len(comparison.matched)),
        (_("Only here"), len(comparison.added)),
        (_("Only there"), len(comparison.removed)),
        (_("Changed"), len(comparison.changed)),
    ]
    with st.container(horizontal=True, gap="large"):
        for title, count in counts:
            st.metric(title, f"{count:,}", width="content")
    table, ids = _difference_table(comparison, before, after, _)
    node_rows_view(table, ids, key="graph.changes", placeholder="–")


def _difference_table(
    comparison: Comparison, before: Graph, after: Graph, _: Translate
) -> tuple[pd.DataFrame, list[str]]:
    """One row a difference, the largest change of weights first, and the node of each row in ``after``, '' for none."""
    old = {node.id: node for node in before.all_nodes()}
    new = {node.id: node for node in after.all_nodes()}
    rows: list[tuple[str, str, str, str, str]] = []
    ids: list[str] = []
    for id in comparison.added:
        rows.append((_("Only here"), new[id].op_type, scope_name(new[id].scope), "", ""))
        ids.append(id)
    for id in comparison.removed:
        rows.append((_("Only there"), old[id].op_type, scope_name(old[id].scope), "", ""))
        ids.append("")
    moved = {id for id, changes in comparison.weights.items() if any(change.moved for change in changes)}
    for id in sorted(moved | set(comparison.changed), key=lambda id: -comparison.sizes.get(id, 0.0))[:MOST_ROWS]:
        matched = new[comparison.matched[id]]
        parts = ", ".join(_(part) for part in comparison.changed.get(id, ()))
        size = comparison.sizes.get(id)
        largest = max((change.largest for change in comparison.weights.get(id, ())), default=None)
        rows.append(
            (
                _("Changed") if parts else _("Weights moved"),
                matched.op_type,
                " · ".join(part for part in (scope_name(matched.scope), parts) if part),
                "" if not size else f"{size:.1%}",
                "" if not largest else digits(largest),
            )
        )
        ids.append(matched.id)
    titles = [
        _("Difference"),
        _("Operation"),
        _("Place and difference"),
        _("Relative change of the weights"),
        _("Largest difference of a weight"),
    ]
    return pd.DataFrame(rows, columns=titles), ids
