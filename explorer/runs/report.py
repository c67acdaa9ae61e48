"""A run's headline result, and the run as a JSON record, as a line and as a table of text for the command line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.runs.folder import Run
from models.catalogue import Metric, PartName, model_entries


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


def run_record(run: Run) -> dict[str, Any]:
    """The run as ``--json`` prints it."""
    status = run.status
    return {
        "run": run.id,
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
    parts = [run.id, run.state]
    if run.active and status.steps:
        parts.append(f"epoch {status.epoch}/{run.settings.get('epochs')}, {100 * status.step / status.steps:.0f} %")
    for part, metrics in status.metrics.items():
        parts.append(part + " " + " ".join(f"{name} {value:.4f}" for name, value in metrics.items()))
    if status.seconds:
        tried = ", ".join(f"{device} {rate:,.0f}" for device, rate in status.device_rates.items())
        measured = f" (measured before: {tried})" if tried else ""
        parts.append(f"{status.seconds:.1f} s, {status.samples_per_second:,.0f} samples/s on {status.device}{measured}")
    if message(run):
        parts.append(message(run))
    return "; ".join(parts)


def table(runs: Sequence[Run]) -> str:
    """One line a run, newest first."""
    return "\n".join(one_line(run) for run in runs) or "no runs yet"
