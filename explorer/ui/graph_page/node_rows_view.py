"""A table of which each row stands for a node: choosing a row selects its node."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from explorer.ui.frame import selection

HEIGHT = 420  # pixels of a long table
LONGEST_WHOLE = 12  # rows of a table that is shown without scrolling
ROW_CHOSEN = "graph.table.chosen"


def node_rows_view(
    table: pd.DataFrame,
    ids: Sequence[str],
    *,
    key: str,
    columns: Mapping[str, Any] | None = None,
    placeholder: str | None = None,
) -> None:
    """Draw ``table``.

    ids: the node of each row, '' for a row without one. columns: Streamlit's settings of the columns. placeholder: the
    text of an empty cell.
    """

    def select_node() -> None:
        rows = st.session_state[key].selection.rows
        if rows and rows[0] < len(ids) and ids[rows[0]]:
            selection.change(node=ids[rows[0]])
            st.session_state[ROW_CHOSEN] = True

    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) < LONGEST_WHOLE else HEIGHT,
        key=key,
        on_select=select_node,
        selection_mode="single-row",
        placeholder=placeholder,
        column_config=columns,
    )
    if st.session_state.pop(ROW_CHOSEN, False):
        st.rerun(scope="app")  # the drawing and the inspector are in another fragment
