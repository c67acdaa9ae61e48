"""Lines over the steps of a training: losses and other metrics of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from explorer.figures.layout import vertical_line
from explorer.figures.live import Columns, LiveFigure, Spec, axis, live_figure
from explorer.figures.palette import Theme, digits, figure, theme
from models.errors import N_

Numbers = NDArray[np.float64]
Role = Literal["train", "validation", "test"]
DASH = {"train": "solid", "validation": "dash", "test": "dot"}
DASH_PIXELS = {"solid": [1, 0], "dash": [6, 4], "dot": [2, 3]}  # Vega-Lite's: drawn and left out, in turn

# More points than a screen has columns cost time and show nothing.
MAX_POINTS = 1600


@dataclass(frozen=True)
class Series:
    """One line. name: translated. role: the part of the data, which decides its colour. steps, values: (N,)."""

    name: str
    role: Role
    steps: ArrayLike
    values: ArrayLike


@dataclass(frozen=True)
class CurveWords:
    """Texts of the figure in English; pass them translated. alt and last have values in braces."""

    step: str = N_("Step")
    value: str = N_("Loss")
    checkpoint: str = N_("checkpoint")
    last: str = N_("{name}: {value} at step {step}")
    empty: str = N_("Nothing measured yet")
    alt: str = N_("{title}: {lines}.")


def loss_curves(
    series: Sequence[Series],
    *,
    title: str,
    words: CurveWords | None = None,
    log: bool = False,
    log_steps: bool = False,
    checkpoint: int | None = None,
    height: int = 320,
    dark: bool = False,
) -> go.Figure:
    """Curves over the step; values that are not finite are gaps.

    log, log_steps: logarithmic axes; values or steps of zero and below are then left out. checkpoint: the selected
    step, marked by a line.
    """
    words = words or CurveWords()
    colours = theme(dark)
    lines = [_line(each, colours) for each in series]
    layout: dict[str, Any] = {
        "xaxis": {
            "title": {"text": words.step},
            "type": "log" if log_steps else "linear",
            "tickformat": "~s",
            "showgrid": False,
        },
        "yaxis": {"title": {"text": words.value}, "type": "log" if log else "linear", "tickformat": "~g"},
        "hovermode": "x unified",
    }
    if checkpoint is not None and not (log_steps and checkpoint <= 0):
        last = max((float(np.max(line["x"])) for line in lines if len(line["x"])), default=0.0)
        in_right_half = checkpoint > (last**0.7 if log_steps else last / 2)
        layout |= _checkpoint_mark(checkpoint, words.checkpoint, log_steps, in_right_half, colours)
    if not any(_last_point(each, words) for each in series):
        layout["xaxis"]["showticklabels"] = layout["yaxis"]["showticklabels"] = False
        layout["annotations"] = [_note_in_the_middle(words.empty, colours)]
    return figure(lines, title=title, height=height, alt=_description(series, title, words), dark=dark, layout=layout)


def _line(series: Series, colours: Theme) -> dict[str, Any]:
    """One series as a line; few points also get markers."""
    steps, values = _thinned(*_points(series))
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(steps) <= 60 else "lines",
        "x": steps,
        "y": values,
        "name": series.name,
        "line": {"color": _colour(series.role, colours), "width": 2, "dash": DASH[series.role]},
        "marker": {"size": 5},
        "showlegend": True,
        "hovertemplate": "%{y:.4~g}",
    }


def _checkpoint_mark(step: int, name: str, log_steps: bool, in_right_half: bool, colours: Theme) -> dict[str, Any]:
    """A vertical line at ``step`` with its name beside it, on the side where there is room."""
    x = float(np.log10(step)) if log_steps else step  # annotations on a log axis take the exponent
    return {
        "shapes": [vertical_line(step, colours)],
        "annotations": [
            {
                "x": x,
                "y": 1,
                "yref": "paper",
                "text": name,
                "showarrow": False,
                "xanchor": "right" if in_right_half else "left",
                "yanchor": "top",
                "font": {"size": 11, "color": colours.muted},
            }
        ],
    }


def _note_in_the_middle(text: str, colours: Theme) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "font": {"color": colours.muted},
    }


def marked_curves(
    series: Sequence[Series],
    checkpoint: int,
    *,
    title: str,
    words: CurveWords | None = None,
    height: int = 260,
    dark: bool = False,
) -> LiveFigure:
    """The same curves for a slider over the checkpoints: only the mark at the step ``checkpoint`` moves."""
    words = words or CurveWords()
    lines = [(each, *_thinned(*_points(each))) for each in series]
    last = max((float(steps.max()) for _each, steps, _values in lines if len(steps)), default=0.0)
    in_right_half = checkpoint > last / 2
    tables: dict[str, Columns] = {
        "points": {
            "step": np.concatenate([steps for _each, steps, _values in lines]),
            "loss": np.concatenate([values for _each, _steps, values in lines]),
            "name": [each.name for each, steps, _values in lines for _step in steps],
        },
        "mark": {
            "step": [checkpoint],
            "align": ["right" if in_right_half else "left"],
            "aside": [-4 if in_right_half else 4],
        },
    }
    # A domain that does not depend on the mark, so that only the mark is drawn anew.
    x: Spec = {
        "field": "step",
        "type": "quantitative",
        "axis": axis(words.step, grid=False, labelExpr="format(datum.value, '~s')"),
        "scale": {"domain": [0, max(last, 1.0)]},
    }
    colours = theme(dark)
    layers = [*_curve_layers(series, x, words, colours), *_mark_layers(x, words, colours)]
    alt = _description(series, title, words)
    return live_figure(layers, tables, title=title, height=height, alt=alt, dark=dark)


def _curve_layers(series: Sequence[Series], x: Spec, words: CurveWords, colours: Theme) -> list[Spec]:
    """The lines, and invisible points with tooltips."""
    names = [each.name for each in series]
    legend = {"title": None, "symbolType": "stroke", "symbolSize": 400}
    by_name = {"field": "name", "type": "nominal", "sort": names}
    colour_scale = {"domain": names, "range": [_colour(each.role, colours) for each in series]}
    dash_scale = {"domain": names, "range": [DASH_PIXELS[DASH[each.role]] for each in series]}
    curve: Spec = {
        "x": x,
        "y": {"field": "loss", "type": "quantitative", "axis": axis(words.value, format="~g")},
        "color": {**by_name, "legend": legend, "scale": colour_scale},
    }
    tooltip = [
        {"field": "name", "title": words.value},
        {"field": "step", "title": words.step},
        {"field": "loss", "title": words.value, "format": ".4~g"},
    ]
    return [
        {
            "data": {"name": "points"},
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {**curve, "strokeDash": {**by_name, "legend": legend, "scale": dash_scale}},
        },
        {
            "data": {"name": "points"},
            "mark": {"type": "point", "opacity": 0, "size": 120},
            "encoding": {**curve, "tooltip": tooltip},
        },
    ]


def _mark_layers(x: Spec, words: CurveWords, colours: Theme) -> list[Spec]:
    """The line at the checkpoint, and its name."""
    return [
        {
            "data": {"name": "mark"},
            "mark": {"type": "rule", "strokeDash": DASH_PIXELS["dot"], "color": colours.muted},
            "encoding": {"x": x},
        },
        {
            "data": {"name": "mark"},
            "mark": {
                "type": "text",
                "text": words.checkpoint,
                "y": 0,
                "baseline": "top",
                "color": colours.muted,
                "align": {"expr": "datum.align"},
                "dx": {"expr": "datum.aside"},
            },
            "encoding": {"x": x},
        },
    ]


def accuracy_curves(
    series: Sequence[Series],
    *,
    title: str,
    words: CurveWords,
    log_steps: bool = False,
    checkpoint: int | None = None,
    height: int = 320,
    dark: bool = False,
) -> go.Figure:
    """Shares of correct answers over the step, as ``loss_curves`` draws losses."""
    drawn = loss_curves(
        series, title=title, words=words, log_steps=log_steps, checkpoint=checkpoint, height=height, dark=dark
    )
    # A run may have a single point: its axis must not go below zero or above one.
    drawn.update_yaxes(tickformat=".0%", autorangeoptions={"minallowed": 0, "maxallowed": 1.02})
    drawn.update_xaxes(rangemode="normal" if log_steps else "tozero")
    drawn.update_traces(hovertemplate="%{y:.2%}")
    return drawn


def _colour(role: Role, colours: Theme) -> str:
    return {"train": colours.train, "validation": colours.validation, "test": colours.test}[role]


def _points(series: Series) -> tuple[Numbers, Numbers]:
    """Steps and values (N,), with NaN for what is not finite."""
    steps, values = np.asarray(series.steps, dtype=np.float64), np.asarray(series.values, dtype=np.float64)
    return steps, np.where(np.isfinite(values), values, np.nan)


def _thinned(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """At most ``MAX_POINTS`` points that keep every peak: of each stretch its lowest and highest, and both ends."""
    if len(steps) <= MAX_POINTS:
        return steps, values
    kept = {0, len(steps) - 1}
    for stretch in np.array_split(np.arange(len(steps)), MAX_POINTS // 2 - 1):
        finite = stretch[np.isfinite(values[stretch])]
        candidates = finite if finite.size else stretch[:1]
        kept |= {int(candidates[values[candidates].argmin()]), int(candidates[values[candidates].argmax()])}
    order = np.array(sorted(kept))
    return steps[order], values[order]


def _description(series: Sequence[Series], title: str, words: CurveWords) -> str:
    """The text alternative of curves: the last point of each."""
    texts = [text for each in series if (text := _last_point(each, words))]
    return words.alt.format(title=title, lines="; ".join(texts) or words.empty)


def _last_point(series: Series, words: CurveWords) -> str:
    """The last finite point of a series as text; '' where there is none."""
    steps, values = _points(series)
    finite = np.flatnonzero(np.isfinite(values))
    if not finite.size:
        return ""
    return words.last.format(name=series.name, value=digits(values[finite[-1]]), step=f"{steps[finite[-1]]:.0f}")
