"""Lines over steps and over time: how a training goes, and demand as it was against demand as predicted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from explorer.figures.live import Columns, LiveFigure, Spec, axis, live_figure
from explorer.figures.palette import Theme, digits, figure, theme
from models.errors import N_

Numbers = NDArray[np.float64]
Role = Literal["train", "validation", "test"]
DASH = {"train": "solid", "validation": "dash", "test": "dot"}

# More points than a screen has columns cost time and show nothing.
MOST_POINTS = 1600


@dataclass(frozen=True)
class Series:
    """One line: its name in the person's language, what it measures, and its points (N,) over (N,)."""

    name: str
    role: Role
    steps: ArrayLike
    values: ArrayLike


@dataclass(frozen=True)
class CurveWords:
    """Words on loss curves, English; pass them translated. alt and last hold values in braces."""

    step: str = N_("Step")
    value: str = N_("Loss")
    checkpoint: str = N_("checkpoint")
    last: str = N_("{name}: {value} at step {step}")
    empty: str = N_("Nothing measured yet")
    alt: str = N_("{title}: {lines}.")


@dataclass(frozen=True)
class DemandWords:
    """Words on demand over time, English; pass them translated. alt holds values in braces."""

    real: str = N_("Real")
    predicted: str = N_("Predicted")
    time: str = N_("Time")
    demand: str = N_("Bikes per hour")
    alt: str = N_("{title}: {count} hours from {start} to {end}; mean error {error} bikes per hour.")


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
    """Training and validation curves against the step; not-finite values are gaps.

    log, log_steps: logarithmic axes (values or steps of zero and below are then not drawn). checkpoint: the step
    marked as being looked at.
    """
    words = words or CurveWords()
    colours = theme(dark)
    lines = [_line(one, words, colours) for one in series]
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
        last = max((float(np.max(one["x"])) for one in lines if len(one["x"])), default=0.0)
        late = checkpoint > (last**0.7 if log_steps else last / 2)
        layout |= _mark(checkpoint, words.checkpoint, log_steps, late, colours)
    if not any(_last(one, words) for one in series):
        layout["xaxis"]["showticklabels"] = layout["yaxis"]["showticklabels"] = False
        layout["annotations"] = [
            {
                "text": words.empty,
                "xref": "paper",
                "yref": "paper",
                "x": 0.5,
                "y": 0.5,
                "showarrow": False,
                "font": {"color": colours.muted},
            }
        ]
    return figure(
        lines,
        title=title,
        height=height,
        alt=_told(series, title, words),
        dark=dark,
        layout=layout,
    )


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
    colours = theme(dark)
    lines = [(one, *_thinned(*_points(one))) for one in series]
    last = max((float(x.max()) for _one, x, _values in lines if len(x)), default=0.0)
    tables: dict[str, Columns] = {
        "points": {
            "step": np.concatenate([x for _one, x, _values in lines]),
            "loss": np.concatenate([values for _one, _x, values in lines]),
            "name": [one.name for one, x, _values in lines for _step in x],
        },
        "mark": {
            "step": [checkpoint],
            "align": ["right" if checkpoint > last / 2 else "left"],
            "aside": [-4 if checkpoint > last / 2 else 4],
        },
    }
    names = [one.name for one in series]
    key = {"title": None, "symbolType": "stroke", "symbolSize": 400}
    kinds = {"field": "name", "type": "nominal", "sort": names}
    steps = axis(words.step, grid=False, labelExpr="format(datum.value, '~s')")
    # The same however far the mark goes, so that nothing but the mark is drawn anew.
    across: Spec = {"field": "step", "type": "quantitative", "axis": steps, "scale": {"domain": [0, max(last, 1.0)]}}
    curve: Spec = {
        "x": across,
        "y": {"field": "loss", "type": "quantitative", "axis": axis(words.value, format="~g")},
        "color": {
            **kinds,
            "legend": key,
            "scale": {"domain": names, "range": [_colour(one.role, colours) for one in series]},
        },
    }
    dashes = {"solid": [1, 0], "dash": [6, 4], "dot": [2, 3]}
    layers: list[Spec] = [
        {
            "data": {"name": "points"},
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                **curve,
                "strokeDash": {
                    **kinds,
                    "legend": key,
                    "scale": {"domain": names, "range": [dashes[DASH[one.role]] for one in series]},
                },
            },
        },
        {  # what the pointer finds
            "data": {"name": "points"},
            "mark": {"type": "point", "opacity": 0, "size": 120},
            "encoding": {
                **curve,
                "tooltip": [
                    {"field": "name", "title": words.value},
                    {"field": "step", "title": words.step},
                    {"field": "loss", "title": words.value, "format": ".4~g"},
                ],
            },
        },
        {
            "data": {"name": "mark"},
            "mark": {"type": "rule", "strokeDash": [2, 3], "color": colours.muted},
            "encoding": {"x": across},
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
            "encoding": {"x": across},
        },
    ]
    return live_figure(layers, tables, title=title, height=height, alt=_told(series, title, words), dark=dark)


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
    """Real against predicted bikes per hour (N,) over ``times`` (N,), as datetime64 or ISO texts.

    marked: the hour being looked at, as ISO text; '' for none.
    """
    words = words or DemandWords()
    colours = theme(dark)
    hours = np.asarray(times, dtype="datetime64[s]")
    was, said = np.asarray(real, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    stamps = np.datetime_as_string(hours, unit="m") if hours.size else np.array([], dtype=str)
    shared = {"type": "scatter", "mode": "lines", "x": stamps, "hovertemplate": "%{y:.4~g}"}
    lines = [
        {**shared, "y": was, "name": words.real, "line": {"color": colours.real, "width": 1.5}},
        {
            **shared,
            "y": said,
            "name": words.predicted,
            "line": {"color": colours.predicted, "width": 1.5, "dash": "4px,1px"},
        },
    ]
    gaps = np.abs(was - said)
    gaps = gaps[np.isfinite(gaps)]
    return figure(
        lines,
        title=title,
        height=height,
        alt=words.alt.format(
            title=title,
            count=hours.size,
            start=stamps[0] if hours.size else "–",
            end=stamps[-1] if hours.size else "–",
            error=digits(float(gaps.mean())) if gaps.size else "–",
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
            **({"shapes": [_upright(marked, colours)]} if marked else {}),
        },
    )


def _line(series: Series, words: CurveWords, colours: Theme) -> dict[str, Any]:
    """One series as a line; few points also get markers."""
    steps, values = _thinned(*_points(series))
    colour = _colour(series.role, colours)
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(steps) <= 60 else "lines",
        "x": steps,
        "y": values,
        "name": series.name,
        "line": {"color": colour, "width": 2, "dash": DASH[series.role]},
        "marker": {"size": 5},
        "showlegend": True,
        "hovertemplate": "%{y:.4~g}",
    }


