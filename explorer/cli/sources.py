"""What the commands on graphs share: the ONNX file of a source, and one action for several sources."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from explorer.files.zoo import exported
from explorer.graph.graph import Graph, TensorKey
from explorer.graph.onnx_io.export import save_model
from explorer.graph.onnx_io.external_data import is_outside, read_beside, tensors_of
from explorer.graph.onnx_io.skeleton_file import load_model, load_skeleton
from explorer.graph.onnx_io.weights import read_weight
from explorer.runs.checkpoint import open_run, save_onnx
from explorer.runs.folder import Run, find_run
from explorer.storage import unwritable
from explorer.trace.onnx_trace import load_inputs
from explorer.trace.tensor_statistics import TensorStatistics, tensor_statistics
from models.errors import N_, GraphError, SettingError, UserError


@contextmanager
def onnx_file(store: Path, source: str, checkpoint: int | None) -> Iterator[tuple[Path, Run | None]]:
    """The ONNX file of a source while the block lasts, and the run if the source is one. Raises UserError.

    source: an ONNX file, ``zoo-NAME`` for an architecture of torchvision, or a run's id.
    """
    path = Path(source)
    if path.suffix == ".onnx" or path.is_file():
        if not path.is_file():
            raise GraphError(N_("There is no file {path}."), path=repr(source))
        with _with_weights(path) as whole:
            yield whole, None
    elif source.startswith("zoo-"):
        yield exported(store, source), None
    else:
        run = find_run(store, source)
        opened = open_run(run, checkpoint)
        with TemporaryDirectory(prefix="toushi-") as folder:
            path = Path(folder) / f"{run.id}.onnx"
            save_onnx(opened, path)
            yield path, run


@contextmanager
def _with_weights(path: Path) -> Iterator[Path]:
    """``path`` itself, or, where weights lie in files beside it, a file with all of them while the block lasts."""
    model = None
    with suppress(UserError):  # what is wrong with a file is said where it is read
        if any(map(is_outside, tensors_of(load_skeleton(path)))):
            model = load_model(path)
    if model is None or not read_beside(model, path.parent):
        yield path
        return
    with TemporaryDirectory(prefix="toushi-") as folder:
        whole = Path(folder) / path.name
        save_model(model, whole)
        yield whole


def trace_input(run: Run | None, checkpoint: int | None, inputs: Path | None = None) -> dict[str, Any] | None:
    """What a graph is fed: the .npz file ``inputs``, else a run's first sample; None for a generated input.

    Raises GraphError for a file that is no .npz.
    """
    if inputs is not None:
        return dict(load_inputs(inputs))
    if run is not None:
        opened_run = open_run(run, checkpoint)
        return dict(opened_run.feed(opened_run.sample("")))
    return None


def weight_statistics(path: Path, graph: Graph) -> dict[TensorKey, TensorStatistics]:
    """The statistics of every weight in the file that can be read; one is read at a time."""
    keys = {weight.key for node in graph.all_nodes() for weight in node.weights if weight.value is None}
    statistics: dict[TensorKey, TensorStatistics] = {}
    for key in sorted(keys | {weight.key for weight in graph.constants}):
        with suppress(UserError):
            statistics[key] = tensor_statistics(read_weight(path, key))
    return statistics


def checked_ending(target: Path, endings: Sequence[str]) -> str:
    """The ending of ``target`` in lower case, without its dot. Raises GraphError if it is not one of ``endings``."""
    ending = target.suffix.lower().removeprefix(".")
    if ending not in endings:
        raise GraphError(
            N_("A graph cannot be written to {file}; its ending must be one of {known}."),
            file=repr(target.name),
            known=", ".join(f".{each}" for each in endings),
        )
    return ending


def for_each_source(
    sources: Sequence[str], to: Path, extension: str | None, endings: Sequence[str], action: Callable[[str, Path], None]
) -> int:
    """Call ``action`` with one source and the file ``to``, or with each of several and a file in the folder ``to``.

    extension: the ending of the files of several sources, one of ``endings``. Of several sources a bad one is reported
    on standard error and does not stop the rest. Returns the exit status: 1 where one of several failed. Raises
    UserError.
    """
    if len(sources) == 1 and extension is None:
        action(sources[0], to)
        return 0
    if extension not in endings:
        raise SettingError(
            N_("Several sources need --format with one of {formats}, not {extension}."),
            formats=", ".join(endings),
            extension=repr(extension),
        )
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(to, error) from None
    failed = 0
    for source, name in zip(sources, distinct_stems(sources), strict=True):
        try:
            action(source, to / f"{name}.{extension}")
        except UserError as error:
            failed += 1
            print(f"toushi: {source}: {error}", file=sys.stderr)
    return 1 if failed else 0


def distinct_stems(sources: Sequence[str]) -> list[str]:
    """A file name for each source: its own without folder and ending, numbered where two are equal.

    >>> distinct_stems(["a/net.onnx", "b/net.onnx", "bike-2026"])
    ['net', 'net-2', 'bike-2026']
    """
    names: list[str] = []
    for source in sources:
        stem = Path(source).stem or "graph"
        name, number = stem, 2
        while name in names:
            name, number = f"{stem}-{number}", number + 1
        names.append(name)
    return names
