"""What the added chapter draws: the answer for a word, a curve over an interval, and the letters themselves."""

import numpy as np
import pandas as pd
import streamlit as st
import torch

from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run, read_metrics
from explorer.ui.frame import selection
from explorer.ui.frame.results import result_row
from explorer.ui.frame.run_caches import layers_of
from tests.fourth_chapter.curve import DEFAULT_INTERVAL
from tests.fourth_chapter.letters import DEFAULT_WORD, LETTERS

DEFAULTS = {"letters": DEFAULT_WORD, "curve": DEFAULT_INTERVAL}


def sample_choice(run: Run) -> None:
    """Type a word, or an interval."""
    key = f"letters.sample.{run.model}"
    selection.steer(key, selection.current().sample or DEFAULTS[run.model])
    st.text_input("Sample", key=key, on_change=lambda: selection.change(sample=st.session_state[key]))


def word(opened_run: OpenRun) -> None:
    """The probabilities of both answers."""
    result_row(opened_run)
    sample = opened_run.sample(selection.current().sample)
    shares = np.exp(layers_of(opened_run, sample.key)[-1].output).ravel()
    st.metric(f"Probability of b in {sample.key}", f"{shares[1]:.3f}")


def interval(opened_run: OpenRun) -> None:
    """The curve and the network's, as a table."""
    result_row(opened_run)
    sample = opened_run.sample(selection.current().sample)
    inputs = sample.inputs
    if not isinstance(inputs, torch.Tensor):
        raise TypeError("an interval is one tensor")
    answer = opened_run.network(inputs)
    x, y = inputs.ravel(), answer.detach().ravel()
    with st.container(key="letters-table"):
        st.dataframe(pd.DataFrame({"x": x, "sine": x.sin(), "network": y}))


def alphabet() -> None:
    """The letters."""
    st.markdown(f"The letters are {', '.join(LETTERS)}.")


def cover(run: Run) -> None:
    """How often the loss of a run was written down."""
    st.caption(f"Cover: {len(read_metrics(run))} losses of {run.model}.")
