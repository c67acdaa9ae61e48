"""Names and shapes as short, printable text: what comes from a file may be endless and hold control characters.

Markdown and HTML are escaped by those who write them; nothing is translated here.
"""

from collections.abc import Callable, Iterable
from typing import Literal


def printable(text: str, replacement: str = " ") -> str:
    """``text`` with each character that cannot be printed (controls, line breaks, surrogates) replaced.

    >>> printable("conv\\n1")
    'conv 1'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else replacement for c in text)


LONGEST_NAME = 160  # characters of a name from a file that a page shows


def shortened(
    text: str, longest: int = LONGEST_NAME, *, keep: Literal["start", "ends"] = "ends", strip: bool = False
) -> str:
    """One printable line of at most ``longest`` characters, an ellipsis where something was left out.

    keep: what remains of a longer text, its start or both its ends. strip: leave out blanks at either end first.

    >>> shortened("features.0.conv.weight", 12, keep="start")
    'features.0.…'
    >>> shortened("features.0.conv.weight", 12)
    'features…ght'
    """
    # A name of 100 kB is looked at no further than its two ends.
    line = printable(text if len(text) <= 4 * longest else text[: 2 * longest] + text[-2 * longest :])
    line = line.strip() if strip else line
    if len(line) <= longest:
        return line
    if keep == "start":
        return line[: longest - 1] + "…"
    return line[: longest * 2 // 3] + "…" + line[-(longest // 3 - 1) :]


def shape_text(shape: Iterable[object] | None, dimension: Callable[[str], str] = str) -> str:
    """``1×4×28×28``: sizes with times signs, ``?`` for one that is None; '' for a scalar, ``?`` without any shape.

    dimension: what is done to the text of each known size, which may be a name from a file.

    >>> shape_text(("batch", 3, None))
    'batch×3×?'
    """
    if shape is None:
        return "?"
    return "×".join("?" if size is None else dimension(str(size)) for size in shape)
