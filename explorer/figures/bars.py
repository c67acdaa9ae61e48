"""Bars: class probabilities, long vectors, and the words of a sentence with their counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.figures.live import Columns, LiveFigure, Spec, axis, live_figure
from explorer.figures.palette import digits, figure, theme
from explorer.figures.tiles import BAR, PAGE, TITLE, Array, axes, heatmap, is_signed, limits_of
from models.errors import N_

# A vector with more numbers is folded into a grid: bars thinner than a few pixels cannot be read.
MOST_BARS = 96
TOLD = 0.005  # probabilities below are not written over their bars


@dataclass(frozen=True)
class ProbabilityWords:
    """Words on probabilities, English; pass them translated. alt holds values in braces."""

    label: str = N_("Answer")
    probability: str = N_("Probability")
    verdict: str = N_("network's answer")
    truth: str = N_("true answer")
    other: str = N_("other answers")
    both: str = N_("network's answer, true")
    alt: str = N_("{title}: the network says {verdict} with {probability}; the true answer is {truth}.")


@dataclass(frozen=True)
class VectorWords:
    """Words on a vector, English; pass them translated. alt holds values in braces."""

    position: str = N_("Position")
    value: str = N_("Value")
    alt: str = N_("{title}: {count} values from {least} to {largest}, {zeros} of them zero.")
    bars: str = N_("The value at each position, as bars.")


@dataclass(frozen=True)
class EffectWords:
    """Words on words' effects, English; pass them translated. alt holds values in braces."""

    effect: str = N_("← complaint · change of the log-odds · praise →")
    alt: str = N_("{title}: {effects}.")


