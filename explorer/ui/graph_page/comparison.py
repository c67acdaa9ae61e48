"""Comparing what is looked at with another checkpoint, run or file: the choice, what differs, how far weights moved."""

import pandas as pd
import streamlit as st

from explorer.figures.palette import digits
from explorer.graph.compare import Comparison
from explorer.graph.graph import Graph
from explorer.graph.module_tree import scope_name
from explorer.ui.frame import selection
from explorer.ui.frame.labels import Translate, run_label
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import runs
from explorer.ui.graph_page.colours import KEY as COLOUR
from explorer.ui.graph_page.compared_with import KEY, chosen_subject, comparison_choice, comparison_with
from explorer.ui.graph_page.selected_file import UPLOADED
from explorer.ui.inspector.run_subject import RunSubject
from explorer.ui.inspector.subject import GraphSubject

MOST_ROWS = 5000
HEIGHT = 420  # pixels


def comparison(subject: GraphSubject) -> None:
    """The tab."""
    _ = gettext()
    choices = _choices(subject, _)
    if not choices:
        st.caption(_("There is nothing else yet to compare with: train another run, or upload a file."))
        return
    if comparison_choice() not in choices:
        st.session_state[KEY] = None

    def chosen() -> None:
        st.session_state["graph.against.changed"] = True
        if comparison_choice():
            st.session_state[COLOUR] = "change"
        elif st.session_state.get(COLOUR) == "change":
            st.session_state[COLOUR] = ""

    st.selectbox(
        _("Compare with"),
        list(choices),
        format_func=lambda one: choices[one],
        key=KEY,
        on_change=chosen,
        placeholder=_("Another checkpoint, run or file"),
        persist_state="session",
    )
    if st.session_state.pop("graph.against.changed", False):
        st.rerun(scope="app")  # the drawing is coloured by it
    found = comparison_with(subject)
    if found is None:
        told = _("Tells which operations were added, removed or changed, and colours by how far each weight moved.")
        st.caption(told)
    else:
        _told(found, chosen_subject(comparison_choice()).graph, subject.graph, _)


def _choices(subject: GraphSubject, _: Translate) -> dict[str, str]:
    """What can be compared with, by key, the nearest relatives first."""
    found: dict[str, str] = {}
    if isinstance(subject, RunSubject):
        run = subject.opened_run.run
        found.update(
            (f"{run.id}@{step}", _("This run at step {step}").format(step=f"{step:,}"))
            for step in run.checkpoints
            if step != subject.opened_run.step
        )
    others = [run for run in runs() if run.id != subject.id and run.checkpoints and not run.damage]
    model = subject.opened_run.run.model if isinstance(subject, RunSubject) else ""
    others.sort(key=lambda run: run.model != model)
    found.update((run.id, run_label(run, _)) for run in others)
    found.update((key, name) for key, name in st.session_state.get(UPLOADED, {}).items() if key != subject.id)
    return found


def _told(found: Comparison, before: Graph, after: Graph, _: Translate) -> None:
    if found.same:
        st.success(_("Both are the same, node for node and weight for weight."))
        return
    counts = [
        (_("Matched"), len(found.matched)),
        (_("Only here"), len(found.added)),
        (_("Only there"), len(found.removed)),
        (_("Changed"), len(found.changed)),
    ]
    with st.container(horizontal=True, gap="large"):
        for title, count in counts:
            st.metric(title, f"{count:,}", width="content")
    table, ids = _table(found, before, after, _)

    def chosen() -> None:
        places = st.session_state["graph.changes"].selection.rows
        if places and places[0] < len(ids) and ids[places[0]]:
            selection.change(node=ids[places[0]])
            st.session_state["graph.table.chosen"] = True

    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) < 12 else HEIGHT,
        key="graph.changes",
        on_select=chosen,
        selection_mode="single-row",
        placeholder="–",
    )
    if st.session_state.pop("graph.table.chosen", False):
        st.rerun(scope="app")


def _table(found: Comparison, before: Graph, after: Graph, _: Translate) -> tuple[pd.DataFrame, list[str]]:
    """One row a difference, the largest change of weights first, and the node of each row in ``after``, '' for none."""
    old = {node.id: node for node in before.all_nodes()}
    new = {node.id: node for node in after.all_nodes()}
    rows: list[tuple[str, str, str, str, str]] = []
    ids: list[str] = []
    for node in found.added:
        rows.append((_("Only here"), new[node].op_type, scope_name(new[node].scope), "", ""))
        ids.append(node)
    for node in found.removed:
        rows.append((_("Only there"), old[node].op_type, scope_name(old[node].scope), "", ""))
        ids.append("")
    moved = {node for node, size in found.sizes.items() if size}
    for node in sorted(moved | set(found.changed), key=lambda one: -found.sizes.get(one, 0.0))[:MOST_ROWS]:
        here = found.matched[node]
        what = ", ".join(_(part) for part in found.changed.get(node, ()))
        size = found.sizes.get(node)
        largest = max((change.largest for change in found.weights.get(node, ())), default=None)
        rows.append(
            (
                _("Changed") if what else _("Weights moved"),
                new[here].op_type,
                " · ".join(part for part in (scope_name(new[here].scope), what) if part),
                "" if not size else f"{size:.1%}",
                "" if not largest else digits(largest),
            )
        )
        ids.append(here)
    names = [
        _("Difference"),
        _("Operation"),
        _("Where and what"),
        _("Relative change of the weights"),
        _("Largest difference of a weight"),
    ]
    return pd.DataFrame(rows, columns=names), ids
