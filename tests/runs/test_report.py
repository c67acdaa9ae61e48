"""What a run came to: divergence, and which of several runs stands for them."""

import json
import math
from pathlib import Path

import pytest

from explorer.runs.folder import Run, create_run, read_run
from explorer.runs.report import best_run, divergence, one_line, run_record
from explorer.runs.status import State, Status
from explorer.runs.training import carry_out


def run(
    folder: Path,
    name: str,
    losses: tuple[float, ...] = (0.7, 0.5),
    *,
    state: State = "done",
    model: str = "digits",
    **metrics: float,
) -> Run:
    """A run with these training losses, and ``metrics`` on the test part."""
    path = folder / name
    path.mkdir()
    lines = [
        json.dumps({"step": step, "epoch": step, "part": "train", "loss": loss}) for step, loss in enumerate(losses)
    ]
    (path / "metrics.jsonl").write_text("\n".join(lines), "utf-8")
    status = Status(state, metrics={"test": metrics} if metrics else {})
    return Run(path, name, model, {"epochs": 2}, None, "2026-01-02T03:04:05+00:00", status, (0, 9))


@pytest.mark.parametrize(
    ("losses", "diverges"),
    [
        ((2.3, 2.2, 0.4), False),
        ((2.3, 2.3, 2.31), False),  # learns nothing
        ((0.9, 4e4), True),
        ((0.9, math.nan), True),
        ((0.9, math.inf), True),
        ((1e-6, 1e-6, 0.4), False),  # a first batch of one sample that happened to be right
        ((800.0, 2000.0), False),
        ((800.0, 3000.0), True),
        ((5.0,), False),
        ((), False),
    ],
)
def test_what_diverged(tmp_path: Path, losses: tuple[float, ...], diverges: bool) -> None:
    one = run(tmp_path, "a", losses)
    assert (divergence(one) is not None) is diverges
    assert run_record(one)["diverged"] is diverges
    assert ("diverged" in one_line(one)) is diverges


def test_a_real_training_with_too_large_steps(tmp_path: Path) -> None:
    """The bike network with the largest learning rate and momentum, as somebody who tries the sliders sets them."""
    one = create_run(tmp_path, "bike", {"epochs": 2, "learning_rate": 1.0, "momentum": 0.99})
    carry_out(str(one.path))
    diverged = divergence(read_run(one.path))
    assert diverged is not None
    assert "diverged: the loss grew from" in one_line(read_run(one.path))


def test_the_best_run_stands_for_all(tmp_path: Path) -> None:
    newest_first = [
        run(tmp_path, "wild", (0.9, 5e5), accuracy=0.99),
        run(tmp_path, "stopped", state="cancelled", accuracy=0.98),
        run(tmp_path, "poor", accuracy=0.9),
        run(tmp_path, "good", accuracy=0.97),
        run(tmp_path, "failed", state="failed"),
    ]
    best = best_run(newest_first)
    assert best is not None
    assert best.id == "good"
    without = {
        first: best_run([one for one in newest_first if one.id not in first.split()])
        for first in ("good", "good poor", "good poor wild", "good poor wild stopped")
    }
    assert [one and one.id for one in without.values()] == ["poor", "wild", "stopped", "failed"]
    assert best_run([]) is None


def test_a_lower_loss_is_better_and_models_are_not_compared(tmp_path: Path) -> None:
    bike = [run(tmp_path, f"b{r2}", model="bike", r2=r2) for r2 in (0.3, 0.6)]
    digits = run(tmp_path, "d", accuracy=0.97)
    assert best_run([*bike, digits]) == bike[1]
    assert best_run([digits, *bike]) == digits
