"""How long each checkpoint of a film stays: equal times show equal changes of the kernels and maps.

Checkpoints lie close together at the beginning of a training, where a step changes little: at one pace a film
would stand still, and then jump.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
SHORTEST, LONGEST = 0.1, 1.0  # seconds that a frame stays
NOTHING = 1e-9  # a change, as a share of the largest, that counts as none


def relative_changes(films: Sequence[Sequence[NDArray[Any]]]) -> Numbers:
    """(frames - 1,) how much each frame differs from the one before it: the mean over ``films`` of their distances.

    films: what is filmed, each with one array a frame, all of one shape. A distance is Euclidean, as a share of the
    largest norm in its film, since a film keeps one colour scale. What is not finite counts as zero.

    >>> relative_changes([[np.zeros(2), np.array([3.0, 4.0]), np.array([3.0, 4.0])]]).tolist()
    [1.0, 0.0]
    """
    rows = [np.nan_to_num(np.stack(film).astype(np.float64), posinf=0.0, neginf=0.0) for film in films]
    distances: Numbers = np.mean([_relative_distances(row.reshape(len(row), -1)) for row in rows], axis=0)
    return distances


def _relative_distances(film: Numbers) -> Numbers:
    """(frames - 1,) distances of consecutive rows of (frames, values), as shares of the largest norm of a row."""
    largest = float(np.linalg.norm(film, axis=1).max()) or 1.0
    distances: Numbers = np.linalg.norm(np.diff(film, axis=0), axis=1) / largest
    return distances


def paced_seconds(
    changes: Sequence[float] | Numbers, mean: float, shortest: float = SHORTEST, longest: float = LONGEST
) -> Numbers:
    """(n,) seconds from each frame to the next, proportional to ``changes`` (n,), the change on the way, within limits.

    They add up to n · ``mean``; to less where so few frames change that even the longest times are not enough. Without
    any change all are ``mean``.

    >>> paced_seconds([1.0, 3.0, 0.0], mean=0.3).round(3).tolist()
    [0.2, 0.6, 0.1]
    """
    sizes = np.asarray(changes, np.float64)
    largest = sizes.max(initial=0.0)
    if not largest:
        return np.full(len(sizes), mean)
    sizes = sizes / largest
    # From where every frame has the shortest time to where every frame that changes has the longest.
    low, high = shortest, longest / sizes[sizes > NOTHING].min()
    for _halving in range(100):
        middle = (low + high) / 2
        if np.clip(middle * sizes, shortest, longest).sum() < mean * len(sizes):
            low = middle
        else:
            high = middle
    seconds: Numbers = np.clip(high * sizes, shortest, longest)
    return seconds
