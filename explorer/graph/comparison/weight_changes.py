"""How far a weight moved between two graphs: differences of arrays that are read pair by pair."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.graph.graph import Weight
from models.errors import UserError

Array = npt.NDArray[Any]
ReadWeight = Callable[[str], Array | None]
"""A weight's value by its name; None, or a UserError, for one that cannot be read."""


@dataclass(frozen=True)
class WeightChange:
    """One weight of a pair of nodes, with values a before and b after, of equal shape.

    name, role: before. difference: ‖a − b‖ (Euclidean); relative: ‖a − b‖ / ‖a‖, None where ‖a‖ is 0; largest: of
    the absolute differences. Numbers that are not finite on both sides are left out of these; broken counts those of
    them that are not the same on both sides.
    """

    name: str
    role: str
    difference: float
    relative: float | None
    largest: float
    broken: int = 0

    @property
    def size(self) -> float:
        """The relative change, or the absolute difference where ‖a‖ is 0."""
        return self.difference if self.relative is None else self.relative


class WeightReader:
    """Reads pairs of weights and measures their difference; a pair that many nodes share is read once."""

    def __init__(self, read_before: ReadWeight, read_after: ReadWeight) -> None:
        self._read_before, self._read_after = read_before, read_after
        self.unread: list[str] = []
        self._measured: dict[tuple[str, str], tuple[WeightChange, float] | None] = {}

    def change(self, a: Weight, b: Weight) -> tuple[WeightChange, float] | None:
        """The change and ‖a‖; None where one of the two cannot be read."""
        key = a.name, b.name
        if key not in self._measured:
            self._measured[key] = self._measure(a, b)
        return self._measured[key]

    def _measure(self, a: Weight, b: Weight) -> tuple[WeightChange, float] | None:
        arrays = []
        for weight, read in ((a, self._read_before), (b, self._read_after)):
            values = _numbers(weight, read)
            if values is None:
                self.unread.append(weight.name)
                return None
            arrays.append(values)
        if arrays[0].shape != arrays[1].shape:
            self.unread.append(a.name)
            return None
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


def _numbers(weight: Weight, read: ReadWeight) -> Array | None:
    """The weight as float64 or complex128; None where it cannot be read or is text."""
    if "string" in weight.dtype:
        return None
    try:
        values = read(weight.name)
    except UserError:
        return None
    if values is None:
        if weight.value is None or isinstance(weight.value, str):
            return None
        values = np.full(weight.shape, weight.value)
    try:
        return np.asarray(values).astype(np.complex128 if np.iscomplexobj(values) else np.float64)
    except (TypeError, ValueError):
        return None
