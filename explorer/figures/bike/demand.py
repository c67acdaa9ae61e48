"""Bikes per hour over time: real and as the network predicts them."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from explorer.figures.layout import NO_NUMBER, vertical_line
from explorer.figures.palette import digits, figure, theme
from models.errors import N_


@dataclass(frozen=True)
class DemandWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    real: str = N_("Real")
    predicted: str = N_("Predicted")
    time: str = N_("Time")
    demand: str = N_("Bikes per hour")
    alt: str = N_("{title}: {count} hours from {start} to {end}; mean error {error} bikes per hour.")


def demand(
    times: ArrayLike,
    real: ArrayLike,
    predicted: ArrayLike,
    *,
    title: str,
    words: DemandWords | None = None,
    marked: str = "",
    height: int = 360,
    dark: bool = False,
) -> go.Figure:
    """Real and predicted bikes per hour (N,) over ``times`` (N,), as datetime64 or ISO texts.

    marked: the selected hour as ISO text, '' for none.
    """
    words = words or DemandWords()
    colours = theme(dark)
    hours = np.asarray(times, dtype="datetime64[s]")
    real_counts, predicted_counts = np.asarray(real, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    stamps = np.datetime_as_string(hours, unit="m") if hours.size else np.array([], dtype=str)
    line = {"type": "scatter", "mode": "lines", "x": stamps, "hovertemplate": "%{y:.4~g}"}
    errors = np.abs(real_counts - predicted_counts)
    errors = errors[np.isfinite(errors)]
    return figure(
        [
            {**line, "y": real_counts, "name": words.real, "line": {"color": colours.real, "width": 1.5}},
            {
                **line,
                "y": predicted_counts,
                "name": words.predicted,
                "line": {"color": colours.predicted, "width": 1.5, "dash": "4px,1px"},
            },
        ],
        title=title,
        height=height,
        alt=words.alt.format(
            title=title,
            count=hours.size,
            start=stamps[0] if hours.size else NO_NUMBER,
            end=stamps[-1] if hours.size else NO_NUMBER,
            error=digits(float(errors.mean())) if errors.size else NO_NUMBER,
        ),
        dark=dark,
        layout={
            # Numbers only: month names would be English on a Chinese page.
            "xaxis": {
                "title": {"text": words.time},
                "type": "date",
                "tickformat": "%m-%d",
                "hoverformat": "%Y-%m-%d %H:%M",
                "showgrid": False,
            },
            "yaxis": {"title": {"text": words.demand}, "rangemode": "tozero"},
            "hovermode": "x unified",
            **({"shapes": [vertical_line(marked, colours)]} if marked else {}),
        },
    )
