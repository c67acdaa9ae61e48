"""What a run came to: its headline result, whether it diverged, which of several is the best; as JSON and as text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.runs.folder import Run, read_metrics
from models.catalogue import Metric, PartName, model, model_entries

DIVERGED = 3.0  # times the loss of the untrained network, where no training gets that learns
LEAST_FIRST = 1.0  # a first batch of one sample may happen to have next to no loss; the book's losses begin near 1


@dataclass(frozen=True)
class HeadlineResult:
    """The number that sums up a run. sentence: the same in words, a catalogue text for ``sentence_values``."""

    metric: Metric
    part: PartName
    value: float
    sentence: str

    @property
    def text(self) -> str:
        """The value as a person reads it."""
        return self.metric.format(self.value)

    @property
    def sentence_values(self) -> dict[str, str]:
        """What the sentence's placeholders stand for."""
        return {"share": f"{100 * self.value:.1f} %", "value": self.text}

    def better_than(self, other: "HeadlineResult") -> bool:
        """Whether this is the better result of two of the same metric; a number that is none is never better."""
        if math.isnan(self.value) or math.isnan(other.value):
            return not math.isnan(self.value)
        return self.value > other.value if self.metric.higher_is_better else self.value < other.value


def headline_result(run: Run, part: PartName | None = None) -> HeadlineResult | None:
    """The headline metric of ``run`` on ``part`` (None: its model's headline part); None where there is none yet."""
    entry = model_entries().get(run.model)
    if entry is None:
        return None
    part = part or entry.headline.part
    value = run.status.metrics.get(part, {}).get(entry.headline.metric)
    if value is None:
        return None
    return HeadlineResult(entry.metric(entry.headline.metric), part, value, entry.headline.sentence)


@dataclass(frozen=True)
class Divergence:
    """A training whose loss grew instead of falling. first: of the untrained network; last: the newest, or NaN."""

    first: float
    last: float


def divergence(run: Run) -> Divergence | None:
    """How the training of ``run`` diverged, also while it goes on; None where it did not, as far as is recorded."""
    losses = [record.get("loss") for record in read_metrics(run) if record.get("part") == "train"]
    numbers = [float(loss) for loss in losses if isinstance(loss, (int, float))]
    if len(numbers) < 2:
        return None
    first, last = numbers[0], numbers[-1]
    return Divergence(first, last) if not math.isfinite(last) or last > DIVERGED * max(first, LEAST_FIRST) else None


def best_run(runs: Sequence[Run]) -> Run | None:
    """The run that stands for ``runs``, which are newest first: the best that was trained to its end.

    The results of different models are not compared: the newest that can stand for them chooses the model. Diverged,
    cancelled and damaged runs stand for the others only where there is nothing else; None where there is no run.
    """
    usable = [run for run in runs if run.checkpoints and not run.damage]
    sound = [run for run in usable if run.state == "done" and divergence(run) is None]
    best = None
    for run in sound:
        result = headline_result(run)
        if result is not None and (best is None or (run.model == best[0].model and result.better_than(best[1]))):
            best = run, result
    if best is not None:
        return best[0]
    return next(iter(sound or [run for run in usable if run.state == "done"] or usable or runs), None)


def changed_settings(run: Run) -> dict[str, Any]:
    """The settings of ``run`` whose value is not the book's; {} for a run of an unknown model. Imports torch."""
    if run.model not in model_entries():
        return {}
    defaults = {name: info.default for name, info in model(run.model).config.model_fields.items()}
    return {name: value for name, value in run.settings.items() if name in defaults and value != defaults[name]}


def run_record(run: Run) -> dict[str, Any]:
    """The run as ``--json`` prints it."""
    status = run.status
    return {
        "run": run.id,
        "name": run.name,
        "note": run.note,
        "model": run.model,
        "status": run.state,
        "epochs": run.settings.get("epochs"),
        "epoch": status.epoch,
        "step": status.step,
        "steps": status.steps,
        "seconds": round(status.seconds, 3),
        "samples_per_second": round(status.samples_per_second, 1),
        "device": status.device,
        "device_rates": {device: round(rate, 1) for device, rate in status.device_rates.items()},
        "metrics": {
            part: {name: _finite(value) for name, value in metrics.items()} for part, metrics in status.metrics.items()
        },
        "onnx_max_difference": _finite(status.onnx_max_difference),
        "settings": run.settings,
        "source": str(run.source) if run.source else None,
        "created": run.created,
        "checkpoints": list(run.checkpoints),
        "message": message(run),
        "diverged": divergence(run) is not None,
    }


def message(run: Run) -> str:
    """Why a run failed or is damaged, in English; '' for others."""
    try:
        return str(run.damage) if run.damage else run.status.message.format(**run.status.message_values)
    except (KeyError, IndexError, ValueError):  # written by another version
        return run.status.message


def _finite(value: float | None) -> float | None:
    """JSON has no word for infinite and for no number at all, which a training that went wrong ends with: null."""
    return value if value is not None and math.isfinite(value) else None


def one_line(run: Run) -> str:
    """The run's progress and results in a line."""
    status = run.status
    epoch = f"epoch {status.epoch}/{run.settings.get('epochs')}"
    state = status.phase if run.state == "running" and status.phase else run.state
    if run.state == "cancelled" and status.epoch:
        state += f" at {epoch}"
    parts = [run.id, *([f"“{run.name}”"] if run.name else []), state]
    if run.active and status.steps:
        parts.append(f"{epoch}, {100 * status.step / status.steps:.0f} %")
        if status.seconds_left is not None:
            parts.append(f"{status.seconds_left:.0f} s left")
    for part, metrics in status.metrics.items():
        parts.append(part + " " + " ".join(f"{name} {value:.4f}" for name, value in metrics.items()))
    if status.seconds:
        tried = ", ".join(f"{device} {rate:,.0f}" for device, rate in status.device_rates.items())
        measured = f" (measured before: {tried})" if tried else ""
        parts.append(f"{status.seconds:.1f} s, {status.samples_per_second:,.0f} samples/s on {status.device}{measured}")
    diverged = divergence(run)
    if diverged is not None:
        parts.append(f"diverged: the loss grew from {diverged.first:.4g} to {diverged.last:.4g}")
    if message(run):
        parts.append(message(run))
    return "; ".join(parts)


def table(runs: Sequence[Run]) -> str:
    """One line a run, newest first."""
    return "\n".join(one_line(run) for run in runs) or "no runs yet"
