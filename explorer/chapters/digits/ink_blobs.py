"""Separate pieces of ink in a picture, and which of them is most likely the digit: a stamp or a desk's edge is not.

Strokes that lie close together are one piece. Nothing is read here, and nothing knows what a digit looks like.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.digits.own_digit import FAINTEST

NEAR = 0.02  # of the picture's longer side: ink closer than twice this is one stroke
STROKE = 0.2  # of the larger piece's longer side: pieces closer than this are strokes of one digit
SPECK = 0.08  # of the heaviest piece's ink: lighter ones are dirt
MOST_PIECES = 60
MOST_STEPS = 4_000  # of a label through a picture of 280 pixels: a spiral of ink has no more

Ink = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Blob:
    """One piece. box: top, left, bottom, right in pixels, the last two beyond it. ink: (h, w), that of this piece."""

    box: tuple[int, int, int, int]
    ink: Ink


def ink_blobs(ink: Ink) -> tuple[Blob, ...]:
    """The pieces of ``ink`` (h, w), 0 paper to 1, the likeliest digit first; empty where there is no ink.

    Pieces within the picture come before those that its edge cuts off, and central ones before others.
    """
    mask = ink > FAINTEST
    labels = _labels(_grown(mask, max(1, round(NEAR * max(mask.shape)))))  # with the faint ink around each piece
    numbers = np.unique(labels[mask])
    if len(numbers) == 1:
        return (Blob(_box(ink), ink),)
    pieces = [np.where(labels == number, ink, np.float32(0)) for number in numbers]
    heaviest = max((float(piece.sum()) for piece in pieces), default=0.0)
    blobs = [Blob(_box(piece), piece) for piece in pieces if piece.sum() >= SPECK * heaviest][:MOST_PIECES]
    blobs = _joined(blobs, mask.shape)
    return tuple(sorted(blobs, key=lambda blob: _unlikeliness(blob, mask.shape)))


def _joined(blobs: list[Blob], shape: tuple[int, ...]) -> list[Blob]:
    """Pieces that are strokes of one digit as one: what the edge cuts off is none of what it does not."""
    for place, blob in enumerate(blobs):
        for other in blobs[place + 1 :]:
            if _is_cut_off(blob, shape) == _is_cut_off(other, shape) and _gap(blob.box, other.box) <= STROKE:
                both = blob.ink + other.ink
                rest = [each for each in blobs if each is not blob and each is not other]
                return _joined([*rest, Blob(_box(both), both)], shape)
    return blobs


def _gap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    """How far two boxes are apart, as a share of the longer side of the larger one."""
    rows = max(a[0], b[0]) - min(a[2], b[2])
    columns = max(a[1], b[1]) - min(a[3], b[3])
    longest = max(max(box[2] - box[0], box[3] - box[1]) for box in (a, b))
    return max(rows, columns, 0) / longest


def _is_cut_off(blob: Blob, shape: tuple[int, ...]) -> bool:
    top, left, bottom, right = blob.box
    return top == 0 or left == 0 or bottom == shape[0] or right == shape[1]


def _unlikeliness(blob: Blob, shape: tuple[int, ...]) -> tuple[bool, float]:
    """Whether the edge cuts it off, then how far its middle is from that of the picture, in halves of its sides."""
    top, left, bottom, right = blob.box
    return _is_cut_off(blob, shape), float(np.hypot((top + bottom) / shape[0] - 1, (left + right) / shape[1] - 1))


def _box(piece: Ink) -> tuple[int, int, int, int]:
    rows, columns = (np.flatnonzero((piece > FAINTEST).any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _grown(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """``mask`` with everything within ``by`` pixels of it, in a square."""
    for axis in (0, 1):
        grown = mask.copy()
        for step in range(1, by + 1):
            after, before = ([slice(None)] * 2 for _ in range(2))
            after[axis], before[axis] = slice(step, None), slice(None, -step)
            grown[tuple(after)] |= mask[tuple(before)]
            grown[tuple(before)] |= mask[tuple(after)]
        mask = grown
    return mask


def _labels(mask: NDArray[np.bool_]) -> Labels:
    """A number for each connected part of ``mask``, 0 outside: the largest index of its pixels, spread step by step."""
    labels: Labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    for _ in range(MOST_STEPS):
        last = labels
        labels = labels.copy()
        for axis in (0, 1):
            after, before = ([slice(None)] * 2 for _ in range(2))
            after[axis], before[axis] = slice(1, None), slice(None, -1)
            np.maximum(labels[tuple(after)], labels[tuple(before)], out=labels[tuple(after)])
            np.maximum(labels[tuple(before)], labels[tuple(after)], out=labels[tuple(before)])
        labels[~mask] = 0
        if np.array_equal(labels, last):
            break
    return labels
