"""The name and the note that a person gives a run, in ``name.json`` of its folder. Runs are listed in ``folder.py``."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec

from explorer.storage import unwritable, write_atomically
from models.text import printable, shortened

LONGEST_RUN_NAME = 60  # characters
LONGEST_NOTE = 1000


class GivenName(msgspec.Struct, frozen=True):
    """What name.json holds; both are '' where nothing was given."""

    name: str = ""
    note: str = ""


def read_name(path: Path) -> GivenName:
    """Name and note of the run in folder ``path``; empty ones where there are none or the file is broken."""
    with suppress(OSError, ValueError):
        given = msgspec.json.decode((path / "name.json").read_bytes(), type=GivenName)
        return checked_name(given.name, given.note)
    return GivenName()


def write_name(path: Path, name: str, note: str) -> None:
    """Give the run in folder ``path`` a name and a note, '' for none. Raises RunError where it cannot be written."""
    given = msgspec.to_builtins(checked_name(name, note))
    try:
        write_atomically(path / "name.json", json.dumps(given, ensure_ascii=False))
    except OSError as error:
        # Nobody is shown where the server keeps its files.
        raise unwritable(Path(path.name) / "name.json", error) from None


def checked_name(name: str, note: str) -> GivenName:
    """Both printable and of a bounded length; the note keeps its line breaks.

    >>> checked_name("  wide\\nnetwork ", "first line\\r\\nsecond")
    GivenName(name='wide network', note='first line\\nsecond')
    """
    lines = [printable(line) for line in note[:LONGEST_NOTE].splitlines()]
    return GivenName(shortened(name, LONGEST_RUN_NAME, keep="start", strip=True), "\n".join(lines).strip())
