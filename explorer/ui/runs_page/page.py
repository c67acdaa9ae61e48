"""The page of all runs: a table; choosing a row selects the run and offers its files."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from explorer.chapters.exports import export_run
from explorer.chapters.tables import export_endings
from explorer.runs.folder import Run, delete_run
from explorer.runs.report import divergence, headline_result
from explorer.ui.frame import selection
from explorer.ui.frame.bar import training_now
from explorer.ui.frame.labels import PARTS, STATES, local_time, plain, run_label
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import runs
from explorer.ui.labs.chapter_page import chapter_page
from models.catalogue import PartName, chapter_of, model_entries, title_of
from models.errors import RunError, UserError


def runs_page() -> None:
    """The whole page."""
    _ = gettext()
    st.title(_("Runs"))
    st.markdown(_("Which trainings are there, and how good are they?"))
    all_runs = runs()
    training_now(all_runs)
    if not all_runs:
        st.info(_("No run yet: train a model on its page first."))
        return
    rows = _chosen_rows(all_runs)
    if not rows:
        st.caption(_("Choose a row to look at the run, to export it, or to remove it."))
        return
    _detail(all_runs[rows[0]])


def _chosen_rows(all_runs: tuple[Run, ...]) -> list[int]:
    """The table; returns the positions of the chosen rows (one at most)."""
    known = [run.id for run in all_runs]
    chosen = selection.current().run
    event = st.dataframe(
        _table(all_runs),
        hide_index=True,
        key="runs.table",
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [known.index(chosen)] if chosen in known else []}},
        height="content" if len(all_runs) < 12 else 460,
    )
    return [row for row in event.selection.rows if row < len(all_runs)]


def _table(all_runs: tuple[Run, ...]) -> pd.DataFrame:
    _ = gettext()
    rows = []
    for run in all_runs:
        row = {
            _("Run"): run.id,
            _("Model"): _(title_of(run.model)),
            _("State"): _(STATES[run.state]),
            _("Started"): local_time(run.created),
            _("Epochs"): run.settings.get("epochs"),
        }
        parts: tuple[PartName, ...] = ("train", "test")
        for part in parts:
            row[_(PARTS[part])] = _metric_cell(run, part)
        row[_("Samples per second")] = f"{run.status.samples_per_second:,.0f}" if run.status.seconds else ""
        rows.append(row)
    return pd.DataFrame(rows)


def _metric_cell(run: Run, part: PartName) -> str:
    """The metric that sums up the run's model, on ``part``; with its title unless it is a share in per cent."""
    result = headline_result(run, part)
    if result is None:
        return ""
    if divergence(run) is not None:
        return gettext()("diverged")
    return result.text if result.metric.style == "percent" else f"{gettext()(result.metric.title)} {result.text}"


def _detail(run: Run) -> None:
    """What can be done with one run."""
    _ = gettext()
    if selection.current().run != run.id:
        selection.choose_run(run.id, same_model=False)
    st.subheader(plain(run.id))
    if run.damage:
        st.error(error_text(run.damage))
    elif run.status.message:
        st.error(error_text(RunError(run.status.message, **run.status.message_values)))
    if run.status.device:
        st.caption(_device_line(run))
    with st.container(horizontal=True, vertical_alignment="center"):
        if not run.damage and run.model in model_entries():
            st.page_link(chapter_page(chapter_of(run.model)), label=_("Look inside"))
            _download(run)
        if st.button(_("Remove"), key="runs.remove", disabled=run.active):
            _confirm_removal(run)
    if run.settings:
        st.dataframe(
            pd.DataFrame({_("Setting"): list(run.settings), _("Value"): [str(v) for v in run.settings.values()]}),
            hide_index=True,
        )


def _device_line(run: Run) -> str:
    """Where the run was trained, and what was measured to choose that device."""
    _ = gettext()
    device, rates = plain(run.status.device), run.status.device_rates
    if not rates:
        return _("Trained on {device}.").format(device=device)
    measured = ", ".join(f"{plain(name)} {rate:,.0f}" for name, rate in rates.items())
    return _("Trained on {device}, which a short measurement showed to be faster; samples per second: {rates}.").format(
        device=device, rates=measured
    )


def _download(run: Run) -> None:
    """The choice of a format, and the download of the run in it."""
    _ = gettext()
    if not run.checkpoints:
        return
    endings = export_endings(run.model)
    ending = st.selectbox(_("Format"), endings, key="runs.format", label_visibility="collapsed", width=160)
    st.download_button(
        _("Download"), lambda: _exported(run, ending), f"{run.id}{ending}", on_click="ignore", key="runs.download"
    )


def _exported(run: Run, ending: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{run.id}{ending}"
        export_run(run, None, path)
        return path.read_bytes()


def _confirm_removal(run: Run) -> None:
    _ = gettext()

    @st.dialog(_("Remove this run?"))
    def ask() -> None:
        st.markdown(f"**{plain(run_label(run, _))}**  \n{plain(run.id)}")
        st.markdown(_("Its checkpoints, curves and exported graph are deleted for good."))
        with st.container(horizontal=True):
            sure = st.button(_("Remove"), key="runs.remove.sure", type="primary")
            if st.button(_("Keep"), key="runs.remove.not"):
                st.rerun()
        if not sure:
            return
        try:
            delete_run(run)
        except UserError as error:
            st.error(error_text(error))
            return
        selection.choose_run("", same_model=False)
        st.rerun()

    ask()
