"""What the system or a library said went wrong, without the folders of this machine: readers are other people."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_END = r"""\s'"`,;:|()<>\[\]{}"""  # what cannot be in a path here; a blank can, and ends it all the same
_WINDOWS = rf"(?:(?<!\w)[A-Za-z]:[\\/]|\\\\)[^{_END}]*"


def reason_text(reason: object) -> str:
    """What an exception says, without folders; of the system's errors the system's words alone.

    >>> reason_text(PermissionError(13, "Permission denied", "/tmp/store/run.json"))
    'Permission denied'
    >>> reason_text(KeyError())
    'KeyError'
    """
    if isinstance(reason, OSError) and reason.strerror:
        return without_folders(reason.strerror)
    text = without_folders(str(reason))
    return text if text.strip() or not isinstance(reason, BaseException) else type(reason).__name__


def without_folders(text: str) -> str:
    """``text`` with each path of this machine cut down to the name of its file or folder.

    A path is what begins with a drive, or with a folder that lies at the root here: ONNX calls operations
    ``/features/0/Conv``, which stays.

    >>> without_folders("Error in /tmp/packages/torch/load.py:12: /features/0/Conv is 3/4 done")
    'Error in load.py:12: /features/0/Conv is 3/4 done'
    """
    if "/" not in text and "\\" not in text:
        return text
    folders = sorted({re.escape(folder) for folder in _own_folders()}, key=len, reverse=True)
    roots = "|".join(re.escape(name) for name in _root_names())
    posix = rf"(?<![\w./-])(?:file://)?/(?:{roots})/[^{_END}]*"
    own = rf"(?:{'|'.join(folders)})(?:[\\/][^{_END}]*|(?![\w.-]))"
    return re.sub(f"{own}|{posix}|{_WINDOWS}", lambda match: _last_part(match[0]), text)


def _own_folders() -> Iterator[str]:
    """Folders of this process, whose names may hold blanks."""
    store = os.environ.get("TOUSHI_STORE", "")
    places = [Path(__file__).parents[1], Path(tempfile.gettempdir()), Path(sys.prefix), Path(sys.base_prefix)]
    for place in (*places, Path.cwd(), Path.home(), *([Path(store).absolute()] if store else [])):
        yield from (str(path) for path in {place, place.resolve()} if len(path.parts) > 1)


def _root_names() -> list[str]:
    root = Path(Path.cwd().anchor)
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir()) or ["tmp"]


def _last_part(path: str) -> str:
    return re.split(r"[\\/]+", path.rstrip("\\/"))[-1]
