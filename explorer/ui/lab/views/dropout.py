"""Dropout: one digit under many random masks, beside the network without them, and what a training makes of it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from explorer.figures.curves import CurveWords, Series, loss_curves
from explorer.figures.spread import SpreadWords, spread
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run, create_run, read_metrics
from explorer.trace.dropout import Masked, masks
from explorer.trace.layers import Array
from explorer.ui import selection
from explorer.ui.charts import chart, in_language, is_dark
from explorer.ui.lab.tiles_view import Sheet, tiles_view
from explorer.ui.labels import PARTS, run_label
from explorer.ui.language import gettext, told
from explorer.ui.opened import rows_of
from explorer.ui.store import runs, settings
from models.errors import UserError

COUNT, SHARE, SEED, OTHER = "lab.dropout.n", "lab.dropout.p", "lab.dropout.seed", "lab.dropout.other"
MOST_MASKS, MOST_TILES = 200, 24
BOOK_SHARE = 0.5  # for the run that is laid beside one without dropout
Translate = type(gettext)


def dropout(one: OpenRun) -> None:
    """Masks, their effect, and the two learning curves."""
    _ = gettext()
    sample = one.sample(selection.current().sample)
    count, share, seed = _controls(float(one.run.settings.get("dropout", BOOK_SHARE)))
    found = masks(one.network, sample.inputs, share, count, seed)
