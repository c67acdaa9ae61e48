"""The page of all runs: a table; choosing a row selects the run and shows what can be done with it."""

import hashlib

import pandas as pd
import streamlit as st

from explorer.runs.folder import Run
from explorer.runs.report import changed_settings, divergence, headline_result
from explorer.ui.frame import selection
from explorer.ui.frame.labels import PARTS, local_time, state_text
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import runs
from explorer.ui.frame.training_progress import training_now
from explorer.ui.runs_page.detail import run_detail
from explorer.ui.runs_page.removal import bring_back
from models.catalogue import PartName, model, title_of

GIVEN_WIDTH = 150  # pixels of a column of names or notes; few runs have any, and the table would size it by the others


def runs_page() -> None:
    """The whole page."""
    _ = gettext()
    st.title(_("Runs"))
    st.markdown(_("Which trainings are there, and how good are they?"))
    all_runs = runs()
    training_now(all_runs, watch=True)
    bring_back()
    if not all_runs:
        st.info(_("No run yet: train a model on its page first."))
        return
    chosen = _chosen(all_runs)
    if chosen is None:
        st.caption(_("Choose a row to look at the run, to name it, to export it, or to remove it."))
        return
    run_detail(chosen)


def _chosen(all_runs: tuple[Run, ...]) -> Run | None:
    """Draw the table; returns the run of the chosen row."""
    known = [run.id for run in all_runs]
    selected = selection.current().run
    # The browser remembers the number of a row: with another list of runs it would mean another run.
    listed = hashlib.sha256("\n".join(known).encode()).hexdigest()[:8]
    with st.container(key="runs-table"):
        event = st.dataframe(
            _table(all_runs),
            hide_index=True,
            key=f"runs.table.{listed}",
            on_select="rerun",
            selection_mode="single-row",
            selection_default={"selection": {"rows": [known.index(selected)] if selected in known else []}},
            height="content" if len(all_runs) < 12 else 460,
            column_config={
                gettext()(title): st.column_config.TextColumn(width=GIVEN_WIDTH) for title in ("Name", "Note")
            },
        )
    return next((all_runs[row] for row in event.selection.rows if row < len(all_runs)), None)


def _table(all_runs: tuple[Run, ...]) -> pd.DataFrame:
    _ = gettext()
    rows = []
    for run in all_runs:
        row = {_("Name"): run.name} if any(each.name for each in all_runs) else {}
        row |= {
            _("Model"): _(title_of(run.model)),
            _("State"): state_text(run, _),
            _("Started"): local_time(run.created),
        }
        parts: tuple[PartName, ...] = ("train", "test")
        for part in parts:
            row[_(PARTS[part])] = _metric_cell(run, part)
        row[_("Settings other than the book's")] = settings_text(run)
        row[_("Samples per second")] = f"{run.status.samples_per_second:,.0f}" if run.status.seconds else ""
        if any(each.note for each in all_runs):
            row[_("Note")] = run.note
        row[_("Run")] = run.id
        rows.append(row)
    return pd.DataFrame(rows)


def settings_text(run: Run) -> str:
    """The settings of ``run`` that differ from the book's values, each with its title."""
    _ = gettext()
    changed = changed_settings(run)
    fields = model(run.model).config.model_fields if changed else {}
    return " · ".join(f"{_(fields[name].title or name)} {value}" for name, value in changed.items())


def _metric_cell(run: Run, part: PartName) -> str:
    """The metric that sums up the run's model, on ``part``; with its title unless it is a share in per cent."""
    result = headline_result(run, part)
    if result is None:
        return ""
    if divergence(run) is not None:
        return gettext()("diverged")
    return result.text if result.metric.style == "percent" else f"{gettext()(result.metric.title)} {result.text}"
