"""Two things measured in turn, A B A B, and the table of their ratios. Nothing is trained or started here.

Ratios are taken pair by pair and their median is shown: what else the machine does in the meantime then weighs on both
sides alike. No figure here is a test; the targets are printed beside the figures.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Measure = Callable[[], float]


@dataclass(frozen=True)
class Pairs:
    """What A and B measured, in the same order and unit."""

    a: tuple[float, ...]
    b: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of a / b over the pairs."""
        return median(a / b for a, b in zip(self.a, self.b, strict=True))

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest ratio of a pair."""
        ratios = [a / b for a, b in zip(self.a, self.b, strict=True)]
        return min(ratios), max(ratios)


@dataclass(frozen=True)
class Row:
    """One line of the table. bound: whether the ratio must be at least or at most ``target``; None: only told."""

    what: str
    unit: str
    pairs: Pairs
    target: float | None = None
    bound: Literal["≥", "≤"] = "≥"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        ratio = self.pairs.ratio
        return ratio >= self.target if self.bound == "≥" else ratio <= self.target


def single(what: str, unit: str, ours: float, other: float, most: float, note: str = "") -> Row:
    """A row of one pair, whose ratio may be ``most`` at most."""
    return Row(what, unit, Pairs((ours,), (other,)), most, "≤", note)


def late(seconds: Sequence[float]) -> float:
    """The 95th percentile: no more than one of twenty took longer."""
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


def interleaved(a: Measure, b: Measure, pairs: int) -> Pairs:
    """Measure a, b, a, b … after one round that does not count (caches, imports, memory)."""
    a(), b()
    measured = [(a(), b()) for _ in range(pairs)]
    return Pairs(tuple(x for x, _ in measured), tuple(y for _, y in measured))


def table(rows: Sequence[Row]) -> str:
    """``rows`` as a table in plain text: ratio, its spread, the target, and the medians of both sides."""
    head = ("", "ratio", "pairs", "target", "ours", "other", "unit", "")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    notes = [f"{row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _cells(row: Row) -> tuple[str, ...]:
    low, high = row.pairs.spread
    return (
        row.what,
        f"{row.pairs.ratio:.2f}",
        f"{low:.2f}–{high:.2f}",
        f"{row.bound} {row.target:g}" if row.target is not None else "",
        f"{median(row.pairs.a):,.3g}" if median(row.pairs.a) < 100 else f"{median(row.pairs.a):,.0f}",
        f"{median(row.pairs.b):,.3g}" if median(row.pairs.b) < 100 else f"{median(row.pairs.b):,.0f}",
        row.unit,
        {None: "", True: "met", False: "MISSED"}[row.met],
    )
