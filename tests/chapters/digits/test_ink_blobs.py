"""Several pieces of ink in a picture: strokes belong together, stamps and edges do not, and the middle comes first."""

import numpy as np

from explorer.chapters.digits.ink_blobs import ink_blobs

SIDE = 280


def sheet(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """A white sheet with bars of full ink: top, left, bottom, right."""
    ink = np.zeros((SIDE, SIDE), np.float32)
    for top, left, bottom, right in boxes:
        ink[top:bottom, left:right] = 1
    return ink


def test_strokes_that_do_not_touch_are_one_digit() -> None:
    (blob,) = ink_blobs(sheet((60, 100, 70, 180), (80, 100, 200, 110)))
    assert blob.box == (60, 100, 200, 180)
    assert blob.ink.sum() == 10 * 80 + 120 * 10


def test_a_stamp_in_the_corner_comes_after_the_digit() -> None:
    digit, stamp = ink_blobs(sheet((100, 110, 190, 170), (5, 200, 25, 275)))
    assert digit.box == (100, 110, 190, 170)
    assert stamp.box == (5, 200, 25, 275)


def test_the_edge_of_a_desk_comes_last_however_near_the_middle() -> None:
    digit, edge = ink_blobs(sheet((30, 30, 120, 90), (140, 0, 280, 280)))
    assert digit.box == (30, 30, 120, 90)
    assert edge.box == (140, 0, 280, 280)


def test_dirt_is_no_piece_and_a_sheet_without_ink_has_none() -> None:
    assert len(ink_blobs(sheet((100, 110, 190, 170), (140, 5, 144, 9)))) == 1
    assert ink_blobs(sheet()) == ()


def test_a_spiral_is_one_piece() -> None:
    ink = np.zeros((SIDE, SIDE), np.float32)
    low, high = 10, 270
    while high - low > 40:
        ink[low, low:high] = ink[low:high, high - 1] = ink[high - 1, low:high] = ink[low + 20 : high, low] = 1
        low, high = low + 20, high - 20
        ink[low, low - 20 : low + 1] = 1
    assert len(ink_blobs(ink)) == 1
