"""The learning curve of a run, live while it trains."""

import pandas as pd
import streamlit as st

from explorer.figures.curves import CurveWords, Series, loss_curves
from explorer.runs.folder import Run, read_metrics
from explorer.ui.frame.bar import POLL_SECONDS, step_of
from explorer.ui.frame.charts import chart, in_language, is_dark
from explorer.ui.frame.labels import PARTS
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import run_named


def learning_curve(run: Run) -> None:
    """Loss against step, training and validation; redrawn once a second while the run is active."""
    _ = gettext()
    frozen = False
    if run.active:
        frozen = st.toggle(_("Freeze the curve"), key="curve.freeze", help=_("Stops the redrawing, to look closely."))
    live = run.active and not frozen
    st.fragment(_curve, run_every=POLL_SECONDS if live else None)(run.id)


def _curve(run_id: str) -> None:
    _ = gettext()
    run = run_named(run_id)
    records = pd.DataFrame(read_metrics(run), columns=["step", "epoch", "part", "loss"])
    by_part = {part: records[records["part"] == part] for part in ("train", "validation")}
    series = [
        Series(_(PARTS[part]), part, rows["step"], rows["loss"])  # type: ignore[arg-type]
        for part, rows in by_part.items()
    ]
    figure = loss_curves(
        series,
        title=_("Loss while training"),
        words=in_language(CurveWords),
        checkpoint=step_of(run),
        height=260,
        dark=is_dark(),
    )
    chart(figure, key="curve", data=lambda: pd.DataFrame(read_metrics(run)))
