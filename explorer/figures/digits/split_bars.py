"""The split of the data into parts as one bar, and the classes in a batch as bars."""

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
    """A part of the data. name: translated. first, rows: its first row and the number of its rows."""

    name: str
    role: Role
    first: int
    rows: int


@dataclass(frozen=True)
class SplitWords:
    """Texts of the figure in English; pass them translated. alt and hover have values in braces."""

    rows: str = N_("Picture number")
    hover: str = N_("{name}: {rows} pictures, {first} to {last}")
    alt: str = N_("{title}: {parts}.")


@dataclass(frozen=True)
class ClassWords:
    """Texts of the figure in English; pass them translated. alt has a value in braces."""

    label: str = N_("Digit")
    count: str = N_("Pictures in the batch")
    even: str = N_("evenly mixed")
    alt: str = N_("{title}: a bar for each class.")


def split_bar(
    parts: Sequence[SplitPart], *, title: str, words: SplitWords | None = None, dark: bool = False
) -> go.Figure:
    """One bar of all rows, divided into its parts; the legend has the name and the size of each."""
    words = words or SplitWords()
    colours = theme(dark)
    fills = {"train": colours.train, "validation": colours.validation, "test": colours.test}
    part_texts = [
        words.hover.format(name=p.name, rows=f"{p.rows:,}", first=f"{p.first + 1:,}", last=f"{p.first + p.rows:,}")
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
        for part, text in zip(parts, part_texts, strict=True)
    ]
    return figure(
        bars,
        title=title,
        height=150,
        alt=words.alt.format(title=title, parts="; ".join(part_texts)),
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
    """The number of samples of each class (K,) in a batch; a dotted line shows an even mixture."""
    words = words or ClassWords()
    colours = theme(dark)
    tables: dict[str, Columns] = {
        "classes": {"class": list(classes), "count": list(counts)},
        "even": {"even": [sum(counts) / max(1, len(counts))]},
    }
    x: Spec = {
        "field": "class",
        "type": "ordinal",
        "sort": list(classes),
        "axis": axis(words.label, grid=False),
    }
    y: Spec = {"type": "quantitative", "axis": axis(words.count, tickMinStep=1)}
    bars: Spec = {"data": {"name": "classes"}, "encoding": {"x": x, "y": {**y, "field": "count"}}}
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
                "y": {**y, "field": "even"},
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
