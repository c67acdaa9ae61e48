"""What a network says about whole parts of the data, computed once and shared, and the pictures it says it about."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
import torch

from explorer.chapters.evaluation import EvaluatedPart, Indices, Predictions, predictions, scores_by_class
from explorer.runs.checkpoint import OpenRun
from explorer.trace.layers import Array
from explorer.ui.components.tiles_view import Sheet
from explorer.ui.frame.run_caches import opened_at
from models.base import class_probabilities


@st.cache_resource(show_spinner=False, max_entries=24)
def _answers(run_id: str, step: int, part: EvaluatedPart) -> Predictions:
    return predictions(opened_at(run_id, step), part)


def answers_of(opened_run: OpenRun, part: EvaluatedPart) -> Predictions:
    """The checkpoint's answers to all pictures of a part; raises as ``predictions`` does."""
    return _answers(opened_run.run.id, opened_run.step, part)


def pictures(opened_run: OpenRun, part: str, places: Sequence[int] | Indices) -> Array:
    """The pictures at ``places`` of a part (train, validation, test), as the network takes them: (N, 28, 28)."""
    data = opened_run.book.load(opened_run.config, opened_run.run.source)
    stored = {"train": data.train, "validation": data.validation, "test": data.test}[part].inputs
    chosen = torch.as_tensor(np.asarray(places, np.int64))
    pictures: Array = opened_run.book.prepare(stored[chosen])[:, 0].numpy()
    return pictures


def answered(opened_run: OpenRun, predictions: Predictions, places: Indices, title: str, side: int = 64) -> Sheet:
    """Pictures with "truth → answer · the answer's probability" below each; predictions: of one part."""
    part = predictions.parts[0][0]
    classes = opened_run.facts["classes"]
    sure = class_probabilities(predictions.log_probabilities[places, predictions.answers[places]])
    captions = [
        f"{classes[predictions.targets[place]]} → {classes[predictions.answers[place]]} · {share:.0%}"
        for place, share in zip(places, sure, strict=True)
    ]
    return Sheet(title, pictures(opened_run, part, places), captions, side=side, paper=True)


def scores_table(predictions: Predictions, classes: Sequence[str], titles: Sequence[str]) -> pd.DataFrame:
    """A row a class. titles: of the class, its pictures, precision, recall and F1."""
    scores = scores_by_class(predictions)
    columns = (
        list(classes),
        [score.support for score in scores],
        [score.precision for score in scores],
        [score.recall for score in scores],
        [score.f1 for score in scores],
    )
    return pd.DataFrame(dict(zip(titles, columns, strict=True)))
