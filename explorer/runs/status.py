"""How far a run is, as its ``status.json`` says, and the strict reading of that file. No files are opened here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

State = Literal["queued", "running", "done", "cancelled", "failed", "interrupted", "damaged"]
ACTIVE: tuple[State, ...] = ("queued", "running")
MOST = 2**53  # steps and seconds beyond it are nonsense, and whole floats end there


@dataclass(frozen=True)
class Status:
    """How far a run is. seconds: time spent in training steps. metrics: part → name → value, once it has ended."""

    state: State = "queued"
    step: int = 0
    steps: int = 0
    epoch: int = 0
    seconds: float = 0.0
    samples_per_second: float = 0.0
    device: str = ""
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    onnx_max_difference: float | None = None
    message: str = ""
    message_values: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds_left(self) -> float | None:
        """Expected from the pace so far; None before the first step."""
        return self.seconds * (self.steps - self.step) / self.step if self.step else None


def parsed_status(record: object) -> Status:
    """The content of a status.json; raises ValueError where a value is not of its field's kind.

    Fields that are missing have their default, and those of a newer version are passed over.
    """
    if not isinstance(record, Mapping):
        raise ValueError(record)
    known = {f.name: record[f.name] for f in fields(Status) if f.name in record}
    for name, value in known.items():
        known[name] = _READERS[name](value)
    return Status(**known)


def _state(value: object) -> str:
    if value not in get_args(State):
        raise ValueError(value)
    return str(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise ValueError(value)
    return value


def _amount(value: object) -> float:
    number = _measure(value)
    if not 0 <= number <= MOST:
        raise ValueError(value)
    return number


def _measure(value: object) -> float:
    """Any number: the loss of a training that went wrong may be infinite, or not a number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(value)
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf if value > 0 else -math.inf


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _texts(value: object) -> dict[str, str]:
    return {name: _text(text) for name, text in _mapping(value).items()}


def _metrics(value: object) -> dict[str, dict[str, float]]:
    return {
        part: {name: _measure(number) for name, number in _mapping(metrics).items()}
        for part, metrics in _mapping(value).items()
    }


def _difference(value: object) -> float | None:
    return None if value is None else _measure(value)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(value)
    return value


_READERS: Mapping[str, Any] = {
    "state": _state,
    "step": _count,
    "steps": _count,
    "epoch": _count,
    "seconds": _amount,
    "samples_per_second": _amount,
    "device": _text,
    "metrics": _metrics,
    "onnx_max_difference": _difference,
    "message": _text,
    "message_values": _texts,
}
