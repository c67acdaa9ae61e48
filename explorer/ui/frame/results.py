"""A row of results of the opened checkpoint."""

from collections.abc import Mapping

import streamlit as st

from explorer.runs.checkpoint import OpenRun
from explorer.ui.frame.labels import METRICS, PARTS, metric
from explorer.ui.frame.language import gettext
from explorer.ui.frame.run_caches import metrics_of


def result_row(one: OpenRun) -> None:
    """Metrics on the test part at the opened checkpoint; at the last one also the training part's, as recorded."""
    _ = gettext()
    shown: dict[str, Mapping[str, float]] = {"test": metrics_of(one)}
    if one.run.status.metrics and one.step == one.run.checkpoints[-1]:
        shown = {"train": one.run.status.metrics["train"], "test": one.run.status.metrics["test"]}
    with st.container(horizontal=True, key="results"):
        for part, metrics in shown.items():
            for name, value in metrics.items():
                st.metric(f"{_(METRICS.get(name, name))} · {_(PARTS[part])}", metric(name, value), width="content")
        if one.run.status.onnx_max_difference is not None:
            st.metric(
                _("ONNX against PyTorch"),
                f"{one.run.status.onnx_max_difference:.1e}",
                width="content",
                help=_("Largest difference between the exported ONNX file and PyTorch on real samples."),
            )
