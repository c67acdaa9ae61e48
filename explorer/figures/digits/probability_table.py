"""The probabilities of the samples of a batch: a row for each sample, a column for each class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.figures.live import Columns, LiveFigure, Spec, axis, live_figure
from explorer.figures.shades import shades_of_shares
from explorer.figures.tiles import Array
from models.errors import N_


@dataclass(frozen=True)
class ProbabilityTableWords:
    """Texts of the figure in English; pass them translated. alt has a value in braces."""

    row: str = N_("Picture (its digit)")
    column: str = N_("Class")
    value: str = N_("Probability")
    alt: str = N_("{title}: a row for each picture, a column for each class.")


def probability_table(
    values: Array,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str,
    words: ProbabilityTableWords | None = None,
    height: int = 460,
    dark: bool = False,
) -> LiveFigure:
    """Probabilities (R, K) from 0 to 1 as cells with their numbers. rows, columns: the names, (R,) and (K,)."""
    words = words or ProbabilityTableWords()
    fills, text_colours = zip(*shades_of_shares(np.ravel(values).tolist(), dark), strict=True)
    tables: dict[str, Columns] = {
        "cells": {
            "row": np.repeat(np.array(rows, dtype=str), len(columns)),
            "column": np.tile(np.array(columns, dtype=str), len(rows)),
            "value": np.ravel(values),
            "fill": fills,
            "ink": text_colours,
        }
    }
    position: Spec = {
        "x": {"field": "column", "type": "ordinal", "sort": None, "axis": axis(words.column)},
        "y": {"field": "row", "type": "ordinal", "sort": None, "axis": axis(words.row)},
    }
    hover = [
        {"field": "row", "title": words.row},
        {"field": "column", "title": words.column},
        {"field": "value", "title": words.value, "format": ".4g"},
    ]
    layers: list[Spec] = [
        {
            "data": {"name": "cells"},
            "mark": {"type": "rect"},
            "encoding": {
                **position,
                "tooltip": hover,
                "color": {"field": "fill", "type": "nominal", "scale": None},
            },
        },
        {
            "data": {"name": "cells"},
            "mark": {"type": "text", "fontSize": 10},
            "encoding": {
                **position,
                "text": {"field": "value", "type": "quantitative", "format": ".2f"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
                "tooltip": hover,
            },
        },
    ]
    return live_figure(
        layers, tables, title=title, height=height, alt=words.alt.format(title=title), dark=dark, canvas=True
    )
