"""The torchvision zoo: any architecture by name, exported to ONNX once, in the background, one at a time.

    <store>/zoo/<name>[-as-written]-torch<version>.onnx     the exported file
    <store>/zoo/<id>.json                                   how far its export is

The export itself is a process of its own (``zoo_export.py``), which ends with the web process. Its weights are random:
nothing is downloaded. torch is not imported here.
"""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # distributed brings it, without types

from explorer.files import zoo_state as states
from explorer.files.zoo_list import ARCHITECTURES, Architecture
from explorer.files.zoo_state import Record, ZooState
from explorer.project import PROJECT
from explorer.workers.pool import THREADS
from models.errors import N_, GraphError

AS_WRITTEN = "-as-written"
LARGEST_TOTAL = 16 * 2**30  # bytes of all exported files
LARGEST = 2**31 - 2**20  # bytes of weights that fit into one file

_started: dict[tuple[Path, str], "subprocess.Popen[bytes]"] = {}
_lock = threading.Lock()


def architectures() -> tuple[str, ...]:
    """The names, in the order of the alphabet."""
    return tuple(ARCHITECTURES)


def architecture(name: str) -> Architecture:
    """Input size and parameters of the architecture; raises GraphError for an unknown name."""
    if name not in ARCHITECTURES:
        raise GraphError(N_("There is no architecture {name} in torchvision's zoo."), name=repr(name))
    return ARCHITECTURES[name]


def zoo_id(name: str, optimized: bool = True) -> str:
    """``zoo-resnet18``, or ``zoo-resnet18-as-written`` for the graph without the exporter's optimisation."""
    architecture(name)
    return f"zoo-{name}{'' if optimized else AS_WRITTEN}"


def zoo_name(zoo_id: str) -> tuple[str, bool]:
    """Name, and whether optimised, of an id. Raises GraphError for anything else."""
    name = zoo_id.removeprefix("zoo-").removesuffix(AS_WRITTEN)
    if not zoo_id.startswith("zoo-"):
        raise GraphError(N_("There is no architecture {name} in torchvision's zoo."), name=repr(zoo_id))
    architecture(name)
    return name, not zoo_id.endswith(AS_WRITTEN)


def zoo_path(store: Path, zoo_id: str) -> Path:
    """Where the exported file is, or will be."""
    zoo_name(zoo_id)
    return Path(store) / "zoo" / f"{zoo_id.removeprefix('zoo-')}-torch{_torch()}.onnx"


@cache
def _torch() -> str:
    return version("torch").split("+")[0]


def exported_names(store: Path, optimized: bool = True) -> frozenset[str]:
    """The architectures whose file is there, in one of the two forms."""
    with suppress(OSError):
        kept = set((Path(store) / "zoo").iterdir())
        return frozenset(name for name in ARCHITECTURES if zoo_path(store, zoo_id(name, optimized)) in kept)
    return frozenset()


def zoo_state(store: Path, zoo_id: str) -> ZooState:
    """How far the export is. Raises GraphError for an unknown id."""
    file = zoo_path(store, zoo_id)
    record = states.read(_record(store, zoo_id))
    if record is not None and record.pid == os.getpid() and record.stage == "starting":
        # Written before the process was started; it has not come to write its own.
        process = _started.get((Path(store).resolve(), zoo_id))
        if process is None or process.poll() is not None:
            record = Record("interrupted", record.started)
    _reap()
    return states.told(record, file)


def start_export(store: Path, zoo_id: str) -> ZooState:
    """Start the export unless it is done or under way. It waits for its turn by itself. Raises GraphError."""
    name, optimized = zoo_name(zoo_id)
    _, parameters = architecture(name)
    if parameters * 4 > LARGEST:
        raise GraphError(
            N_("The weights of {name} take {size} GB; one ONNX file holds at most 2 GB."),
            name=name,
            size=f"{parameters * 4 / 2**30:.1f}",
        )
    with _lock:
        state = zoo_state(store, zoo_id)
        if state.active or state.path is not None:
            return state
        record = _record(store, zoo_id)
        try:
            record.parent.mkdir(parents=True, exist_ok=True)
            states.write(record, states.mine("starting", time.time()))
            _started[Path(store).resolve(), zoo_id] = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "explorer.files.zoo_export",
                    name,
                    "--to",
                    str(zoo_path(store, zoo_id).resolve()),
                    "--record",
                    str(record.resolve()),
                    *([] if optimized else ["--as-written"]),
                ],
                # It ends when our end of this pipe is closed, by whatever death.
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=PROJECT,
                env=os.environ | THREADS,
            )
        except OSError as error:
            raise GraphError(
                N_("The export of {name} cannot be started: {reason}."), name=name, reason=error.strerror or error
            ) from None
    return zoo_state(store, zoo_id)


def cancel_export(store: Path, zoo_id: str) -> None:
    """End the export, whoever started it; one that is done, or was never started, stays as it is."""
    zoo_path(store, zoo_id)
    path = _record(store, zoo_id)
    with _lock:
        record = states.read(path)
        if record is None or not zoo_state(store, zoo_id).active:
            return
        process = _started.get((Path(store).resolve(), zoo_id))
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        elif record.pid != os.getpid():
            _end(record)
        with suppress(OSError):
            states.write(path, Record("cancelled", record.started, seconds=time.time() - record.started))


def exported(store: Path, zoo_id: str, seconds: float = 3600) -> Path:
    """The exported file, made if it must be: for the command line, which can wait. Raises GraphError."""
    start_export(store, zoo_id)
    end = time.monotonic() + seconds
    while (state := zoo_state(store, zoo_id)).active and time.monotonic() < end:
        time.sleep(0.2)
    if state.path is not None:
        return state.path
    raise state.error or GraphError(N_("The export of {name} was not finished."), name=zoo_name(zoo_id)[0])


def _record(store: Path, zoo_id: str) -> Path:
    return Path(store) / "zoo" / f"{zoo_id}.json"


def _end(record: Record) -> None:
    """Kill another web process's export and see it gone; that process need not have noticed yet."""
    with suppress(psutil.Error):
        psutil.Process(record.pid).kill()
    end = time.monotonic() + 5
    while record.alive and time.monotonic() < end:
        time.sleep(0.02)


def _reap() -> None:
    """Forget the exports that have ended, so that no dead process stays behind."""
    for key, process in list(_started.items()):
        if process.poll() is not None:
            _started.pop(key, None)
            if process.stdin is not None:
                process.stdin.close()
