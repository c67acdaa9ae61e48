"""Download UCI's ``hour.csv`` (bike hires of 2011 and 2012): streamed, with limits and a checksum.

MNIST's download is torchvision's; see ``models/data/mnist.py``. Nothing is downloaded unless somebody asks for it.
"""

import hashlib
import http.client
import io
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from models.errors import N_, DataError

ADDRESS = "https://archive.ics.uci.edu/static/public/275/bike+sharing+dataset.zip"
MEMBER = "hour.csv"
SHA256 = "e03de4ee4ef4dc376ac6e04bf829673c6269e8eba5c60fa121640fa2f829504f"
MOST_PACKED = 8 * 2**20  # bytes; the archive has 0.3 MB
MOST_UNPACKED = 4 * 2**20  # bytes; hour.csv has 1.2 MB
PIECE = 64 * 2**10
SECONDS = 30  # without a byte, until the download is given up

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all), the latter 0 while unknown. What it raises ends the download."""


def download(folder: Path, progress: Progress) -> Path:
    """Fetch ``hour.csv`` from UCI into ``folder``; returns the file. Raises DataError as ``download_bikes`` does."""
    return download_bikes(folder / "hour.csv", progress)


def download_bikes(
    target: Path, progress: Progress | None = None, address: str = ADDRESS, sha256: str = SHA256
) -> Path:
    """Fetch the archive at ``address``, take ``hour.csv`` out of it, write it to ``target`` and return ``target``.

    target: the file to write, once all of it has arrived with the right checksum; a caller that shares the folder with
    others gives a temporary one (``adopt`` in ``explorer/runs/data/sources.py``). Raises DataError where the
    server cannot be reached, the archive is not what it should be, or ``target`` cannot be written.
    """
    content = _member(_fetched(address, progress or _ignore), address)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(
            N_("The {member} from {address} is not the file that was expected: its checksum differs."),
            member=MEMBER,
            address=address,
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except OSError as error:
        raise DataError(
            N_("The file {name} cannot be written: {reason}."), name=repr(str(target)), reason=error
        ) from None
    return target


def _ignore(done: int, total: int) -> None:
    pass


def _fetched(address: str, progress: Progress) -> bytes:
    if not address.startswith(("https://", "http://")):
        raise ValueError(f"only http(s) is downloaded, not {address!r}")
    content = bytearray()
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:  # noqa: S310 - the scheme is checked above
            length = str(answer.headers.get("Content-Length", ""))
            total = int(length) if length.isascii() and length.isdigit() else 0
            progress(0, total)
            while piece := answer.read(PIECE):
                content += piece
                if len(content) > MOST_PACKED:
                    raise DataError(
                        N_("The archive at {address} is larger than {limit} MB and was not downloaded."),
                        address=address,
                        limit=MOST_PACKED // 2**20,
                    )
                progress(len(content), total)
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(address, str(getattr(error, "reason", "") or error)) from None
    if len(content) < total:  # reading in pieces does not notice a connection that was cut
        raise _unreachable(address, f"{len(content)} / {total} B")
    return bytes(content)


def _unreachable(address: str, reason: str) -> DataError:
    return DataError(
        N_("Nothing could be downloaded from {address}: {reason}. Check the connection, or upload the file."),
        address=address,
        reason=reason,
    )


def _member(archive: bytes, address: str) -> bytes:
    """``hour.csv`` of the zip file ``archive``, unpacked no further than the limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)).open(MEMBER) as packed:
            content = packed.read(MOST_UNPACKED + 1)
    # zipfile says with these that an archive is broken, encrypted or packed in a way that it does not know.
    except (zipfile.BadZipFile, KeyError, RuntimeError, EOFError, zlib.error):
        raise DataError(
            N_("What {address} sent is not a zip archive with {member} in it."), address=address, member=MEMBER
        ) from None
    if len(content) > MOST_UNPACKED:
        raise DataError(
            N_("The {member} from {address} is larger than {limit} MB."),
            member=MEMBER,
            address=address,
            limit=MOST_UNPACKED // 2**20,
        )
    return content
