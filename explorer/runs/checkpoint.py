"""Opens a run at a checkpoint: run folder in, torch module out."""

from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn

from explorer.graph.onnx_io.export import export_onnx, save_model, with_weights
from explorer.runs.folder import Run, read_facts
from models.base import BookModel, Config, Facts, Sample, parsed_config
from models.catalogue import model
from models.errors import N_, GraphError, RunError


@dataclass(frozen=True)
class OpenRun:
    """A run at one checkpoint. network: in evaluation mode, on the CPU; do not change it."""

    run: Run
    step: int
    book: BookModel
    config: Config
    facts: Facts
    network: nn.Module

    def sample(self, key: str) -> Sample:
        """The sample named ``key`` of this run's data; raises DataError."""
        return self.book.sample(key, self.config, self.facts, self.run.source)


def weights_at(run: Run, step: int) -> dict[str, Tensor]:
    """The weights of the checkpoint at ``step``, by parameter name; raises RunError."""
    try:
        return safetensors.torch.load_file(run.checkpoint_path(step))
    except (OSError, SafetensorError):
        raise RunError(N_("Run {run} has no readable checkpoint {step}."), run=run.id, step=step) from None


def open_run(run: Run, step: int | None = None) -> OpenRun:
    """``run`` at checkpoint ``step``, or at its last one; raises RunError where that is not possible."""
    if run.damage:
        raise run.damage
    if not run.checkpoints:
        raise RunError(N_("Run {run} has no checkpoint yet."), run=run.id)
    step = run.checkpoints[-1] if step is None else step
    book = model(run.model)
    config = parsed_config(book.config, run.settings)
    facts = read_facts(run)
    network = book.network(config, facts)
    try:
        network.load_state_dict(weights_at(run, step))
    except RuntimeError:
        raise RunError(N_("Checkpoint {step} of run {run} does not fit its network."), run=run.id, step=step) from None
    return OpenRun(run, step, book, config, facts, network.eval())


def save_onnx(opened: OpenRun, path: Path) -> None:
    """The network at its checkpoint as an ONNX file: the run's exported graph with this checkpoint's weights."""
    try:
        weights = {name: tensor.numpy() for name, tensor in opened.network.state_dict().items()}
        save_model(with_weights(opened.run.onnx_path, weights), path)
    except GraphError:
        # The exporter folded a weight away: export anew.
        example = opened.sample("").inputs
        export_onnx(opened.network, example.repeat(2, *[1] * (example.dim() - 1)), path)
