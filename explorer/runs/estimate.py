"""What a training will cost, estimated before it begins: parameters, the size of every layer's output, and its time.

Sizes come from torch's meta device, where no number exists. The time comes from a few real training steps of a network
of zeros in this process, about a tenth of a second, kept for all settings that cost the same. Nothing is trained or
written.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from explorer.runs.device_choice import resolved_device
from explorer.runs.loop import optimizer_for
from explorer.runs.recorder import VALIDATIONS
from explorer.runs.torch_threads import torch_threads
from explorer.runs.training import training_threads
from explorer.trace.module_outputs import named_outputs
from models.base import BookModel, Config, Data, Facts, Part
from models.catalogue import model
from models.inputs import Inputs, apply, dense, has_rows, mapped, tensors

PROBED_SAMPLES = 16  # of the first, untimed step, which also shows how many samples a timed step can have
TIMED_SAMPLES = 256  # the most in a timed step; a larger batch costs in proportion
STEP_SECONDS, TIMED_SECONDS = 0.02, 0.06  # of one timed step, and of all of them
FEWEST_STEPS, MOST_STEPS = 3, 20
_lock = threading.Lock()  # two timings at once would slow each other


@dataclass(frozen=True)
class Size:
    """One tensor of one sample. name: an input's, or the module's that gave it (see ``named_outputs``).

    kind: "Input", or the module's class.
    """

    name: str
    kind: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Estimate:
    """parameters: learned numbers. sizes: in order of execution, the inputs first.

    seconds: from the first step until the final metrics, with the validations in between; loading and exporting, some
    seconds, are not counted. None for a training on a graphics card, which is not timed here.
    """

    parameters: int
    sizes: tuple[Size, ...]
    seconds: float | None


@dataclass(frozen=True)
class Costs:
    """Seconds. update: of the optimiser, a step. learn: forward and backward, a sample. ask: forward only, a sample."""

    update: float
    learn: float
    ask: float


def estimate(book: BookModel[Any], config: Config, facts: Facts, source: Path | None = None) -> Estimate:
    """The estimate for a training of ``book``; facts: of its data, {} for those of the data themselves.

    Raises SettingError for what cannot be trained (``book.check``, or a device that is not there), DataError for a bad
    source.
    """
    device = resolved_device(config.device)
    reason = book.check(config, facts)
    if reason:
        raise reason
    data = book.load(config, source)
    network = _shapeless(book, config, facts or data.facts)
    parameters = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    sizes = _sizes(network, book, data.train)
    seconds = None if device.type != "cpu" else _seconds(_costs(book.name, _relevant(config), source), config, data)
    return Estimate(parameters, sizes, seconds)


def _shapeless(book: BookModel[Any], config: Config, facts: Facts) -> nn.Module:
    """The network on the meta device: shapes without numbers."""
    with torch.device("meta"):
        return book.network(config, facts)


def _sizes(network: nn.Module, book: BookModel[Any], part: Part[Any]) -> tuple[Size, ...]:
    """The size of each input and each module's output for the first sample of ``part``."""
    inputs = mapped(dense(_first_batch(book, part, 1)[0]), lambda tensor: tensor.to("meta"))
    names = zip(book.network_inputs, tensors(inputs), strict=True)
    sizes = [Size(each.name, "Input", tuple(tensor.shape[1:])) for each, tensor in names]

    def hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def record(module: nn.Module, _: Any, output: Any) -> None:
            for output_name, tensor in named_outputs(module, name, output):
                sizes.append(Size(output_name, type(module).__name__, tuple(tensor.shape[1:])))

        return record

    for name, module in network.named_modules():
        if not any(True for _ in module.children()):
            module.register_forward_hook(hook(name or type(network).__name__))
    with torch.no_grad():
        apply(network.eval(), inputs)
    return tuple(sizes)


def _seconds(costs: Costs, config: Config, data: Data[Any]) -> float:
    """All steps, the validations that ``MetricsRecorder`` makes between epochs, and the final metrics of all parts."""
    rows = len(data.train)
    every = max(1, round(config.epochs / VALIDATIONS))
    validations = (config.epochs - 1) // every
    asked = validations * len(data.validation) + rows + len(data.validation) + len(data.test)
    steps = -(-rows // config.batch_size)
    return config.epochs * (steps * costs.update + rows * costs.learn) + asked * costs.ask


def _relevant(config: Config) -> Config:
    """The config without what does not change a step's cost, so that costs are kept for all that share them."""
    same: dict[str, object] = {"seed": 0, "epochs": 1, "learning_rate": 0.01, "device": "cpu"}
    same |= {"momentum": float(config.momentum > 0), "weight_decay": 0.1 * (config.weight_decay > 0)}
    for name, field in type(config).model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("about") == "training":
            same[name] = field.default
    return config.model_copy(update=same)


@lru_cache(maxsize=256)
def _costs(name: str, config: Config, source: Path | None) -> Costs:
    """Timed with the threads that a training has."""
    book = model(name)
    data = book.load(config, source)
    with _lock, torch_threads(training_threads()):
        network = _shapeless(book, config, data.facts).to_empty(device="cpu")
        with torch.no_grad():
            for tensor in (*network.parameters(), *network.buffers()):
                tensor.zero_()  # random ones would take longer to draw than to time
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return _timed(book, network.train(), config, data)


def _timed(book: BookModel[Any], network: nn.Module, config: Config, data: Data[Any]) -> Costs:
    optimizer = optimizer_for(network, config)
    most = min(config.batch_size, len(data.train))

    def learn(x: Inputs, y: Tensor) -> float:
        begin = time.perf_counter()
        for parameter in network.parameters():
            parameter.grad = None
        book.loss(apply(network, x), y).backward()
        return time.perf_counter() - begin

    probe = _first_batch(book, data.train, min(PROBED_SAMPLES, most))
    learn(*probe)
    optimizer.step()  # makes its averages
    size = max(len(probe[1]), min(TIMED_SAMPLES, most, int(len(probe[1]) * STEP_SECONDS / learn(*probe))))
    x, y = _first_batch(book, data.train, size)
    rows = has_rows(data.train.inputs, len(data.train))
    made = _least(lambda: _first_batch(book, data.train, size)) if rows else 0.0
    learn(x, y)
    learned: list[float] = []
    updates: list[float] = []
    begin = time.perf_counter()
    while len(learned) < FEWEST_STEPS or (time.perf_counter() - begin < TIMED_SECONDS and len(learned) < MOST_STEPS):
        learned.append(learn(x, y))
        updates.append(_least(optimizer.step, 1))
    with torch.no_grad():
        network.eval()
        asked = _least(lambda: apply(network, x))
    return Costs(median(updates), (median(learned) + made) / size, (asked + made) / size)


def _first_batch(book: BookModel[Any], part: Part[Any], size: int) -> tuple[Inputs, Tensor]:
    """The first ``size`` samples as a batch."""
    inputs, targets = next(book.batches(part.first(size), size, None))
    return inputs, targets


def _least(action: Callable[[], object], times: int = 3) -> float:
    """Seconds of the quickest of ``times`` calls."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)
