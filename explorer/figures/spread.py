"""How far an answer scatters: the probabilities of each class over many passes, and the one without chance.

Arrays in, a figure out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.figures.palette import digits, figure, theme
from explorer.figures.tiles import Array
from models.errors import N_

MOST_POINTS = 200  # of a class; more are told by the box alone


@dataclass(frozen=True)
class SpreadWords:
    """Words on scattered probabilities, English; pass them translated. alt and likeliest hold values in braces."""

    passes: str = N_("With dropout, each mask")
    even: str = N_("Without dropout (evaluation mode)")
    kind: str = N_("Class")
    probability: str = N_("Probability")
    likeliest: str = N_("{name}: {least} to {most}, without dropout {even}")
    alt: str = N_("{title}: {count} passes. {lines}.")


def spread(
    probabilities: Array,
    even: Array,
    names: Sequence[str],
    *,
    title: str,
    words: SpreadWords | None = None,
    height: int = 340,
    dark: bool = False,
) -> go.Figure:
    """A box with its points for each class. probabilities: (n, K), a row a pass. even: (K,) without dropout."""
    words = words or SpreadWords()
    colours = theme(dark)
    count, classes = probabilities.shape
    boxes: dict[str, Any] = {
        "type": "box", "name": words.passes, "x": np.tile(np.array(names, dtype=str), count),
        "y": probabilities.ravel(), "boxpoints": "all" if count <= MOST_POINTS else False, "pointpos": 0, "jitter": 0.5,
        "marker": {"size": 4, "opacity": 0.5, "color": colours.train}, "line": {"width": 1, "color": colours.train},
        "fillcolor": "rgba(0,0,0,0)", "hovertemplate": "%{x}: %{y:.4f}<extra></extra>",
    }  # fmt: skip
    marks: dict[str, Any] = {
        "type": "scatter", "mode": "markers", "name": words.even, "x": list(names), "y": even,
        "marker": {"symbol": "line-ew", "size": 26, "line": {"width": 3, "color": colours.validation}},
        "hovertemplate": "%{x}: %{y:.4f}<extra></extra>",
    }  # fmt: skip
    told = [
        words.likeliest.format(
            name=names[place],
            least=digits(float(probabilities[:, place].min())),
            most=digits(float(probabilities[:, place].max())),
            even=digits(float(even[place])),
        )
        for place in np.argsort(-probabilities.mean(0), kind="stable")[: min(3, classes)]
    ]
    return figure(
        [boxes, marks],
        title=title,
        height=height,
        alt=words.alt.format(title=title, count=count, lines="; ".join(told)),
        dark=dark,
        layout={
            "xaxis": {
                "title": {"text": words.kind},
                "type": "category",
                "categoryorder": "array",
                "categoryarray": list(names),
                "showgrid": False,
            },
            "yaxis": {"title": {"text": words.probability}, "range": [-0.02, 1.02]},
        },
    )
