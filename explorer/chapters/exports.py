"""Takes a run away as one file: ONNX, safetensors, a Python script, metrics as CSV, the folder as a zip, or a film."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import safetensors.torch

from explorer.chapters.digits.kernel_film import Look, film
from explorer.runs.checkpoint import open_run, save_onnx
from explorer.runs.folder import Run, read_metrics
from explorer.runs.script import class_source
from explorer.storage import write_atomically
from models.errors import N_, RunError, SettingError

Exporter = Callable[[Run, int | None, Path], None]


FILM = ".gif"
SIGNALS = ("alive", "cancel")  # files between processes, of trainings; measurements use the same words as endings


def export_run(run: Run, checkpoint: int | None, to: Path, *, look: Look | None = None, sample: str = "") -> None:
    """Write ``run`` at ``checkpoint`` (None: the last) to ``to``; the suffix says as what. Raises UserError.

    look: the colours of a film, which is not made without them and shows every checkpoint on ``sample`` ('' for the
    first). Other files know of no sample.
    """
    endings = (*EXPORTERS, FILM)
    if to.suffix not in endings:
        raise RunError(
            N_("A run cannot be exported as {name}; the endings are {known}."),
            name=repr(to.name),
            known=", ".join(endings),
        )
    if sample and to.suffix != FILM:
        raise SettingError(N_("Only a film (.gif) shows a sample; {name} is none."), name=repr(to.name))
    if checkpoint is not None and to.suffix == FILM:
        raise SettingError(N_("A film shows every checkpoint; leave out checkpoint {step}."), step=checkpoint)
    if run.damage:
        raise run.damage
    try:
        if to.suffix == FILM:
            if look is None:
                raise TypeError("a film needs colours")
            film(run, sample, to, look)
        else:
            EXPORTERS[to.suffix](run, checkpoint, to)
    except OSError as error:
        raise RunError(
            N_("The file {path} cannot be written: {reason}."), path=to, reason=error.strerror or error
        ) from None


def _onnx(run: Run, checkpoint: int | None, to: Path) -> None:
    save_onnx(open_run(run, checkpoint), to)


def _safetensors(run: Run, checkpoint: int | None, to: Path) -> None:
    write_atomically(to, safetensors.torch.save(open_run(run, checkpoint).network.state_dict()))


def _csv(run: Run, checkpoint: int | None, to: Path) -> None:
    write_atomically(to, pd.DataFrame(read_metrics(run)).to_csv(index=False).encode())


def _zip(run: Run, checkpoint: int | None, to: Path) -> None:
    partial = to.with_name(f".{to.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(run.path.rglob("*")):
                signal = path.name in SIGNALS or path.suffix in (".alive", ".cancel")
                if path.is_file() and not path.name.startswith(".") and not signal:
                    archive.write(path, f"{run.id}/{path.relative_to(run.path)}")
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)


SCRIPT = '''\
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
    print(network(torch.zeros({shape})))
'''


def _py(run: Run, checkpoint: int | None, to: Path) -> None:
    """A script that rebuilds the network, and the weights beside it."""
    opened = open_run(run, checkpoint)
    kind = type(opened.network)
    arguments = opened.book.network_arguments(opened.config, opened.facts)
    construction = f"{kind.__name__}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"
    weights = to.with_suffix(".safetensors")
    script = SCRIPT.format(
        run=run.id,
        step=opened.step,
        weights=weights.name,
        source=class_source(kind, ["import torch", "from safetensors.torch import load_file"]),
        construction=construction,
        shape=tuple(opened.sample("").inputs.shape),
    )
    _safetensors(run, checkpoint, weights)
    write_atomically(to, script.encode())


EXPORTERS: dict[str, Exporter] = {".onnx": _onnx, ".safetensors": _safetensors, ".py": _py, ".csv": _csv, ".zip": _zip}
"""What a run can be taken away as besides a film, by the file's ending."""
