"""The learning curve of a run, live while it trains."""

import pandas as pd
import streamlit as st

from explorer.figures.curves import CurveWords, Series, loss_curves
from explorer.runs.folder import Run, read_metrics
from explorer.ui.frame.bar import step_of
from explorer.ui.frame.charts import chart, data_button, in_language, is_dark
from explorer.ui.frame.labels import PARTS
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import run_named
from explorer.ui.frame.training_progress import POLL_SECONDS

FREEZE = "curve.freeze"


def learning_curve(run: Run, height: int = 260) -> None:
    """Loss against step, training and validation; redrawn once a second while the run is active. height: pixels."""
    _ = gettext()
    live = run.active and not st.session_state.get(FREEZE)
    st.fragment(_curve, run_every=POLL_SECONDS if live else None)(run.id, height)
    with st.container(horizontal=True, vertical_alignment="center"):
        data_button("curve", lambda: pd.DataFrame(read_metrics(run)))
        if run.active:
            st.toggle(_("Freeze the curve"), key=FREEZE, help=_("Stops the redrawing, to look closely."))


def _curve(run_id: str, height: int) -> None:
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
        height=height,
        dark=is_dark(),
    )
    chart(figure, key="curve")
