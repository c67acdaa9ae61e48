"""Carries out a run from its folder: loads the data, trains, exports ONNX, writes the end. One run a process at a time.

Called by a dask worker (``cluster.py``) and by ``python -m explorer train``; never by the web process. A run that is
carried out again, because its worker died, starts from its beginning and gives the same numbers.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from explorer.graph.onnx_io.export import export_onnx, largest_difference, model_with_weights, save_model
from explorer.runs.device_choice import chosen_device, resolved_device
from explorer.runs.folder import Run, State, Status, cancel_requested, read_run, write_json
from explorer.runs.loop import Cancelled, evaluated, fit, log_spaced, moved, seconds_to_evaluate, started
from explorer.runs.recorder import CheckpointWriter, Heartbeat, MetricsRecorder, Pulse, progress, write_status
from explorer.runs.steps.training_state import TrainingState
from explorer.storage import remove_partial
from models.base import BookModel, Config, Data, Facts, parsed_config
from models.catalogue import model
from models.errors import N_, RunError, UserError
from models.inputs import Inputs, dense

COMPARED_SAMPLES = 64  # real samples on which the exported ONNX is compared with torch


def training_threads() -> int:
    """Threads for torch: one core is left to the web process. The same everywhere, for the same numbers."""
    return max(1, min(4, (os.cpu_count() or 2) - 1))


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """While the block lasts, torch takes numbers below 1e-38 for zero.

    Adam's averages of words that stay away for long sink there, where a CPU is many times slower.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def checked_config(book: BookModel[Any], settings: dict[str, object]) -> Config:
    """``settings`` for a new run of ``book``; raises SettingError for anything that could not be trained."""
    config = parsed_config(book.config, settings)
    resolved_device(config.device)
    reason = book.check(config, {})
    if reason:
        raise reason
    return config


def carry_out(path: str) -> None:
    """Train the run in folder ``path`` to its end. Errors are written into its status, not raised."""
    folder = Path(path)
    if not folder.is_dir():
        return  # deleted while it waited
    run = read_run(folder)
    if run.damage:
        return
    if cancel_requested(folder):
        write_status(folder, replace(run.status, state="cancelled"))
        return
    torch.set_num_threads(training_threads())
    _clear(folder)
    with Heartbeat(folder), flushed_denormals():
        write_status(folder, Status("running", phase="loading"))
        try:
            _train(run)
        except Cancelled:
            write_status(folder, Status("cancelled"))
        except UserError as error:
            write_status(folder, _failed(error))
        except Exception as error:
            if not folder.is_dir():
                return  # deleted after its cancel
            reason = f"{type(error).__name__}: {error}"
            write_status(folder, _failed(RunError(N_("The training broke off: {reason}"), reason=reason)))
            raise


def _failed(error: UserError) -> Status:
    return Status("failed", message=error.template, message_values=error.values)


def _clear(folder: Path) -> None:
    """Remove what an earlier, killed attempt has left."""
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    (folder / "checkpoints").mkdir()
    (folder / "metrics.jsonl").unlink(missing_ok=True)
    remove_partial(folder, seconds=0)


def built(book: BookModel[Any], config: Config, facts: Facts) -> nn.Module:
    """The network with its initial weights, the same for the same seed."""
    torch.manual_seed(config.seed)
    return book.network(config, facts)


def _train(run: Run) -> None:
    book = model(run.model)
    config = parsed_config(book.config, run.settings)
    data = book.load(config, run.source)
    reason = book.check(config, data.facts)
    if reason:
        raise reason
    write_json(run.path / "facts.json", data.facts)
    network = built(book, config, data.facts)
    _heed_cancel(run)
    write_status(run.path, Status("running", phase="exporting"))
    export_onnx(network, _examples(book, data, 2), run.onnx_path, inputs=book.network_inputs)
    _heed_cancel(run)
    choice = chosen_device(book, config, network, data)
    _heed_cancel(run)
    state = started(book, network.to(choice.device), moved(data, choice.device), config)
    state.device_rates = choice.rates
    checkpoint_steps = log_spaced(config.epochs, state.steps // config.epochs)
    recorder = MetricsRecorder(run.path, checkpoint_steps, config.epochs, state.steps // config.epochs)
    writer = CheckpointWriter(run.path, checkpoint_steps)
    writer(state)
    ended = fit(state, [recorder, writer, Pulse(run.path, writer, seconds_to_evaluate(book, network, state.data))])
    if not ended:
        recorder(state)
        writer(state)
        # The final metrics of digits take half a second: who cancels need not wait for them.
        write_status(run.path, replace(progress(state), state="cancelled", phase=""))
    _finish(run, state, recorder, "done" if ended else "cancelled")


def _heed_cancel(run: Run) -> None:
    """Raise Cancelled if somebody asked for it: between the long things that come before the first step."""
    if cancel_requested(run.path):
        raise Cancelled


def _finish(run: Run, state: TrainingState, recorder: MetricsRecorder, end: State) -> None:
    """Final metrics, the ONNX file with the final weights, and its difference from torch."""
    data, network = state.data, state.network
    if end == "done":
        left = seconds_to_evaluate(state.book, network, data)
        write_status(run.path, replace(progress(state), phase="evaluating", seconds_left=left))
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    metrics = {name: evaluated(state.book, network, part) for name, part in parts.items()}
    recorder.ended(state, metrics["validation"])
    if end == "done":
        write_status(run.path, replace(progress(state), phase="exporting"))
    network.cpu()
    examples = _examples(state.book, data, COMPARED_SAMPLES)
    save_model(model_with_weights(network, run.onnx_path, examples, state.book.network_inputs), run.onnx_path)
    difference = largest_difference(run.onnx_path, network, examples)
    status = progress(state)
    write_status(run.path, replace(status, state=end, phase="", metrics=metrics, onnx_max_difference=difference))


def _examples(book: BookModel[Any], data: Data[Any], count: int) -> Inputs:
    """The first ``count`` test inputs, dense and on the CPU, as the exported network takes them: (count, …)."""
    inputs, _ = next(iter(book.batches(data.test, count, None)))
    examples: Inputs = dense(inputs)
    return examples
