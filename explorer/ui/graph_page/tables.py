"""The graph as a table of its nodes, and the summary of its operations, below the drawing."""

from typing import Any

import pandas as pd
import streamlit as st

from explorer.graph.table import node_rows, operation_rows
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.graph_page.node_rows_view import node_rows_view
from explorer.ui.inspector.subject import GraphSubject
from models.errors import UserError
from models.text import shortened

MOST_ROWS = 20_000


def node_table(subject: GraphSubject) -> None:
    """Draw every node as a row; choosing a row selects its node."""
    _ = gettext()
    seconds = _measured_seconds(subject)
    rows = node_rows(subject.graph, seconds)
    if len(rows) > MOST_ROWS:
        st.caption(_("The first {n} of {total} operations.").format(n=f"{MOST_ROWS:,}", total=f"{len(rows):,}"))
    table = pd.DataFrame([vars(row) for row in rows[:MOST_ROWS]])
    for column in ("operation", "module", "name", "shape"):
        table[column] = [shortened(text) for text in table[column]] if len(table) else []
    ids = list(table.pop("id")) if len(table) else []
    _show_microseconds(table, seconds is not None)
    node_rows_view(table, ids, key="graph.table", columns=_columns())


def operation_table(subject: GraphSubject) -> None:
    """Draw one row for each kind of operation."""
    seconds = _measured_seconds(subject)
    table = pd.DataFrame([vars(row) for row in operation_rows(node_rows(subject.graph, seconds))])
    _show_microseconds(table, seconds is not None)
    st.dataframe(table, hide_index=True, column_config=_columns())


def _measured_seconds(subject: GraphSubject) -> dict[str, float] | None:
    """Each node's time if the switch is on, by id; None where it is off. Measuring runs the model once more."""
    _ = gettext()
    if not st.toggle(_("Measure the time of each operation"), key="graph.timed", persist_state="session"):
        return None
    try:
        return dict(subject.seconds())
    except UserError as error:
        st.caption(error_text(error))
        return {}


def _show_microseconds(table: pd.DataFrame, timed: bool) -> None:
    """Change the column of seconds to microseconds, or drop it where nothing was measured."""
    if timed and len(table):
        table["seconds"] *= 1e6
    else:
        table.drop(columns="seconds", errors="ignore", inplace=True)


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
