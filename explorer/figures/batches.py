"""How rows are cut into parts, and how many of each class a batch has. Counts in, bars out."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from explorer.figures.curves import Role
from explorer.figures.live import Columns, LiveFigure, Spec, axis, live_figure
from explorer.figures.palette import figure, theme
from models.errors import N_

PATTERNS = {"train": "", "validation": "/", "test": "."}


@dataclass(frozen=True)
class SplitPart:
    """A part: its name in the person's language, and its rows from ``first`` on."""

    name: str
    role: Role
    first: int
    rows: int


@dataclass(frozen=True)
class SplitWords:
    """Words on a split, English; pass them translated. alt holds values in braces."""

    rows: str = N_("Picture number")
    hover: str = N_("{name}: {rows} pictures, {first} to {last}")
    alt: str = N_("{title}: {parts}.")


@dataclass(frozen=True)
class ClassWords:
    """Words on classes in a batch, English; pass them translated. alt holds a value in braces."""

    label: str = N_("Digit")
    count: str = N_("Pictures in the batch")
    even: str = N_("evenly mixed")
    alt: str = N_("{title}: a bar for each class.")


def split_bar(
    parts: Sequence[SplitPart], *, title: str, words: SplitWords | None = None, dark: bool = False
) -> go.Figure:
    """One bar of all rows, cut into its parts, each with its name and its size written on it."""
    words = words or SplitWords()
    colours = theme(dark)
    fills = {"train": colours.train, "validation": colours.validation, "test": colours.test}
    told = [
        words.hover.format(name=p.name, rows=f"{p.rows:,}", first=f"{p.first:,}", last=f"{p.first + p.rows - 1:,}")
        for p in parts
    ]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": f"{part.name} {part.rows:,}",
            "base": [part.first],
            "x": [part.rows],
            "y": [0],
            "hovertemplate": f"{text}<extra></extra>",
            "marker": {
                "color": fills[part.role],
                "pattern": {"shape": PATTERNS[part.role], "solidity": 0.15, "fillmode": "overlay"},
            },
        }
        for part, text in zip(parts, told, strict=True)
    ]
    return figure(
        bars,
        title=title,
        height=150,
        alt=words.alt.format(title=title, parts="; ".join(told)),
        dark=dark,
        layout={
            "barmode": "overlay",
            "xaxis": {"title": {"text": words.rows}, "tickformat": ",d", "showgrid": False},
            "yaxis": {"visible": False, "fixedrange": True},
        },
    )


def class_counts(
    counts: Sequence[int],
    classes: Sequence[str],
    *,
    title: str,
    words: ClassWords | None = None,
    height: int = 240,
    dark: bool = False,
) -> LiveFigure:
    """How many of each class (K,) are in a batch, and as a dotted line how many an even mixture would have."""
    words = words or ClassWords()
    colours = theme(dark)
    tables: dict[str, Columns] = {
        "classes": {"class": list(classes), "count": list(counts)},
        "even": {"even": [sum(counts) / max(1, len(counts))]},
    }
    column: Spec = {
        "field": "class",
        "type": "ordinal",
        "sort": list(classes),
        "axis": axis(words.label, grid=False),
    }
    upright: Spec = {"type": "quantitative", "axis": axis(words.count, tickMinStep=1)}
    bars: Spec = {"data": {"name": "classes"}, "encoding": {"x": column, "y": {**upright, "field": "count"}}}
    hover = [{"field": "class", "title": words.label}, {"field": "count", "title": words.count}]
    layers: list[Spec] = [
        {
            **bars,
            "mark": {"type": "bar", "color": colours.verdict, "width": {"band": 0.8}},
            "encoding": {**bars["encoding"], "tooltip": hover},
        },
        {
            **bars,
            "mark": {"type": "text", "baseline": "bottom", "dy": -2, "color": colours.text},
            "encoding": {**bars["encoding"], "text": {"field": "count"}},
        },
        {
            "data": {"name": "even"},
            "mark": {"type": "rule", "strokeDash": [2, 3], "strokeWidth": 1.5},
            "encoding": {
                "y": {**upright, "field": "even"},
                "color": {
                    "datum": words.even,
                    "type": "nominal",
                    "legend": {"title": None},
                    "scale": {"domain": [words.even], "range": [colours.mistake]},
                },
                "tooltip": [{"field": "even", "title": words.even, "format": ".1f"}],
            },
        },
    ]
    return live_figure(layers, tables, title=title, height=height, alt=words.alt.format(title=title), dark=dark)
