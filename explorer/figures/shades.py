"""Numbers to colours that are legible under text: a node of a graph is filled with the shade of its number."""

from collections.abc import Mapping
from itertools import pairwise
from math import log10

from explorer.figures.palette import theme

# From this ratio of the largest to the smallest on, shades go by the number's order of magnitude.
SPREAD = 50.0


def shades(values: Mapping[str, float], dark: bool) -> dict[str, tuple[str, str]]:
    """(fill, ink) of each number, by the palette's sequential colours; ink is black or white, whichever is legible.

    Numbers that spread widely are shaded by their logarithm; zero and below is the low end.
    """
    positive = [value for value in values.values() if value > 0]
    top = max(positive, default=0.0)
    bottom = min(positive, default=0.0)
    wide = bottom > 0 and top / bottom > SPREAD
    found: dict[str, tuple[str, str]] = {}
    for name, value in values.items():
        if value <= 0 or top <= 0:
            share = 0.0
        elif wide:
            # The smallest positive one stays apart from zero.
            share = 0.08 + 0.92 * (log10(value) - log10(bottom)) / (log10(top) - log10(bottom))
        else:
            share = value / top
        found[name] = shade(share, dark)
    return found


def shade(share: float, dark: bool) -> tuple[str, str]:
    """(fill, ink) at ``share`` of the palette's sequential colours, 0 the low end and 1 the high one."""
    fill = _between(share, dark)
    return _hex(fill), _ink(fill)


def scale_colours(dark: bool) -> tuple[str, ...]:
    """The colours from the low end to the high one, for a legend."""
    return tuple(colour for _, colour in theme(dark).sequential)


def _between(share: float, dark: bool) -> tuple[float, float, float]:
    stops = theme(dark).sequential
    share = min(1.0, max(0.0, share))
    for (low, first), (high, second) in pairwise(stops):
        if share <= high:
            part = (share - low) / (high - low)
            a, b = _rgb(first), _rgb(second)
            return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part)
    return _rgb(stops[-1][1])


def _rgb(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in colour)


def _ink(fill: tuple[float, float, float]) -> str:
    """Black or white: by the contrast of WCAG 2.2, section 1.4.3."""
    linear = [part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in fill]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else "#000000"
