"""Our training on a CUDA device, with its hooks, against the same on this machine's CPU."""

from dataclasses import replace
from functools import partial

import torch

from explorer.runs.torch_threads import torch_threads
from explorer.runs.training import training_threads
from tests.bench.ratios import Row, interleaved
from tests.bench.training.our_training import Task, hooked_and_inner_seconds, hooked_seconds, task

EPOCHS = {"digits": 20, "bike": 500}
GOALS = {"digits": ("images/s", 200_000), "bike": ("hours/s", 1_500_000)}  # on an H100 or H200


def cuda(pairs: int, accuracy: bool) -> list[Row]:
    """Whole trainings with metrics and checkpoints; the rate of the steps alone stands in the note."""
    if not torch.cuda.is_available():
        print("cuda: not measured here, there is no CUDA device")
        return []
    rows = []
    for name, (unit, goal) in GOALS.items():
        ours = replace(task(name, epochs=EPOCHS[name]), device="cuda")
        other = task(name, epochs=max(1, EPOCHS[name] // 10))
        measured = interleaved(partial(_rate, ours), partial(_rate, other), pairs)
        steps = ours.samples / hooked_and_inner_seconds(ours)[1]
        note = f"steps alone {steps:,.0f} {unit}, goal {goal:,} on {torch.cuda.get_device_name()}"
        rows.append(
            Row(f"{name}: on CUDA against the CPU with {training_threads()} threads", unit, measured, note=note)
        )
    return rows


def _rate(what: Task) -> float:
    with torch_threads(training_threads()):
        return what.samples / hooked_seconds(what)
