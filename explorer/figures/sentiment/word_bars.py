"""The words of a sentence as bars: their effect on the answer, and their counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explorer.figures.layout import NO_NUMBER, named_axis
from explorer.figures.palette import figure, theme
from models.errors import N_

BAR_HEIGHT, REST_HEIGHT = 24, 90  # pixels of a word, and of title and axis together


@dataclass(frozen=True)
class EffectWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    effect: str = N_("← complaint · change of the log-odds · praise →")
    alt: str = N_("{title}: {effects}.")


@dataclass(frozen=True)
class CountWords:
    """Texts of the figure in English; pass them translated. alt has values in braces."""

    word: str = N_("Word")
    count: str = N_("Times in the sentence")
    alt: str = N_("{title}: {counts}.")


def word_effects(
    effects: Sequence[tuple[str, float]], *, title: str, words: EffectWords | None = None, dark: bool = False
) -> go.Figure:
    """(word, effect on the log-odds) in the order of the sentence, from the top; positive effects to the right."""
    words = words or EffectWords()
    colours = theme(dark)
    bars = _bars(
        [word for word, _ in effects],
        [effect for _, effect in effects],
        [f"{effect:+.2f}" for _, effect in effects],
        [colours.negative if effect < 0 else colours.positive for _, effect in effects],
        f"{words.effect} %{{x:+.4g}}",
    )
    widest = max((abs(effect) for _, effect in effects), default=1.0) * 1.45 or 1.0  # room for the numbers, both sides
    return _figure(
        bars,
        [word for word, _ in effects],
        {
            "title": {"text": words.effect},
            "range": [-widest, widest],
            "zeroline": True,
            "zerolinecolor": colours.muted,
        },
        title=title,
        alt=words.alt.format(title=title, effects=_listed(f"{word} {effect:+.2f}" for word, effect in effects)),
        dark=dark,
    )


def word_counts(
    counts: Sequence[tuple[str, int]], *, title: str, words: CountWords | None = None, dark: bool = False
) -> go.Figure:
    """(word, count), the most frequent on top; equal counts keep the order of the sentence."""
    words = words or CountWords()
    ordered = sorted(counts, key=lambda pair: -pair[1])
    bars = _bars(
        [word for word, _ in ordered],
        [count for _, count in ordered],
        [str(count) for _, count in ordered],
        theme(dark).verdict,
        f"{words.count} %{{x}}",
    )
    return _figure(
        bars,
        [word for word, _ in ordered],
        {
            "title": {"text": words.count},
            "rangemode": "tozero",
            "dtick": 1 if ordered and ordered[0][1] < 8 else None,
        },
        title=title,
        alt=words.alt.format(title=title, counts=_listed(f"{word} {count}" for word, count in ordered)),
        dark=dark,
    )


def _bars(
    names: Sequence[str], values: Sequence[float], texts: Sequence[str], colour: str | Sequence[str], hover: str
) -> dict[str, Any]:
    """One lying bar for each word, with its text at the end."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": list(range(len(names))),
        "marker": {"color": colour},
        "text": list(texts),
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": list(names),
        "hovertemplate": f"%{{customdata}}<br>{hover}<extra></extra>",
    }


def _figure(
    bars: dict[str, Any], names: Sequence[str], xaxis: dict[str, Any], *, title: str, alt: str, dark: bool
) -> go.Figure:
    yaxis = named_axis(names, "") | {"autorange": "reversed"}
    del yaxis["title"]
    return figure(
        [bars],
        title=title,
        height=REST_HEIGHT + BAR_HEIGHT * max(2, len(names)),
        alt=alt,
        dark=dark,
        layout={"yaxis": yaxis, "xaxis": xaxis, "margin": {"l": 8, "r": 24, "t": 36, "b": 8}},
    )


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts) or NO_NUMBER