def _colour(role: Role, colours: Theme) -> str:
    return {"train": colours.train, "validation": colours.validation, "test": colours.test}[role]


def _points(series: Series) -> tuple[Numbers, Numbers]:
    """Steps and values (N,), with NaN for what is not finite."""
    steps, values = np.asarray(series.steps, dtype=np.float64), np.asarray(series.values, dtype=np.float64)
    return steps, np.where(np.isfinite(values), values, np.nan)


def _thinned(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """At most ``MOST_POINTS`` points that keep every peak: of each stretch its lowest, its highest, and both ends."""
    if len(steps) <= MOST_POINTS:
        return steps, values
    kept = {0, len(steps) - 1}
    for stretch in np.array_split(np.arange(len(steps)), MOST_POINTS // 2 - 1):
        known = stretch[np.isfinite(values[stretch])]
        chosen = known if known.size else stretch[:1]
        kept |= {int(chosen[values[chosen].argmin()]), int(chosen[values[chosen].argmax()])}
    order = np.array(sorted(kept))
    return steps[order], values[order]


def _told(series: Sequence[Series], title: str, words: CurveWords) -> str:
    """The text alternative of curves: where each ends."""
    told = [text for one in series if (text := _last(one, words))]
    return words.alt.format(title=title, lines="; ".join(told) or words.empty)


def _last(series: Series, words: CurveWords) -> str:
    """The last finite point of a series in words; '' where there is none."""
    steps, values = _points(series)
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return ""
    return words.last.format(name=series.name, value=digits(values[known[-1]]), step=f"{steps[known[-1]]:.0f}")


def _mark(step: int, name: str, log_steps: bool, leftwards: bool, colours: Theme) -> dict[str, Any]:
    """A vertical line at ``step`` with its name to the right, or to the left where the page ends."""
    at = float(np.log10(step)) if log_steps else step  # annotations on a log axis take the exponent
    return {
        "shapes": [_upright(step, colours)],
        "annotations": [
            {
                "x": at,
                "y": 1,
                "yref": "paper",
                "text": name,
                "showarrow": False,
                "xanchor": "right" if leftwards else "left",
                "yanchor": "top",
                "font": {"size": 11, "color": colours.muted},
            }
        ],
    }


def _upright(x: int | str, colours: Theme) -> dict[str, Any]:
    """A dotted line over the whole height at ``x``."""
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colours.muted, "width": 1, "dash": "dot"},
    }
