"""Numbers to fill colours with legible text on them: a node of a graph is filled with the shade of its number."""

from collections.abc import Mapping, Sequence
from math import log10

import numpy as np

from explorer.figures.palette import sample_scale, theme

# From this ratio of the largest to the smallest number on, shades follow the number's order of magnitude.
LOGARITHMIC_FROM = 50.0
LOWEST_POSITIVE = 0.08  # share of the scale for the smallest positive number, which so differs from zero


def shades(values: Mapping[str, float], dark: bool) -> dict[str, tuple[str, str]]:
    """(fill, text colour) of each number, by name, from the palette's sequential colours.

    Widely spread numbers are shaded by their logarithm; zero and below have the colour of the low end.
    """
    positive = [value for value in values.values() if value > 0]
    largest, smallest = max(positive, default=0.0), min(positive, default=0.0)
    logarithmic = smallest > 0 and largest / smallest > LOGARITHMIC_FROM

    def share(value: float) -> float:
        if value <= 0:
            return 0.0
        if logarithmic:
            part = (log10(value) - log10(smallest)) / (log10(largest) - log10(smallest))
            return LOWEST_POSITIVE + (1 - LOWEST_POSITIVE) * part
        return value / largest

    return dict(zip(values, shades_of_shares([share(value) for value in values.values()], dark), strict=True))


def shades_of_shares(shares: Sequence[float], dark: bool) -> list[tuple[str, str]]:
    """(fill, text colour) at each share of the palette's sequential colours, 0 the low end and 1 the high one."""
    if not len(shares):
        return []
    return [(_hex(fill), _text_colour(fill)) for fill in sample_scale(theme(dark).sequential, shares).tolist()]


def scale_colours(dark: bool) -> tuple[str, ...]:
    """The colours from the low end to the high one, for a legend."""
    return tuple(colour for _, colour in theme(dark).sequential)


def _hex(colour: Sequence[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)


def _text_colour(fill: Sequence[int]) -> str:
    """Black or white, whichever has the larger contrast to ``fill`` (red, green, blue) by WCAG 2.2, section 1.4.3."""
    channels = np.array(fill) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000000"
