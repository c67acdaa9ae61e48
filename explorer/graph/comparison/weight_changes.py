"""How far a weight moved between two graphs: differences of arrays that are read pair by pair."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.graph.graph import TensorKey, Weight
from explorer.workers.arrays import decoded_text
from models.errors import UserError

Array = npt.NDArray[Any]
ReadWeight = Callable[[TensorKey], Array | None]
"""A weight's value; None, or a UserError, for one that cannot be read."""


@dataclass(frozen=True)
class WeightChange:
    """One weight of a pair of nodes, with values a before and b after, of equal shape.

    name, role: before. difference: ‖a − b‖ (Euclidean); relative: ‖a − b‖ / ‖a‖, None where ‖a‖ is 0; largest: of
    the absolute differences. Numbers that are not finite on both sides are left out of these; broken counts those of
    them that are not the same on both sides. Of texts: how many differ, the share of them, and 1 where any does.
    """

    name: str
    role: str
    difference: float
    relative: float | None
    largest: float
    broken: int = 0

    @property
    def moved(self) -> bool:
        """Whether anything differs."""
        return bool(self.difference or self.broken)

    @property
    def size(self) -> float:
        """The relative change, or the absolute difference where ‖a‖ is 0."""
        return self.difference if self.relative is None else self.relative


class WeightReader:
    """Reads pairs of weights and measures their difference; a pair that many nodes share is read once."""

    def __init__(self, read_before: ReadWeight, read_after: ReadWeight) -> None:
        self._read_before, self._read_after = read_before, read_after
        self.unread: list[str] = []
        self._measured: dict[tuple[TensorKey, TensorKey], tuple[WeightChange, float] | None] = {}

    def change(self, a: Weight, b: Weight) -> tuple[WeightChange, float] | None:
        """The change and ‖a‖; None where one of the two cannot be read."""
        key = a.key, b.key
        if key not in self._measured:
            self._measured[key] = self._measure(a, b)
        return self._measured[key]

    def _measure(self, a: Weight, b: Weight) -> tuple[WeightChange, float] | None:
        arrays = []
        for weight, read in ((a, self._read_before), (b, self._read_after)):
            values = _values(weight, read)
            if values is None:
                self.unread.append(weight.name)
                return None
            arrays.append(values)
        if arrays[0].shape != arrays[1].shape:
            self.unread.append(a.name)
            return None
        if any(values.dtype.kind == "U" for values in arrays):
            return _text_change(a.name, a.role, *arrays)
        return _weight_change(a.name, a.role, *arrays)


def _weight_change(name: str, role: str, a: Array, b: Array) -> tuple[WeightChange, float]:
    """The change from ``a`` to ``b``, float64 or complex128 of one shape, and the norm of ``a``."""
    finite = np.isfinite(a) & np.isfinite(b)
    broken = 0
    if not finite.all():
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        broken = int((~finite & ~same).sum())
        a, b = a[finite], b[finite]
    distances = np.abs(a - b)
    norm, difference = float(np.linalg.norm(a.ravel())), float(np.linalg.norm(distances.ravel()))
    relative = difference / norm if norm else None
    return WeightChange(name, role, difference, relative, float(distances.max(initial=0.0)), broken), norm


def _text_change(name: str, role: str, a: Array, b: Array) -> tuple[WeightChange, float]:
    """The change between two arrays of which at least one holds text, and how many elements they have."""
    count = int((a.astype(str) != b.astype(str)).sum())
    return WeightChange(name, role, float(count), count / a.size if a.size else None, float(count > 0)), float(a.size)


def _values(weight: Weight, read: ReadWeight) -> Array | None:
    """The weight as float64, complex128 or text; None where it cannot be read."""
    try:
        values = read(weight.key)
    except UserError:
        return None
    if values is None:
        if weight.value is None:
            return None
        values = np.full(weight.shape, weight.value)
    if values.dtype.kind in "OSU":
        return decoded_text(values)
    try:
        return np.asarray(values).astype(np.complex128 if np.iscomplexobj(values) else np.float64)
    except (TypeError, ValueError):
        return None
