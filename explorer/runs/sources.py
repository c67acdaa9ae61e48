"""Data that a person brought: uploaded files are kept in the store once a worker process has read them without fault.

    <store>/data/<model>/<digest>/<file names>

The reading happens in a process of its own with limits on time and memory (``data_check.py``): a hostile file harms
nobody else. Nothing is trained here.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from explorer.settings import PROJECT
from models.errors import N_, DataError

CHECK_SECONDS = 120
MOST_BYTES = 64 * 2**20
# What a model reads: one file with any name, or several whose names say what they hold.
FILE_NAMES: Mapping[str, tuple[str, ...]] = {
    "bike": (),
    "sentiment": ("good.txt", "bad.txt"),
    "digits": (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ),
}


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
    digest = hashlib.sha256(b"".join(files[name] for name in sorted(files))).hexdigest()[:16]
    final = store / "data" / model / digest
    fresh = final.with_name(f".{digest}")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(parents=True)
        for name, content in files.items():
            (fresh / _safe_name(model, name)).write_bytes(content)
        check_in_worker(model, _entry(model, fresh))
        shutil.rmtree(final, ignore_errors=True)
        fresh.rename(final)
    except OSError as error:
        raise DataError(N_("The upload cannot be stored: {reason}."), reason=error.strerror or error) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return _entry(model, final)


def adopt(store: Path, model: str, fetch: Callable[[Path], object]) -> Path:
    """Have ``fetch`` fill a fresh folder with data that can be trusted, and keep it; returns a run's source."""
    final = store / "data" / model / "original"
    fresh = final.with_name(".original")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        fetch(fresh)
        shutil.rmtree(final, ignore_errors=True)
        fresh.rename(final)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return _entry(model, final)


def check_in_worker(model: str, source: Path) -> None:
    """Load ``source`` in a process of its own; raises DataError with its sentence, or for time and memory overrun."""
    command = [sys.executable, "-m", "explorer.runs.data_check", model, str(source.resolve())]
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=CHECK_SECONDS, check=False)
        answer = json.loads(done.stdout.decode().strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise DataError(N_("Reading {name} took longer than {n} seconds."), name=source.name, n=CHECK_SECONDS) from None
    except (ValueError, IndexError):
        raise DataError(N_("Reading {name} broke off: it needs too much memory or time."), name=source.name) from None
    if answer["template"]:
        raise DataError(answer["template"], **answer["values"])


def _safe_name(model: str, name: str) -> str:
    """A file name without folders or hidden files; where a model wants certain names, one of those."""
    wanted = FILE_NAMES[model]
    plain = Path(name.replace("\\", "/")).name.lstrip(".") or "data"
    return next((known for known in wanted if plain.lower().removesuffix(".gz") == known), plain[-100:])


def _entry(model: str, folder: Path) -> Path:
    """The folder itself where its files are named ones, else its only file."""
    files = sorted(folder.iterdir())
    alone = len(files) == 1 and files[0].is_file() and files[0].name not in FILE_NAMES[model]
    return files[0] if alone else folder
