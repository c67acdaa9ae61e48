"""Softmax of the current digit, term by term, and the book's mistake: the same along the batch."""

import numpy as np
import pandas as pd
import streamlit as st

from explorer.chapters.digits.softmax import BatchSoftmax, logits_of_layers, softmax_along, softmax_steps
from explorer.figures.digits.probability_table import ProbabilityTableWords, probability_table
from explorer.runs.checkpoint import OpenRun
from explorer.trace.layers import Array
from explorer.ui.components.softmax_view import softmax_view
from explorer.ui.frame import selection
from explorer.ui.frame.charts import in_language, is_dark, live_chart
from explorer.ui.frame.language import gettext
from explorer.ui.frame.run_caches import layers_of
from explorer.ui.labs.digits.computed import first_logits

BATCH, MOST = "lab.softmax.batch", 32  # key of the slider, and the largest batch that is shown


def softmax(opened_run: OpenRun) -> None:
    """The terms above, the two directions below."""
    _ = gettext()
    sample = opened_run.sample(selection.current().sample)
    truth = None if sample.target is None else int(sample.target)
    st.header(_("From scores to probabilities"))
    softmax_view(
        softmax_steps(logits_of_layers(layers_of(opened_run, sample.key))),
        opened_run.facts["classes"],
        truth,
        key="lab_softmax",
    )
    st.header(_("The mistake in the book's code: log_softmax(x, dim=0)"))
    st.markdown(
        _(
            "`dim=1` divides by the sum over a picture's ten classes, `dim=0` by the sum over the pictures of the"
            " batch. Then a picture's probabilities no longer add up to 1, its answer depends on the pictures beside"
            " it, and a picture alone gets 1 for everything: the answer is always 0."
        )
    )
    _alone(logits_of_layers(layers_of(opened_run, sample.key)), opened_run.facts["classes"])
    st.session_state.setdefault(BATCH, 8)
    note = _("The first ones of the test part. Takes effect at once.")
    size = st.slider(_("Pictures in the batch"), 1, MOST, key=BATCH, help=note)
    scores, targets = first_logits(opened_run, size)
    for column, dim in zip(st.columns(2, gap="large"), (1, 0), strict=True):
        with column:
            _direction(softmax_along(scores, targets, dim), targets, opened_run.facts["classes"], dim)


def _alone(scores: Array, classes: list[str]) -> None:
    """What both directions make of the current digit when nothing stands beside it."""
    _ = gettext()
    row, nobody = scores[None], np.zeros(1, np.int64)  # its true class plays no part here
    right, wrong = softmax_along(row, nobody, 1), softmax_along(row, nobody, 0)
    says = _("{name} with {share}")
    st.markdown(
        _("This digit alone: `dim=1` says **{right}**, `dim=0` says **{wrong}**.").format(
            right=says.format(name=classes[right.answers[0]], share=f"{right.shares.max():.1%}"),
            wrong=says.format(name=classes[wrong.answers[0]], share=f"{wrong.shares.max():.1%}"),
        )
    )


def _direction(result: BatchSoftmax, targets: Array, classes: list[str], dim: int) -> None:
    _ = gettext()
    title = _("Probabilities with dim={dim}").format(dim=dim)
    count = len(targets)
    with st.container(horizontal=True):
        st.metric(_("Right answers"), _("{n} of {all}").format(n=result.right, all=count), width="content")
        st.metric(_("Loss"), f"{result.loss:.4g}", width="content")
        least, most = float(result.sums.min()), float(result.sums.max())
        text = f"{least:.3g}" if round(least, 3) == round(most, 3) else f"{least:.3g} … {most:.3g}"
        st.metric(_("Sum of a picture's probabilities"), text, width="content")
    rows = [f"{place} ({target})" for place, target in enumerate(targets, start=1)]
    figure = probability_table(
        result.shares, rows, classes, title=title, words=in_language(ProbabilityTableWords), dark=is_dark()
    )
    frame = pd.DataFrame(result.shares, columns=classes)
    frame.insert(0, _("Truth"), targets)
    live_chart(figure, f"lab.softmax.{dim}", lambda: frame)
