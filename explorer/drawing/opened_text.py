"""What is open in a drawing as a text for an address, and back."""

import base64
import binascii
import zlib

from explorer.drawing.actions import Opened

LONGEST = 1800  # characters of a text
LARGEST = 2**16  # bytes of the ids: an address is typed by anybody


def opened_text(opened: Opened) -> str:
    """The text; '' where it would be too long.

    >>> opened_text("all")
    'all'
    >>> opened_from_text(opened_text(frozenset({"layer1.0", "layer2"}))) == {"layer1.0", "layer2"}
    True
    """
    if opened == "all":
        return "all"
    ids = "\n".join(sorted(opened)).encode()
    if len(ids) > LARGEST:
        return ""
    text = base64.urlsafe_b64encode(zlib.compress(ids, 9)).decode().rstrip("=")
    return text if len(text) <= LONGEST else ""


def opened_from_text(text: str) -> Opened | None:
    """What is open by a text; None for '' and for one that ``opened_text`` cannot have made.

    >>> opened_from_text("0") is None
    True
    """
    if text == "all":
        return "all"
    if not text or len(text) > LONGEST:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        ids = reader.decompress(packed, LARGEST)
        if not reader.eof:
            return None  # larger, or cut off
        return frozenset(ids.decode().split("\n")) - {""}
    except (binascii.Error, zlib.error, ValueError):
        return None
