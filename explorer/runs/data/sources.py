"""A person's own data: uploaded files are kept in the store once a worker process has read them without fault.

    <store>/data/<model>/<digest>/<file names>

The reading happens in a process of its own with limits on time and memory (``check.py``): a hostile file harms no
other work. Nothing is trained here.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from explorer.runs.data.check import read_source
from explorer.storage import atomic_path, remove
from explorer.workers.limits import Limits
from explorer.workers.messages import CallFailedError, TookTooLongError, WorkerDiedError
from explorer.workers.single_call import call
from models.catalogue import entry
from models.errors import N_, DataError, UserError
from models.text import printable

CHECK_SECONDS: float = 120
MOST_MEMORY = 12 * 2**30  # bytes of address space of the process that checks; importing torch alone maps several
LONGEST_NAME = 60  # characters; in Chinese that is 180 of the 255 bytes that a file system allows
MOST_BYTES = 64 * 2**20


def known_sources(store: Path, model: str) -> tuple[Path, ...]:
    """Data already accepted for ``model``, newest first: files, or folders of named files."""
    folder = store / "data" / model
    if not folder.is_dir():
        return ()
    kept = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return tuple(_entry(model, path) for path in sorted(kept, key=lambda path: -path.stat().st_mtime))


def accept(store: Path, model: str, files: Mapping[str, bytes]) -> Path:
    """Check uploaded ``files`` (name → content) and keep them; returns what a run takes as its source.

    Raises DataError, with the reader's own sentence, for anything that the model cannot read.
    """
    if not files:
        raise DataError(N_("No file was given."))
    total = sum(len(content) for content in files.values())
    if total > MOST_BYTES:
        raise DataError(
            N_("The upload has {size} MB; at most {most} MB are read."), size=total // 2**20, most=MOST_BYTES // 2**20
        )
    named = {_safe_name(model, name): content for name, content in files.items()}
    final = store / "data" / model / _digest(named)
    with _storage_errors():
        if not final.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            try:
                with atomic_path(final) as folder:
                    folder.mkdir()
                    for name, content in named.items():
                        (folder / name).write_bytes(content)
                    check_in_worker(model, _entry(model, folder))
            except OSError:
                if not final.is_dir():  # else another session has stored the same files meanwhile
                    raise
        os.utime(final)  # the newest again
    return _entry(model, final)


def adopt(store: Path, model: str, fetch: Callable[[Path], object]) -> Path:
    """Have ``fetch`` fill a fresh folder with data that can be trusted, and keep it; returns a run's source."""
    final = store / "data" / model / "original"
    with _storage_errors():
        final.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(final) as folder:
            folder.mkdir()
            fetch(folder)
            remove(final)
    return _entry(model, final)


@contextmanager
def _storage_errors() -> Iterator[None]:
    """Turns an OSError into a DataError."""
    try:
        yield
    except OSError as error:
        raise DataError(N_("The upload cannot be stored: {reason}."), reason=error) from None


def _digest(files: Mapping[str, bytes]) -> str:
    """16 characters that differ where a name or a content does."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()[:16]


def check_in_worker(model: str, source: Path) -> None:
    """Load ``source`` in a process of its own; raises DataError with its sentence, or for time and memory overrun."""
    try:
        call(Limits(CHECK_SECONDS, MOST_MEMORY), read_source, model, str(source.resolve()))
    except TookTooLongError:
        raise DataError(N_("Reading {name} took longer than {n} seconds."), name=source.name, n=CHECK_SECONDS) from None
    except (WorkerDiedError, CallFailedError):
        raise DataError(N_("Reading {name} broke off: it needs too much memory or time."), name=source.name) from None
    except UserError as error:
        raise DataError(error.template, **error.values) from None


def _names(model: str) -> tuple[str, ...]:
    """The names of the files that ``model`` reads together; empty where it reads one file of any name."""
    data = entry(model).data
    return data.names if data else ()


def _safe_name(model: str, name: str) -> str:
    """A file name without folders, leading dots and unprintable characters; a wanted name as the model wants it."""
    last = printable(name.replace("\\", "/").rpartition("/")[2], replacement="")
    plain = last.lstrip(".")[-LONGEST_NAME:].lstrip(".") or "data"
    wanted = plain.lower().replace(".idx", "-idx")  # MNIST's files have a dot there in some copies
    return wanted if wanted.removesuffix(".gz") in _names(model) else plain


def _entry(model: str, folder: Path) -> Path:
    """The folder itself where its files are named ones, else its only file."""
    files = sorted(folder.iterdir())
    alone = len(files) == 1 and files[0].is_file() and files[0].name not in _names(model)
    return files[0] if alone else folder
