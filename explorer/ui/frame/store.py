"""The server's settings and the runs in its store. Light: the first page needs no torch.

Runs are read anew at each call; ``explorer/ui/frame/run_caches.py`` keeps what is costly.
"""

import streamlit as st

from explorer.runs.folder import Run, find_run, list_runs
from explorer.settings import Settings


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The server's settings."""
    return Settings()


def runs(model: str = "") -> tuple[Run, ...]:
    """All runs, newest first, or those of one model."""
    return tuple(run for run in list_runs(settings().store) if not model or run.model == model)


def run_named(run_id: str) -> Run:
    """The run; raises RunError."""
    return find_run(settings().store, run_id)
