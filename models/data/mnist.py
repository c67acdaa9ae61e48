"""MNIST's 70,000 images as arrays: the embedded copy, a folder of idx files, or a download through torchvision.

No tensors and no splitting here; ``models/digits/classifier.py`` does that. The idx format (LeCun, Cortes and Burges
1998): two zero bytes, 0x08 for unsigned bytes, the number of dimensions, one big-endian 32-bit length for each, then
the bytes.
"""

import contextlib
import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.files import FOLDER
from models.errors import N_, DataError
from models.text import shape_text
from models.torchvision_ops import allow_import

EMBEDDED = FOLDER / "mnist.npz"
TRAIN_ROWS, TEST_ROWS = 60_000, 10_000
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Images:
    """train_images: (60000, 28, 28) uint8, 0 white paper to 255 full ink; labels: (60000,) 0 to 9. Likewise test."""

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes


@lru_cache(maxsize=1)
def embedded() -> Images:
    """The images that come with the project. Cached: do not write into them."""
    with np.load(EMBEDDED, allow_pickle=False) as stored:
        return Images(**{name: stored[name] for name in Images.__dataclass_fields__})


def idx_folder(folder: Path) -> Images:
    """The images of the four idx files, plain or ``.gz``, in ``folder`` itself or in torchvision's ``MNIST/raw`` there.

    Raises DataError for a file that is missing or broken.
    """
    if not folder.is_dir():
        raise DataError(N_("There is no folder {name}."), name=repr(str(folder)))
    inner = (folder / "MNIST" / "raw", folder / "raw")
    where = next((path for path in inner if path.is_dir()), folder)
    return Images(
        _idx(where, "train-images-idx3-ubyte", (TRAIN_ROWS, 28, 28)),
        _labels(where, "train-labels-idx1-ubyte", TRAIN_ROWS),
        _idx(where, "t10k-images-idx3-ubyte", (TEST_ROWS, 28, 28)),
        _labels(where, "t10k-labels-idx1-ubyte", TEST_ROWS),
    )


def _labels(folder: Path, name: str, rows: int) -> Bytes:
    labels = _idx(folder, name, (rows,))
    if (wrong := labels > 9).any():
        place = int(wrong.argmax())
        raise DataError(
            N_("The file {name} has the label {label} at place {place}; digits are 0 to 9."),
            name=repr(name),
            label=int(labels[place]),
            place=place,
        )
    return labels


def _idx(folder: Path, name: str, shape: tuple[int, ...]) -> Bytes:
    """The array of one idx file, which must have ``shape``."""
    header = bytes([0, 0, 8, len(shape)]) + np.array(shape, dtype=">u4").tobytes()
    wanted = len(header) + int(np.prod(shape))
    raw = _bytes(folder, name, wanted + 1)
    if len(raw) != wanted or not raw.startswith(header):
        raise DataError(
            N_("The file {name} is not MNIST's: it must be an idx file of {shape} bytes."),
            name=repr(name),
            shape=shape_text(shape),
        )
    return np.frombuffer(raw, np.uint8, offset=len(header)).reshape(shape)


def _bytes(folder: Path, name: str, most: int) -> bytes:
    """At most ``most`` bytes of ``name`` or ``name.gz``, so that a compressed bomb cannot fill the memory."""
    # Some copies have a dot before "idx", as the names were before LeCun's site was unpacked by a browser.
    places = [folder / each for each in (name, name.replace("-idx", ".idx"))]
    try:
        for plain in places:
            if plain.is_file():
                with plain.open("rb") as file:
                    return file.read(most)
        packed = [place.with_name(f"{place.name}.gz") for place in places]
        with gzip.open(next((place for place in packed if place.is_file()), packed[0]), "rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise DataError(
            N_("The folder {folder} has no file {name} (or {name}.gz)."), folder=repr(str(folder)), name=name
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(N_("The file {name} cannot be read: {reason}."), name=repr(name), reason=error) from None


def download(folder: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """Download MNIST into ``folder`` through torchvision and return ``folder``, which ``--data`` then takes.

    progress: never called, since torchvision does not say how far it is. Files that are already there and whole are
    kept. Raises DataError where no mirror can be reached.
    """
    allow_import()
    from torchvision.datasets import MNIST  # costs a second, and only a download needs it

    mnist: Any = MNIST
    try:
        # torchvision prints its progress and every failed mirror to the terminal.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            mnist(str(folder), train=True, download=True)
    except (OSError, RuntimeError) as error:
        raise DataError(
            N_("MNIST could not be downloaded: {reason}. Check the connection, or give a folder that holds its files."),
            reason=str(error).rstrip("."),
        ) from None
    return folder
