"""The bike laboratory's view: real and predicted demand over the held-out last 21 days."""

import pandas as pd
import streamlit as st

from explorer.figures.bike.demand import DemandWords
from explorer.figures.bike.demand import demand as demand_figure
from explorer.figures.vectors import vector
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run, read_facts
from explorer.ui.frame import selection
from explorer.ui.frame.charts import chart, in_language, is_dark
from explorer.ui.frame.language import gettext
from explorer.ui.frame.results import result_row
from explorer.ui.frame.run_caches import layers_of, opened, opened_at
from explorer.ui.labs.layer_text import UnitWords, layer_text, units_table
from models.base import Sample
from models.bike.demand import demand
from models.errors import UserError

KEY = "bike.hour"
HOURS_A_WEEK = 7 * 24
COVER_HEIGHT = 220  # pixels


@st.cache_data(show_spinner=False, max_entries=64)
def _demand(run_id: str, step: int) -> pd.DataFrame:
    opened_run = opened_at(run_id, step)
    return demand(opened_run.network, opened_run.book.load(opened_run.config, opened_run.run.source))


def demand_of(opened_run: OpenRun) -> pd.DataFrame:
    """Real and predicted bikes per hour over the test rows: time, real, predicted."""
    return _demand(opened_run.run.id, opened_run.step)


def hour_choice(run: Run) -> None:
    """Choose an hour of the held-out days; live."""
    _ = gettext()
    try:
        hours: list[str] = read_facts(run)["test_times"]
    except UserError:
        return  # the data are still being read; the view says so
    wanted = selection.current().sample
    selection.steer(KEY, wanted if wanted in hours else hours[0])

    def chosen() -> None:
        selection.change(sample=st.session_state[KEY])

    st.select_slider(
        _("Hour of the held-out days"),
        hours,
        key=KEY,
        on_change=chosen,
        format_func=hour_text,
        help=_("The hour whose calendar and weather go through the network. Takes effect at once."),
    )


def hour_text(key: str) -> str:
    """``2011-12-15T08`` → ``12-15 08:00``."""
    return f"{key[5:10]} {key[11:13]}:00"


def cover(run: Run) -> None:
    """The last of the held-out weeks on the start page."""
    _ = gettext()
    week = demand_of(opened(run, None)).tail(HOURS_A_WEEK)
    title = _("Demand in a week that the network has never seen")
    figure = demand_figure(
        week["time"],
        week["real"],
        week["predicted"],
        title=title,
        words=in_language(DemandWords),
        height=COVER_HEIGHT,
        dark=is_dark(),
    )
    chart(figure, "cover.bike.demand")


def show_demand(opened_run: OpenRun) -> None:
    """Results and the two lines."""
    _ = gettext()
    result_row(opened_run)
    table = demand_of(opened_run)
    sample = opened_run.sample(selection.current().sample)
    figure = demand_figure(
        table["time"],
        table["real"],
        table["predicted"],
        title=_("Demand in the last 21 days"),
        words=in_language(DemandWords),
        marked=f"{sample.key}:00",
        height=260,
        dark=is_dark(),
    )
    chart(figure, "bike.demand", lambda: table)
    _hour(opened_run, sample, table)
    st.caption(
        _("The network never saw these days. Loss is the mean squared error of standardised counts (chapter 3).")
    )


def _hour(opened_run: OpenRun, sample: Sample, table: pd.DataFrame) -> None:
    """The selected hour: real, predicted, and what the hidden neurons make of it."""
    _ = gettext()
    row = table[table["time"] == pd.to_datetime(sample.key, format="%Y-%m-%dT%H")]
    title, hidden = st.columns([1, 2])
    with title:
        st.markdown(f"**{hour_text(sample.key)}**")
        names = {"real": _("Real, bikes per hour"), "predicted": _("Predicted, bikes per hour")}
        for column, name in names.items():
            if not row.empty:
                st.metric(name, f"{row[column].iloc[0]:.0f}")
    with hidden:
        layer = next(layer for layer in layers_of(opened_run, sample.key) if layer.name == "sigmoid")
        figure = vector(layer.output, title=layer_text(layer), words=in_language(UnitWords), first=1, dark=is_dark())
        chart(figure, "bike.hidden", lambda: units_table(layer.output))
