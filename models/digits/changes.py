"""Changes of a digit's picture: shift, rotation, scale, noise, black for white, and their short form in an address.

The book shifts one image by three pixels and asks the network again (section 5.3); here every change of that kind is
one ``Change``. It works on whole batches, so that a test set can be changed as quickly as a single digit. Nothing here
knows of MNIST's files or of a network.
"""

import math
import re
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from models.errors import N_, DataError

LARGEST_SHIFT = 28  # pixels: as far as the picture is wide
LARGEST_ANGLE = 180.0  # degrees
SMALLEST_SCALE, LARGEST_SCALE = 0.2, 3.0
LARGEST_NOISE = 1.0  # the whole way from paper to ink
DECIMALS = 4  # of a number in an address


@dataclass(frozen=True)
class Change:
    """What is done to a picture; the default does nothing.

    x: pixels to the right. y: pixels down. angle: degrees, counter-clockwise. scale: 2 is twice as large.
    noise: standard deviation of the added grey, where paper is 0 and ink is 1. invert: paper and ink change places.
    """

    x: int = 0
    y: int = 0
    angle: float = 0.0
    scale: float = 1.0
    noise: float = 0.0
    invert: bool = False


NO_CHANGE = Change()


def changed(images: Tensor, change: Change, seed: int = 0) -> Tensor:
    """``images`` (B, C, H, W), float in 0..1, after ``change``: the same shape, values in 0..1.

    The order is: rotate and scale about the centre in one bilinear resampling, shift by whole pixels (nothing is
    resampled, empty paper comes in), add noise that ``seed`` decides, invert. Without a change the input itself comes
    back. The noise of a picture depends on its place in the batch.

    >>> changed(torch.ones(1, 1, 1, 3), Change(x=2)).tolist()
    [[[[0.0, 0.0, 1.0]]]]
    """
    if change.angle or change.scale != 1:
        images = _turned(images, change.angle, change.scale)
    if change.x or change.y:
        images = shifted(images, change.x, change.y)
    if change.noise:
        generator = torch.Generator().manual_seed(seed)  # on the processor, so that every device sees the same noise
        noise = torch.randn(images.shape, generator=generator).to(images)
        images = (images + change.noise * noise).clamp(0, 1)
    return 1 - images if change.invert else images


def shifted(images: Tensor, x: int, y: int) -> Tensor:
    """``images`` (B, C, H, W) moved ``x`` pixels to the right and ``y`` down; zeros come in. Any dtype."""
    height, width = images.shape[-2:]
    moved = torch.zeros_like(images)
    if abs(x) < width and abs(y) < height:
        moved[..., max(y, 0) : height + min(y, 0), max(x, 0) : width + min(x, 0)] = images[
            ..., max(-y, 0) : height + min(-y, 0), max(-x, 0) : width + min(-x, 0)
        ]
    return moved


def _turned(images: Tensor, angle: float, scale: float) -> Tensor:
    """``images`` (B, C, H, W) turned by ``angle`` degrees and enlarged by ``scale`` about their centre."""
    turn = math.radians(angle)
    cos, sin = math.cos(turn) / scale, math.sin(turn) / scale
    height, width = images.shape[-2:]
    # The matrix leads from a place in the result back to its place in the picture. Rows count downwards, so this is
    # a turn against the clock; both axes of the grid run over -1..1, hence the proportions where the sides differ.
    back = images.new_tensor([[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]])  # (2, 3)
    grid = F.affine_grid(back.expand(len(images), 2, 3), list(images.shape), align_corners=False)  # (B, H, W, 2)
    turned = F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return turned.clamp(0, 1)  # rounding can pass 1 by a hair


def suffix(change: Change) -> str:
    """``change`` as the end of a sample's key, only what differs from the default, with at most four decimals.

    >>> suffix(Change(x=3, y=-2, angle=15, scale=1.2, noise=0.1, invert=True))
    '~x3~y-2~r15~s1.2~n0.1~i'
    >>> suffix(Change())
    ''
    """
    values: tuple[tuple[str, float, int], ...] = (
        ("x", change.x, 0),
        ("y", change.y, 0),
        ("r", change.angle, 0),
        ("s", change.scale, 1),
        ("n", change.noise, 0),
    )
    parts = [
        f"~{letter}{_short_number(value)}" for letter, value, default in values if round(value, DECIMALS) != default
    ]
    return "".join(parts) + ("~i" if change.invert else "")


def _short_number(value: float) -> str:
    """At most four decimals and no exponent."""
    text = f"{value:.{DECIMALS}f}"
    return text.rstrip("0").rstrip(".")


_NUMBER = rf"-?[0-9]{{1,3}}(?:\.[0-9]{{1,{DECIMALS}}})?"
_SUFFIX = re.compile(
    rf"(?:~x(?P<x>-?[0-9]{{1,3}}))?(?:~y(?P<y>-?[0-9]{{1,3}}))?(?:~r(?P<r>{_NUMBER}))?(?:~s(?P<s>{_NUMBER}))?"
    rf"(?:~n(?P<n>{_NUMBER}))?(?P<i>~i)?"
)


def parsed_change(text: str) -> Change:
    """The change that ``suffix`` wrote; '' is none. Raises DataError for another form or a value out of range.

    >>> parsed_change("~x3~i")
    Change(x=3, y=0, angle=0.0, scale=1.0, noise=0.0, invert=True)
    """
    match = _SUFFIX.fullmatch(text)
    if match is None:
        raise DataError(
            N_("The change {text} cannot be read: write ~x3~y-2~r15~s1.2~n0.1~i, for instance, or a part of it."),
            text=repr(text),
        )
    change = Change(
        x=int(match["x"] or 0),
        y=int(match["y"] or 0),
        angle=float(match["r"] or 0),
        scale=float(match["s"] or 1),
        noise=float(match["n"] or 0),
        invert=match["i"] is not None,
    )
    if not _within_bounds(change):
        raise DataError(
            N_(
                "The change {text} goes too far: a shift has at most {shift} pixels, a rotation {angle} degrees, "
                "a scale is {least} to {most} and noise 0 to {noise}."
            ),
            text=repr(text),
            shift=LARGEST_SHIFT,
            angle=_short_number(LARGEST_ANGLE),
            least=_short_number(SMALLEST_SCALE),
            most=_short_number(LARGEST_SCALE),
            noise=_short_number(LARGEST_NOISE),
        )
    return change


def _within_bounds(change: Change) -> bool:
    return (
        max(abs(change.x), abs(change.y)) <= LARGEST_SHIFT
        and abs(change.angle) <= LARGEST_ANGLE
        and SMALLEST_SCALE <= change.scale <= LARGEST_SCALE
        and 0 <= change.noise <= LARGEST_NOISE
    )
