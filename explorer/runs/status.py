"""How far a run is, as its ``status.json`` says, and the strict reading of that file. No files are opened here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

PHASES = ("loading", "exporting", "training", "evaluating")  # of a run that is "running"; a training exports twice
State = Literal["queued", "running", "done", "cancelled", "failed", "interrupted", "damaged"]
ACTIVE: tuple[State, ...] = ("queued", "running")
LARGEST = 2**53  # steps and seconds beyond it are nonsense, and whole floats end there
Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=LARGEST)]


@dataclass(frozen=True)
class Status:
    """How far a run is. seconds: time spent in training steps. metrics: part → name → value, once it has ended.

    phase: what a running training does now, one of PHASES or '' (of an older version). seconds_left: expected until it
    is done, evaluation and export included; None while nothing is known of it.

    A metric may be infinite or NaN: that of a training that went wrong. device_rates: samples per second on each
    device, where they were measured to choose one.
    """

    state: State = "queued"
    step: Count = 0
    steps: Count = 0
    epoch: Count = 0
    seconds: Amount = 0.0
    samples_per_second: Amount = 0.0
    device: str = ""
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    onnx_max_difference: float | None = None
    message: str = ""
    message_values: Mapping[str, str] = field(default_factory=dict)
    device_rates: Mapping[str, Amount] = field(default_factory=dict)
    phase: str = ""
    seconds_left: Amount | None = None


def parsed_status(record: object) -> Status:
    """The content of a status.json, parsed by ``json``; raises ValueError where a value is not of its field's type.

    Fields that are missing have their default, and those of a newer version are ignored. (msgspec's own JSON reader
    would refuse NaN, which ``json`` writes.)
    """
    return msgspec.convert(record, Status)
