"""A run exported as one file: ONNX, safetensors, a Python script, metrics as CSV, the whole folder as a zip.

``tables.py`` lists the formats, also those of a single chapter, as the digits' film; the command line and the pages
offer what stands there.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name

import pandas as pd
import safetensors.torch
import torch

from explorer.chapters.script import class_source
from explorer.chapters.tables import COMMON_EXPORTS, all_export_endings, chapter_table
from explorer.runs.checkpoint import open_run, save_onnx
from explorer.runs.folder import Run, read_metrics
from explorer.storage import atomic_path, unwritable, write_atomically
from models.catalogue import chapters
from models.errors import N_, RunError, SettingError
from models.inputs import tensors

SIGNALS = (".alive", ".cancel")  # files between processes: "alive" of a training, "noise-0.alive" of a measurement


@dataclass(frozen=True)
class ExportRequest:
    """What to export: ``run`` at ``checkpoint`` (None: the last) into the file ``to``. sample: '' for the first."""

    run: Run
    checkpoint: int | None
    to: Path
    sample: str = ""


@dataclass(frozen=True)
class ExportFormat:
    """A kind of file. save: writes it, raises UserError or OSError. film: it shows every checkpoint on one sample."""

    save: Callable[[ExportRequest], None]
    film: bool = False


def export_run(run: Run, checkpoint: int | None, to: Path, *, sample: str = "") -> None:
    """Export ``run`` at ``checkpoint`` (None: the last) to ``to``, whose ending names the format. Raises UserError.

    sample: what a film shows, '' for the first sample; other formats take none.
    """
    if to.suffix not in all_export_endings():
        raise RunError(
            N_("A run cannot be exported as {name}; the endings are {known}."),
            name=repr(to.name),
            known=", ".join(all_export_endings()),
        )
    export_format = _format(to.suffix)
    if sample and not export_format.film:
        raise SettingError(
            N_("Only a film ({endings}) shows a sample; {name} is none."),
            endings=", ".join(ending for ending in all_export_endings() if _format(ending).film),
            name=repr(to.name),
        )
    if checkpoint is not None and export_format.film:
        raise SettingError(N_("A film shows every checkpoint; leave out checkpoint {step}."), step=checkpoint)
    if run.damage:
        raise run.damage
    try:
        export_format.save(ExportRequest(run, checkpoint, to, sample))
    except OSError as error:
        raise unwritable(to, error) from None


def _format(ending: str) -> ExportFormat:
    """The format of a known ending. One of another chapter is not refused here: it says itself what a run lacks."""
    tables = (COMMON_EXPORTS, *(chapter_table(chapter, "EXPORTS") for chapter in chapters()))
    reference = next(table[ending] for table in tables if ending in table)
    export_format: ExportFormat = resolve_name(reference)
    return export_format


def check_writable(path: Path) -> None:
    """Raise OSError where ``path`` cannot be written, before seconds of work are spent on its content."""
    if path.is_dir():
        raise IsADirectoryError(21, "Is a directory", str(path))
    next(path.resolve().parent.iterdir(), None)


def _save_onnx(request: ExportRequest) -> None:
    save_onnx(open_run(request.run, request.checkpoint), request.to)


def _save_safetensors(request: ExportRequest) -> None:
    network = open_run(request.run, request.checkpoint).network
    write_atomically(request.to, safetensors.torch.save(network.state_dict()))


def _save_csv(request: ExportRequest) -> None:
    write_atomically(request.to, pd.DataFrame(read_metrics(request.run)).to_csv(index=False).encode())


def _save_zip(request: ExportRequest) -> None:
    folder = request.run.path
    with atomic_path(request.to) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            signal = f".{path.name}".endswith(SIGNALS)
            if path.is_file() and not path.name.startswith(".") and not signal:
                archive.write(path, f"{request.run.id}/{path.relative_to(folder)}")


SCRIPT_TEXT = '''\
"""The network of run {run} at step {step}.

Rebuilt with PyTorch alone; the weights lie beside it in {weights}.
"""

from pathlib import Path

{source}

network = {construction}
network.load_state_dict(load_file(Path(__file__).with_name("{weights}")))
network.eval()

if __name__ == "__main__":
    print(network)
    print(network({inputs}))
'''


def _tensor_source(tensor: torch.Tensor) -> str:
    """Python source of an example like ``tensor``: zeros, or its own values where they are indices and lengths.

    >>> _tensor_source(torch.ones(1, 3)), _tensor_source(torch.tensor([[4, 2]]))
    ('torch.zeros((1, 3))', 'torch.tensor([[4, 2]])')
    """
    if tensor.is_floating_point():
        return f"torch.zeros({tuple(tensor.shape)})"
    return f"torch.tensor({tensor.tolist()})"


def _save_script(request: ExportRequest) -> None:
    """A script that rebuilds the network, and a file of the weights beside it."""
    opened = open_run(request.run, request.checkpoint)
    network_class = type(opened.network)
    arguments = opened.book.network_arguments(opened.config, opened.facts)
    weights = request.to.with_suffix(".safetensors")
    script = SCRIPT_TEXT.format(
        run=request.run.id,
        step=opened.step,
        weights=weights.name,
        source=class_source(network_class, ["import torch", "from safetensors.torch import load_file"]),
        construction=f"{network_class.__name__}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})",
        inputs=", ".join(map(_tensor_source, tensors(opened.sample("").inputs))),
    )
    _save_safetensors(ExportRequest(request.run, request.checkpoint, weights))
    write_atomically(request.to, script.encode())


ONNX = ExportFormat(_save_onnx)
SAFETENSORS = ExportFormat(_save_safetensors)
SCRIPT = ExportFormat(_save_script)
CSV = ExportFormat(_save_csv)
ZIP = ExportFormat(_save_zip)
