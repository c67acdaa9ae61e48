"""The commands that work on several files or train: ``cli.py`` parses, this carries out."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from explorer.graph.read import read_onnx
from explorer.graph.save import ENDINGS, save_graph
from explorer.runs.checkpoint import open_run, save_onnx
from explorer.runs.folder import Run, create_run, find_run, read_run, request_cancel
from explorer.runs.report import one_line, run_record
from explorer.runs.training import carry_out, checked_config, flushed_denormals
from explorer.trace.onnx_trace import load_inputs, save_npz, trace
from explorer.ui.translation import translation
from models import model
from models.errors import N_, GraphError, RunError, SettingError, UserError


def train(store: Path, name: str, settings: Mapping[str, str], source: Path | None, as_json: bool) -> int:
    """Train a new run in this process, with progress on standard error. Ctrl-C cancels and keeps what was learnt."""
    book = model(name)
    config = checked_config(book, dict(settings))
    with flushed_denormals():  # also in the threads that torch starts when it loads data
        book.load(config, source)  # a broken data file is refused before a run exists; the loaded data are kept
    run = create_run(store, name, config.model_dump(), source)
    with _cancelled_by_ctrl_c(run), _Progress(run):
        carry_out(str(run.path))
    run = read_run(run.path)
    if run.state == "failed":
        raise RunError(run.status.message, **run.status.message_values)
    print(json.dumps(run_record(run), ensure_ascii=False) if as_json else one_line(run))
    return 0


class _cancelled_by_ctrl_c:
    """While the block lasts, an interrupt asks the run to stop instead of breaking it off."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __enter__(self) -> None:
        def ask(number: int, frame: FrameType | None) -> None:
            request_cancel(self.run)

        self.before = signal.signal(signal.SIGINT, ask)

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self.before)


class _Progress:
    """Repeats the run's progress on standard error, in place, where that is a terminal."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._show, daemon=True)

    def _show(self) -> None:
        while not self.ended.wait(0.5):
            print(f"\r\x1b[K{one_line(read_run(self.run.path))}", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> None:
        if sys.stderr.isatty():
            self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join()
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def graphs(
    store: Path,
    sources: Sequence[str],
    checkpoint: int | None,
    to: Path,
    extension: str | None,
    expand: Sequence[str],
    language: str,
) -> int:
    """Draw each source; ``expand`` is ["none"], ["all"] or scopes to open."""
    opened = expand[0] if len(expand) == 1 and expand[0] in ("none", "all") else list(expand)

    def draw(source: str, target: Path) -> None:
        with _OnnxFile(store, source, checkpoint) as (path, _):
            save_graph(read_onnx(path), target, expand=opened, words=translation(language).gettext)

    return _each(sources, to, extension, ENDINGS, draw)


def traces(
    store: Path, sources: Sequence[str], checkpoint: int | None, to: Path, extension: str | None, inputs: Path | None
) -> int:
    """Trace each source on ``inputs``, on the first sample of a run, or on generated input."""

    def save(source: str, target: Path) -> None:
        with _OnnxFile(store, source, checkpoint) as (path, run):
            if inputs is not None:
                given = load_inputs(inputs)
            elif run is not None:
                opened = open_run(run, checkpoint)
                given = {read_onnx(path).inputs[0]: opened.sample("").inputs.numpy()}
            else:
                given = None
            save_npz(trace(path, given), target)

    return _each(sources, to, extension, ("npz",), save)


class _OnnxFile:
    """The ONNX file of a source (an .onnx file or a run) as long as the block lasts, with the run if it is one."""

    def __init__(self, store: Path, source: str, checkpoint: int | None) -> None:
        self.store, self.source, self.checkpoint = store, source, checkpoint
        self.made: TemporaryDirectory[str] | None = None

    def __enter__(self) -> tuple[Path, Run | None]:
        path = Path(self.source)
        if path.suffix == ".onnx" or path.is_file():
            if not path.is_file():
                raise GraphError(N_("There is no file {path}."), path=repr(self.source))
            return path, None
        run = find_run(self.store, self.source)
        opened = open_run(run, self.checkpoint)
        self.made = TemporaryDirectory(prefix="toushi-")
        path = Path(self.made.name) / f"{run.id}.onnx"
        try:
            save_onnx(opened, path)
        except UserError:
            self.made.cleanup()
            raise
        return path, run

    def __exit__(self, *error: object) -> None:
        if self.made:
            self.made.cleanup()


def _each(
    sources: Sequence[str], to: Path, extension: str | None, formats: Sequence[str], action: Callable[[str, Path], None]
) -> int:
    """Apply ``action`` to one source and the file ``to``, or to several and files in the folder ``to``.

    With several, a bad one is reported and does not stop the rest; the status is then 1.
    """
    if len(sources) == 1 and extension is None:
        action(sources[0], to)
        return 0
    if extension not in formats:
        raise SettingError(
            N_("Several sources need --format with one of {formats}, not {extension}."),
            formats=", ".join(formats),
            extension=repr(extension),
        )
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            N_("The file {path} cannot be written: {reason}."), path=to, reason=error.strerror or error
        ) from None
    failed = 0
    for source, name in zip(sources, _distinct_stems(sources), strict=True):
        try:
            action(source, to / f"{name}.{extension}")
        except UserError as error:
            failed += 1
            print(f"toushi: {source}: {error}", file=sys.stderr)
    return 1 if failed else 0


def _distinct_stems(sources: Sequence[str]) -> list[str]:
    """Names for the files made of ``sources``: their own without folder and ending, numbered where they coincide."""
    names: list[str] = []
    for source in sources:
        stem = Path(source).stem or "graph"
        name, number = stem, 2
        while name in names:
            name, number = f"{stem}-{number}", number + 1
        names.append(name)
    return names
