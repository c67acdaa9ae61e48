"""The few numbers that sum up an array. They tolerate an empty array, NaN and infinities; they draw nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Statistics:
    """What is known of an array's values.

    least, largest, mean and spread (standard deviation) are of the finite values, None where there are none. zeros:
    share of exact zeros among all values, 0…1 (None for an empty array). nans, infinities: how many.
    """

    count: int
    least: float | None
    largest: float | None
    mean: float | None
    spread: float | None
    zeros: float | None
    nans: int
    infinities: int


def statistics(values: NDArray[np.generic]) -> Statistics:
    """Statistics of an array of any shape and real type (booleans count as 0 and 1).

    >>> statistics(np.array([0.0, 1.0, np.nan])).mean
    0.5
    """
    flat = np.asarray(values).ravel().astype(np.float64)
    finite = flat[np.isfinite(flat)]
    nans = int(np.isnan(flat).sum())
    known = finite.size > 0
    return Statistics(
        count=int(flat.size),
        least=float(finite.min()) if known else None,
        largest=float(finite.max()) if known else None,
        mean=float(finite.mean()) if known else None,
        spread=float(finite.std()) if known else None,
        zeros=float((flat == 0).mean()) if flat.size else None,
        nans=nans,
        infinities=int(flat.size - finite.size - nans),
    )
