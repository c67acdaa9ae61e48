"""The table twin of the graph and the summary of its operations, below the drawing."""

from typing import Any

import pandas as pd
import streamlit as st

from explorer.graph.table import node_rows, operation_rows
from explorer.ui.frame import selection
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.inspector.subject import GraphSubject
from models.errors import UserError
from models.text import shortened

MOST_ROWS = 20_000
HEIGHT = 420  # pixels


def node_table(subject: GraphSubject) -> None:
    """Every operation as a row that can be sorted; choosing a row selects its node."""
    _ = gettext()
    timed = _timed()
    table = node_rows(subject.graph, _seconds(subject) if timed else None)
    if len(table) > MOST_ROWS:
        st.caption(_("The first {n} of {total} operations.").format(n=f"{MOST_ROWS:,}", total=f"{len(table):,}"))
    frame = pd.DataFrame([vars(row) for row in table[:MOST_ROWS]])
    for column in ("operation", "module", "name", "shape"):
        frame[column] = [shortened(text) for text in frame[column]] if len(frame) else []
    ids = list(frame.pop("id")) if len(frame) else []
    _in_microseconds(frame, timed)

    def chosen() -> None:
        places = st.session_state["graph.table"].selection.rows
        if places and places[0] < len(ids):
            selection.change(node=ids[places[0]])
            st.session_state["graph.table.chosen"] = True

    st.dataframe(
        frame,
        hide_index=True,
        height="content" if len(frame) < 12 else HEIGHT,
        key="graph.table",
        on_select=chosen,
        selection_mode="single-row",
        column_config=_columns(),
    )
    if st.session_state.pop("graph.table.chosen", False):
        st.rerun(scope="app")  # the drawing and the inspector stand in another fragment


def operation_table(subject: GraphSubject) -> None:
    """One row for each kind of operation."""
    timed = _timed()
    table = operation_rows(node_rows(subject.graph, _seconds(subject) if timed else None))
    frame = pd.DataFrame([vars(row) for row in table])
    _in_microseconds(frame, timed)
    st.dataframe(frame, hide_index=True, column_config=_columns())


def _in_microseconds(frame: pd.DataFrame, timed: bool) -> None:
    """The column of times in microseconds, or no such column where nothing was measured."""
    if timed and len(frame):
        frame["seconds"] *= 1e6
    else:
        frame.drop(columns="seconds", errors="ignore", inplace=True)


def _timed() -> bool:
    """Measuring runs the model once more: only on demand."""
    _ = gettext()
    return st.toggle(_("Measure the time of each operation"), key="graph.timed", persist_state="session")


def _seconds(subject: GraphSubject) -> dict[str, float]:
    try:
        return dict(subject.seconds())
    except UserError as error:
        st.caption(error_text(error))
        return {}


def _columns() -> dict[str, Any]:
    _ = gettext()
    number = st.column_config.NumberColumn
    return {
        "operation": _("Operation"),
        "module": _("Module"),
        "name": _("Name"),
        "shape": _("Output shape"),
        "count": number(_("Count"), format="localized"),
        "params": number(_("Parameters"), format="localized"),
        "flops": number(_("FLOPs"), format="localized"),
        "bytes": number(_("Bytes"), format="localized"),
        "seconds": number(_("Time, µs"), format="%.1f"),
    }
