"""A few numbers that sum up a tensor: enough to colour a graph without its values. Nothing is drawn here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Key = TypeVar("Key")


@dataclass(frozen=True)
class TensorStatistics:
    """Numbers over the finite values of a tensor; None where there are none.

    magnitude: mean of the absolute values. zeros: share of exact zeros among all values, 0…1. dead: share of the
    channels (dimension 1; of the numbers where there is no further dimension) that are zero throughout. nans,
    infinities: how many.
    """

    dtype: str
    shape: tuple[int, ...]
    minimum: float | None
    maximum: float | None
    mean: float | None
    magnitude: float | None
    zeros: float | None
    dead: float | None
    nans: int = 0
    infinities: int = 0


def tensor_statistics(value: Array) -> TensorStatistics:
    """The statistics of a tensor of any shape and type; all are None for text, complex numbers and empty tensors.

    >>> tensor_statistics(np.array([0.0, 1.0, np.nan])).mean
    0.5
    """
    dtype, shape = str(value.dtype), tuple(int(size) for size in value.shape)
    unknown = TensorStatistics(dtype, shape, None, None, None, None, None, None)
    if value.dtype.kind not in "fiub" or not value.size:
        return unknown
    # 32-bit numbers are summed in 64 bits: a copy of the whole tensor would take longer than tracing it.
    total = float(value.sum(dtype=np.float64))
    if np.isfinite(total):
        real = value if value.dtype.kind == "f" else value.astype(float)
        magnitude = np.abs(real).mean(dtype=np.float64)
        low, high, mean, nans, infinities = float(value.min()), float(value.max()), total / value.size, 0, 0
    else:
        finite = value[np.isfinite(value)]
        nans, infinities = int(np.isnan(value).sum()), int(np.isinf(value).sum())
        if not finite.size:
            return TensorStatistics(dtype, shape, None, None, None, None, 0.0, 0.0, nans, infinities)
        low, high, mean = float(finite.min()), float(finite.max()), float(finite.mean(dtype=np.float64))
        magnitude = np.abs(finite).mean(dtype=np.float64)
    zeros = 1 - np.count_nonzero(value) / value.size
    dead = _dead_share(value, zeros)
    return TensorStatistics(dtype, shape, low, high, mean, float(magnitude), zeros, dead, nans, infinities)


def _dead_share(value: Array, zeros: float) -> float:
    """The share of channels that are zero throughout. value: (B, C, …) or (B, N); zeros: its share of zeros."""
    if value.ndim < 3 or zeros == 0:
        return zeros
    channels = np.moveaxis(value, 1, 0).reshape(value.shape[1], -1)  # (C, B·…)
    return float(1 - channels.any(axis=1).mean())


def standard_deviation(value: Array) -> float | None:
    """Of the finite values of a tensor of real numbers; None where there are none.

    >>> standard_deviation(np.array([0.0, 2.0, np.inf]))
    1.0
    """
    finite = value[np.isfinite(value)] if value.dtype.kind in "fiub" else value[:0]
    return float(finite.std(dtype=np.float64)) if finite.size else None


def statistics_of(values: Mapping[Key, Array]) -> dict[Key, TensorStatistics]:
    """The statistics of every tensor, by what it is known by."""
    return {key: tensor_statistics(value) for key, value in values.items()}
