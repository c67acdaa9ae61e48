"""Shows a figure: in the page's theme, with its text alternative and its data as a table to read and to download."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from explorer.figures.live import LiveFigure
from explorer.figures.palette import description
from explorer.ui.frame.language import gettext

FigureWords = TypeVar("FigureWords")
BARE = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"], "responsive": True}


def is_dark() -> bool:
    """Whether the browser shows Streamlit's dark theme."""
    return bool(st.context.theme.type == "dark")


def in_language(kind: type[FigureWords]) -> FigureWords:
    """A figure's words (a dataclass of English defaults) in the session's language."""
    _ = gettext()
    return kind(**{field.name: _(str(field.default)) for field in fields(kind)})  # type: ignore[arg-type]


def chart(
    figure: go.Figure,
    key: str,
    data: Callable[[], pd.DataFrame] | None = None,
    picked: Callable[[int], None] | None = None,
) -> Any:
    """Draw ``figure``; ``data`` makes its table, behind a button below it.

    picked: called with the number of a point in its trace before the rerun that a click on it causes.
    """

    def chosen() -> None:
        points = st.session_state[key]["selection"]["points"]
        if picked is not None and points:
            picked(int(points[0]["point_index"]))

    shown = st.plotly_chart(
        figure,
        key=key,
        theme=None,
        config=BARE,
        alt=description(figure),
        on_select="ignore" if picked is None else chosen,
        selection_mode="points",
    )
    if data is not None:
        data_button(key, data)
    return shown


def live_chart(figure: LiveFigure, key: str, data: Callable[[], pd.DataFrame] | None = None) -> None:
    """Draw a chart that a slider redraws; ``data`` makes its table, behind a button below it."""
    tables = {name: pd.DataFrame(dict(columns)) for name, columns in figure.tables.items()}
    st.vega_lite_chart(spec={**figure.spec, "datasets": tables}, key=key, theme=None, alt=figure.alt)
    if data is not None:
        data_button(key, data)


def data_button(key: str, data: Callable[[], pd.DataFrame]) -> None:
    """A button that opens the table that ``data`` makes, below the figure called ``key``."""
    _ = gettext()
    # The table is figure only when it is opened: a layer's maps can be thousands of rows.
    opened = st.popover(_("Data"), type="tertiary", key=f"{key}.data", on_change="rerun")
    if opened.open:
        opened.dataframe(data(), hide_index=True)
