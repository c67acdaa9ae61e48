"""The torchvision zoo: any architecture by name, exported to ONNX once, in the background, one at a time.

    <store>/zoo/<name>[-as-written]-torch<version>.onnx     the exported file
    <store>/zoo/<id>.json                                   how far its export is (``explorer/workers/job.py``)

The export itself (``zoo_export.py``) is a background job, which ends with the web process. Its weights are random:
nothing is downloaded. torch is not imported here.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal, cast, get_args

from explorer.files import zoo_export
from explorer.files.zoo_list import ARCHITECTURES, Architecture
from explorer.workers.job import ENDED, Job, JobRecord
from explorer.workers.limits import Limits
from models.errors import N_, GraphError

AS_WRITTEN = "-as-written"
LARGEST = 2**31 - 2**20  # bytes of weights that fit into one file
LIMITS = Limits(seconds=0)  # it may wait for its turn for hours, and cancelling is one click

Stage = Literal[
    "absent",
    "starting",
    "waiting",
    "importing",
    "building",
    "exporting",
    "checking",
    "saving",
    "done",
    "failed",
    "cancelled",
    "interrupted",
]


@dataclass(frozen=True)
class ZooState:
    """How far an export is. seconds: worked so far, or altogether. estimate: expected altogether, None where unknown.

    error: why it failed. path: of the exported file, once it exists.
    """

    stage: Stage = "absent"
    seconds: float = 0.0
    estimate: float | None = None
    error: GraphError | None = None
    path: Path | None = None

    @property
    def share(self) -> float:
        """Of the export that is done, by the time it has taken; below 1 while it is worked on."""
        return min(0.99, self.seconds / self.estimate) if self.estimate else 0.0

    @property
    def active(self) -> bool:
        """Whether it is worked on, or waits for its turn."""
        return self.stage not in ("absent", *ENDED)


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
    """The architectures whose exported file exists, in one of the two forms."""
    with suppress(OSError):
        kept = set((Path(store) / "zoo").iterdir())
        return frozenset(name for name in ARCHITECTURES if zoo_path(store, zoo_id(name, optimized)) in kept)
    return frozenset()


def zoo_state(store: Path, zoo_id: str) -> ZooState:
    """How far the export is. Raises GraphError for an unknown id."""
    return _state(_job(store, zoo_id).state(), zoo_path(store, zoo_id))


def _state(record: JobRecord | None, file: Path) -> ZooState:
    """file: where the export is, once it exists; it counts for more than any record."""
    if file.is_file():
        return ZooState("done", record.seconds if record is not None else 0.0, path=file)
    if record is None or record.stage == "done" or record.stage not in get_args(Stage):  # done: the file was evicted
        return ZooState()
    if record.stage == "interrupted":
        return ZooState("interrupted")
    error = GraphError(record.message, **record.values) if record.message else None
    return ZooState(cast(Stage, record.stage), record.seconds, record.estimate if record.active else None, error)


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
    state = zoo_state(store, zoo_id)
    if state.active or state.path is not None:
        return state
    path = str(zoo_path(store, zoo_id).resolve())
    try:
        _job(store, zoo_id).start(LIMITS, zoo_export.export_in_background, name, path, optimized)
    except OSError as error:
        raise GraphError(N_("The export of {name} cannot be started: {reason}."), name=name, reason=error) from None
    return zoo_state(store, zoo_id)


def cancel_export(store: Path, zoo_id: str) -> None:
    """End the export, whichever process started it. Does nothing where none is under way."""
    if zoo_state(store, zoo_id).active:
        _job(store, zoo_id).cancel()


def exported(store: Path, zoo_id: str, seconds: float = 3600) -> Path:
    """The exported file, exported if it must be: for the command line, which can wait. Raises GraphError."""
    start_export(store, zoo_id)
    end = time.monotonic() + seconds
    while (state := zoo_state(store, zoo_id)).active and time.monotonic() < end:
        time.sleep(0.2)
    if state.path is not None:
        return state.path
    raise state.error or GraphError(N_("The export of {name} was not finished."), name=zoo_name(zoo_id)[0])


def _job(store: Path, zoo_id: str) -> Job:
    """Raises GraphError for an unknown id."""
    zoo_name(zoo_id)
    return Job(Path(store) / "zoo" / f"{zoo_id}.json")
