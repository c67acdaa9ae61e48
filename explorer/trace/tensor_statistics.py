"""A few numbers about each traced tensor: enough to colour a graph without its values. Nothing is drawn here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class TensorStatistics:
    """magnitude: mean of the absolute values. dead: share of the channels (dimension 1; of the numbers where there is
    no other dimension) that are zero throughout. All are over the finite values; None where there is none."""

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
    """The numbers for one tensor of any shape and type; text and empty tensors have none."""
    dtype, shape = str(value.dtype), tuple(int(size) for size in value.shape)
    nothing = TensorStatistics(dtype, shape, None, None, None, None, None, None)
    if value.dtype.kind not in "fiub" or not value.size:
        return nothing
    # Sums of 32-bit numbers are taken in 64 bits; a copy of the whole tensor would cost more than the tracing.
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
    dead = _dead(value, zeros)
    return TensorStatistics(dtype, shape, low, high, mean, float(magnitude), zeros, dead, nans, infinities)


def _dead(value: Array, zeros: float) -> float:
    """value: (B, C, …) or (B, N)."""
    if value.ndim < 3 or zeros == 0:
        return zeros
    channels = np.moveaxis(value, 1, 0).reshape(value.shape[1], -1)  # (C, B·…)
    return float(1 - channels.any(axis=1).mean())


def statistics_of(values: Mapping[str, Array]) -> dict[str, TensorStatistics]:
    """The numbers of every tensor, by name."""
    return {name: tensor_statistics(value) for name, value in values.items()}
