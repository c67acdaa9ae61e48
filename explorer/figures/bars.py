"""Class probabilities as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.figures.layout import NO_NUMBER, named_axis, share_axis
from explorer.figures.palette import Theme, figure, theme
from explorer.figures.tiles import Array
from models.errors import N_

SMALLEST_WRITTEN = 0.005  # smaller probabilities have no number over their bar: ten of "0.0%" would be unreadable


@dataclass(frozen=True)
class ProbabilityWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    label: str = N_("Answer")
    probability: str = N_("Probability")
    verdict: str = N_("network's answer")
    truth: str = N_("true answer")
    other: str = N_("other answers")
    both: str = N_("network's answer, true")
    alt: str = N_("{title}: the network says {verdict} with {probability}; the true answer is {truth}.")


def probabilities(
    values: Array,
    labels: Sequence[str],
    *,
    title: str,
    truth: int | None = None,
    words: ProbabilityWords | None = None,
    height: int = 260,
    dark: bool = False,
) -> go.Figure:
    """Class probabilities (K,) as bars named ``labels``; the network's answer and the ``truth`` stand out.

    Colour, legend and outline all say which bar is which, for readers who cannot tell the colours apart.
    """
    words = words or ProbabilityWords()
    shares = np.nan_to_num(np.asarray(values, dtype=np.float64).ravel())
    answer = int(shares.argmax()) if shares.size else None
    return figure(
        _bars(shares, labels, answer, truth, words, theme(dark)),
        title=title,
        height=height,
        alt=words.alt.format(
            title=title,
            verdict=NO_NUMBER if answer is None else labels[answer],
            probability=NO_NUMBER if answer is None else f"{shares[answer]:.1%}",
            truth=NO_NUMBER if truth is None else labels[truth],
        ),
        dark=dark,
        layout={
            "barmode": "overlay",
            "bargap": 0.25,
            "xaxis": named_axis(labels, words.label),
            "yaxis": share_axis(words.probability, 1.08),
        },
    )


def _bars(
    shares: Array, labels: Sequence[str], answer: int | None, truth: int | None, words: ProbabilityWords, colours: Theme
) -> list[dict[str, Any]]:
    """One trace for each role that a class can have, so that each has its entry in the legend."""
    roles = [words.other] * len(shares)
    if truth is not None:
        roles[truth] = words.truth
    if answer is not None:
        roles[answer] = words.both if answer == truth else words.verdict
    markers = {
        words.both: {"color": colours.truth},
        words.verdict: {"color": colours.verdict if truth is None else colours.mistake},
        words.truth: {"color": "rgba(0,0,0,0)", "line": {"color": colours.truth, "width": 2}},
        words.other: {"color": colours.muted},
    }
    places = {role: [i for i, each in enumerate(roles) if each == role] for role in markers}
    return [
        {
            "type": "bar",
            "name": role,
            "marker": marker,
            "x": places[role],
            "y": [shares[i] for i in places[role]],
            "text": [f"{shares[i]:.1%}" if shares[i] >= SMALLEST_WRITTEN else "" for i in places[role]],
            "customdata": [str(labels[i]) for i in places[role]],
            "hovertemplate": f"{words.label} %{{customdata}}<br>{words.probability} %{{y:.2%}}<extra>{role}</extra>",
            "textposition": "outside",
            "cliponaxis": False,
            "textangle": 0,
            "showlegend": role != words.other,
        }
        for role, marker in markers.items()
        if places[role]
    ]
