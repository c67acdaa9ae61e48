"""Opens a run at a checkpoint: run folder in, torch module out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import safetensors.torch
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor, nn

from explorer.graph.onnx_io.export import model_with_weights, save_model
from explorer.runs.folder import Run, read_facts
from models.base import BookModel, Config, Facts, Sample, parsed_config
from models.catalogue import model
from models.errors import N_, RunError
from models.inputs import dense, tensors


@dataclass(frozen=True)
class OpenRun:
    """A run at one checkpoint. network: in evaluation mode, on the CPU; do not change it."""

    run: Run
    step: int
    book: BookModel[Any]
    config: Config
    facts: Facts
    network: nn.Module

    def sample(self, key: str) -> Sample[Any]:
        """The sample named ``key`` of this run's data; raises DataError."""
        return self.book.sample(key, self.config, self.facts, self.run.source)

    def feed(self, sample: Sample[Any]) -> dict[str, NDArray[Any]]:
        """The sample's inputs by their names in the exported graph."""
        inputs = zip(self.book.network_inputs, tensors(dense(sample.inputs)), strict=True)
        return {each.name: tensor.numpy() for each, tensor in inputs}

    def target(self, sample: Sample[Any]) -> Tensor | None:
        """The sample's true answer as the training had it, (1, …) of the data's type; None where it is unknown."""
        if sample.targets is not None or sample.target is None:
            return sample.targets
        return torch.full_like(self.book.load(self.config, self.run.source).test.targets[:1], sample.target)

    def onnx_model(self, path: Path) -> onnx.ModelProto:
        """The exported graph in ``path`` with the weights of this checkpoint; raises GraphError."""
        return model_with_weights(self.network, path, dense(self.sample("").inputs), self.book.network_inputs)


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
    save_model(opened.onnx_model(opened.run.onnx_path), path)