@dataclass(frozen=True)
class CountWords:
    """Words on word counts, English; pass them translated. alt holds values in braces."""

    word: str = N_("Word")
    count: str = N_("Times in the sentence")
    alt: str = N_("{title}: {counts}.")


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

    Colour says which is which, and so do the legend and the outline, for those who cannot tell the colours.
    """
    words = words or ProbabilityWords()
    shares = np.nan_to_num(np.asarray(values, dtype=np.float64).ravel())
    verdict = int(shares.argmax()) if shares.size else None
    roles = [words.other] * len(shares)
    if truth is not None:
        roles[truth] = words.truth
    if verdict is not None:
        roles[verdict] = words.both if verdict == truth else words.verdict
    colours = theme(dark)
    looks = {
        words.both: {"color": colours.truth},
        words.verdict: {"color": colours.verdict if truth is None else colours.mistake},
        words.truth: {"color": "rgba(0,0,0,0)", "line": {"color": colours.truth, "width": 2}},
        words.other: {"color": colours.muted},
    }
    bars = [
        {
            "type": "bar",
            "name": role,
            "marker": look,
            "x": [i for i, r in enumerate(roles) if r == role],
            "y": [shares[i] for i, r in enumerate(roles) if r == role],
            # Ten labels of "0.0%" would leave none of them a readable size.
            "text": [f"{shares[i]:.1%}" if shares[i] >= TOLD else "" for i, r in enumerate(roles) if r == role],
            "customdata": [str(labels[i]) for i, r in enumerate(roles) if r == role],
            "hovertemplate": f"{words.label} %{{customdata}}<br>{words.probability} %{{y:.2%}}<extra>{role}</extra>",
            "textposition": "outside",
            "cliponaxis": False,
            "textangle": 0,
            "showlegend": role != words.other,
        }
        for role, look in looks.items()
        if role in roles
    ]
    return figure(
        bars,
        title=title,
        height=height,
        alt=words.alt.format(
            title=title,
            verdict="–" if verdict is None else labels[verdict],
            probability="–" if verdict is None else f"{shares[verdict]:.1%}",
            truth="–" if truth is None else labels[truth],
        ),
        dark=dark,
        layout={
            "barmode": "overlay",
            "bargap": 0.25,
            "xaxis": {
                "title": {"text": words.label},
                "tickmode": "array",
                "tickvals": list(range(len(shares))),
                "ticktext": [str(label) for label in labels],
                "showgrid": False,
            },
            "yaxis": {
                "title": {"text": words.probability},
                "range": [0, 1.08],
                "tickformat": ".0%",
                "tickvals": [0, 0.25, 0.5, 0.75, 1],
            },
        },
    )


def vector(
    values: Array, *, title: str, words: VectorWords | None = None, page: int = PAGE, dark: bool = False
) -> go.Figure:
    """A vector (N,), of any shape flattened: bars where they can be read, a folded grid of cells where it is long.

    page: pixels of width that the figure will have.
    """
    words = words or VectorWords()
    flat = np.asarray(values, dtype=np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    alt = words.alt.format(
        title=title,
        count=flat.size,
        least=digits(float(finite.min())) if finite.size else "–",
        largest=digits(float(finite.max())) if finite.size else "–",
        zeros=int((flat == 0).sum()),
    )
    if flat.size > MOST_BARS:
        return _folded(flat, title, words, alt, page, dark)
    colours = theme(dark)
    return figure(
        [
            {
                "type": "bar",
                "x": np.arange(flat.size),
                "y": flat,
                "marker": {"color": _bar_colours(flat, dark)},
                "hovertemplate": f"{words.position} %{{x}}<br>{words.value} %{{y:.4g}}<extra></extra>",
            }
        ],
        title=title,
        height=220,
        alt=alt,
        dark=dark,
        layout={
            "xaxis": {"title": {"text": words.position}, "showgrid": False, "tickformat": "d"},
            "yaxis": {"title": {"text": words.value}, "zeroline": True, "zerolinecolor": colours.muted},
            "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        },
    )


def live_vector(
    values: Array, *, words: VectorWords | None = None, height: int = 180, dark: bool = False
) -> LiveFigure:
    """A vector (N,), of any shape flattened, as bars that another vector redraws in place; without a title."""
    words = words or VectorWords()
    flat = np.asarray(values, dtype=np.float64).ravel()
    place = np.arange(flat.size)
    across: Spec = {
        "field": "low",
        "bin": "binned",
        "type": "quantitative",
        "scale": {"zero": False, "nice": False},
        "axis": axis(words.position, grid=False, tickMinStep=1, format="d"),
    }
    bars: Spec = {
        "data": {"name": "bars"},
        "mark": {"type": "bar", "binSpacing": 0},
        "encoding": {
            "x": across,
            "x2": {"field": "high"},
            "y": {"field": "value", "type": "quantitative", "axis": axis(words.value, tickCount=5)},
            "y2": {"datum": 0},
            "color": {"field": "colour", "type": "nominal", "scale": None},
            "tooltip": [
                {"field": "position", "title": words.position},
                {"field": "value", "title": words.value, "format": ".4g"},
            ],
        },
    }
    table: Columns = {
        "position": place,
        "low": place - 0.42,
        "high": place + 0.42,
        "value": flat,
        "colour": _bar_colours(flat, dark),
    }
    return live_figure([bars], {"bars": table}, title="", height=height, alt=words.bars, dark=dark)


def _bar_colours(flat: Array, dark: bool) -> list[str]:
    """The colours of signed maps where there are negative values, so that a sign has one colour everywhere."""
    colours = theme(dark)
    below, above = (colours.diverging[1][1], colours.diverging[-2][1]) if is_signed(flat) else ("", colours.verdict)
    return [below if value < 0 else above for value in flat]


def _folded(flat: Array, title: str, words: VectorWords, alt: str, page: int, dark: bool) -> go.Figure:
    """A long vector (N,) read like text: left to right, then the next line."""
    columns = 16 * max(2, round(min(2048, max(flat.size, 256)) ** 0.5 * (2 if page >= PAGE else 1.4) / 16))
    rows = ceil(flat.size / columns)
    cells = np.full(rows * columns, np.nan, np.result_type(flat.dtype, np.float32))
    cells[: flat.size] = flat
    signed = is_signed(flat)
    trace = heatmap(
        cells.reshape(rows, columns),
        np.arange(cells.size, dtype=np.int32).reshape(rows, columns, 1),
        limits=limits_of(flat, signed),
        signed=signed,
        name=words.value,
        hover=f"{words.position} %{{customdata[0]}}<br>{words.value} %{{z:.4g}}",
        dark=dark,
    )
    trace |= {"xgap": 0.5, "ygap": 0.5}
    layout = dict(axes((rows, columns)))
    height = max(70.0, rows * (page - 40) / columns)
    firsts = list(range(0, rows, ceil(rows * 18 / height)))  # 18 pixels keep two numbers apart
    layout["yaxis"] |= {
        "showticklabels": True,
        "tickmode": "array",
        "tickvals": firsts,
        "title": {"text": words.position},
        "ticktext": [str(row * columns) for row in firsts],
    }
    return figure([trace], title=title, height=int(min(700, TITLE + BAR + height)), alt=alt, dark=dark, layout=layout)


def word_effects(
    effects: Sequence[tuple[str, float]], *, title: str, words: EffectWords | None = None, dark: bool = False
) -> go.Figure:
    """Words of a sentence in its order with what each does to the verdict; above zero to the right."""
    words = words or EffectWords()
    colours = theme(dark)
    bar: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": [effect for _, effect in effects],
        "y": list(range(len(effects))),
        "marker": {"color": [colours.mistake if effect < 0 else colours.truth for _, effect in effects]},
        "text": [f"{effect:+.2f}" for _, effect in effects],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [word for word, _ in effects],
        "hovertemplate": f"%{{customdata}}<br>{words.effect} %{{x:+.4g}}<extra></extra>",
    }
    widest = max((abs(effect) for _, effect in effects), default=1.0) * 1.45 or 1.0
    return figure(
        [bar],
        title=title,
        height=90 + 24 * max(2, len(effects)),
        alt=words.alt.format(title=title, effects=", ".join(f"{w} {effect:+.2f}" for w, effect in effects) or "–"),
        dark=dark,
        layout={
            "yaxis": {
                "tickmode": "array",
                "tickvals": list(range(len(effects))),
                "showgrid": False,
                "ticktext": [word for word, _ in effects],
                "autorange": "reversed",
            },
            # Room for the numbers on both sides.
            "xaxis": {
                "title": {"text": words.effect},
                "range": [-widest, widest],
                "zeroline": True,
                "zerolinecolor": colours.muted,
            },
            "margin": {"l": 8, "r": 24, "t": 36, "b": 8},
        },
    )


def word_counts(
    counts: Sequence[tuple[str, int]], *, title: str, words: CountWords | None = None, dark: bool = False
) -> go.Figure:
    """Words of a sentence with their counts, the most frequent on top; ties keep the sentence's order."""
    words = words or CountWords()
    ordered = sorted(counts, key=lambda pair: -pair[1])
    bar: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": [count for _, count in ordered],
        "y": list(range(len(ordered))),
        "text": [str(count) for _, count in ordered],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": theme(dark).verdict},
        "customdata": [word for word, _ in ordered],
        "hovertemplate": f"%{{customdata}}<br>{words.count} %{{x}}<extra></extra>",
    }
    return figure(
        [bar],
        title=title,
        height=90 + 24 * max(2, len(ordered)),
        alt=words.alt.format(title=title, counts=", ".join(f"{word} {count}" for word, count in ordered) or "–"),
        dark=dark,
        layout={
            # Positions with names, because a category axis would merge words that look like numbers.
            "yaxis": {
                "tickmode": "array",
                "tickvals": list(range(len(ordered))),
                "showgrid": False,
                "ticktext": [word for word, _ in ordered],
                "autorange": "reversed",
            },
            "xaxis": {
                "title": {"text": words.count},
                "rangemode": "tozero",
                "dtick": 1 if ordered and ordered[0][1] < 8 else None,
            },
            "margin": {"l": 8, "r": 24, "t": 36, "b": 8},
        },
    )
