"""A row of results of the opened checkpoint."""

from collections.abc import Mapping

import streamlit as st

from explorer.runs.checkpoint import OpenRun
from explorer.runs.report import divergence
from explorer.ui.frame.labels import PARTS, Translate, result_sentence
from explorer.ui.frame.language import gettext
from explorer.ui.frame.run_caches import metrics_of
from models.catalogue import entry


def result_row(opened_run: OpenRun) -> None:
    """Metrics on the test part at the opened checkpoint; at the last one also the training part's, as recorded.

    Above them, that the training diverged, where it did.
    """
    _ = gettext()
    model = entry(opened_run.run.model)
    shown: dict[str, Mapping[str, float]] = {"test": metrics_of(opened_run)}
    if opened_run.run.status.metrics and opened_run.step == opened_run.run.checkpoints[-1]:
        shown = {"train": opened_run.run.status.metrics["train"], "test": opened_run.run.status.metrics["test"]}
    if divergence(opened_run.run) is not None:
        st.warning(result_sentence(opened_run.run, _))
    st.caption(_measured_at(opened_run, _))
    with st.container(horizontal=True, key="results"):
        for part, metrics in shown.items():
            for name, value in metrics.items():
                metric = model.metric(name)
                st.metric(f"{_(metric.title)} · {_(PARTS[part])}", metric.format(value), width="content")
        if opened_run.run.status.onnx_max_difference is not None:
            st.metric(
                _("ONNX against PyTorch"),
                f"{opened_run.run.status.onnx_max_difference:.1e}",
                width="content",
                help=_("Largest difference between the exported ONNX file and PyTorch on real samples."),
            )


def _measured_at(opened_run: OpenRun, _: Translate) -> str:
    """Which checkpoint the results are those of."""
    run, step = opened_run.run, opened_run.step
    numbers = {"step": f"{step:,}", "steps": f"{run.status.steps:,}"}
    if step != run.checkpoints[-1]:
        return _("Results at the chosen checkpoint, step {step} of {steps}").format(**numbers)
    if run.active:
        return _("Results at the newest checkpoint, step {step} of {steps}; they follow the training").format(**numbers)
    return _("Results at the last checkpoint, step {step} of {steps}").format(**numbers)
