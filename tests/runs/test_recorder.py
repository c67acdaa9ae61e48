"""What a run's folder says while it trains: phases, and a time left that comes true."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.runs.folder import create_run, read_run
from explorer.runs.loop import log_spaced
from explorer.runs.recorder import Pace, seconds_left, write_status
from explorer.runs.status import PHASES, Status
from explorer.runs.training import carry_out


@given(
    st.integers(20, 5000),
    st.floats(0.11, 0.99),
    st.floats(1e-4, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 30.0),
)
def test_the_time_left_comes_true_where_steps_and_checkpoints_take_the_same_time(
    steps: int, share: float, step: float, checkpoint: float, first_step: float
) -> None:
    """A training on a clock of our own; its first step, in which torch prepares itself, takes any time."""
    spaced = log_spaced(1, steps)

    def after(done: int) -> Pace:
        written = checkpoint * sum(0 < at <= done for at in spaced)
        return Pace(done, first_step + step * done + written, written)

    now = max(2, int(share * steps))
    left = seconds_left(after(1), after(now), steps, spaced)
    assert left is not None
    assert left == pytest.approx(after(steps).seconds - after(now).seconds, abs=1e-6 * steps, rel=1e-6)


def test_nothing_is_known_in_the_first_step() -> None:
    assert seconds_left(Pace(1, 3.0, 0.0), Pace(1, 3.0, 0.0), 10, (0, 1, 10)) is None


def test_a_training_goes_through_its_phases(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Status] = []

    def watched(path: Path, status: Status) -> None:
        written.append(status)
        write_status(path, status)

    for module in ("training", "recorder"):
        monkeypatch.setattr(f"explorer.runs.{module}.write_status", watched)
    run = create_run(store, "bike", {"epochs": 20})
    carry_out(str(run.path))
    phases = [status.phase for status in written]
    distinct = [phase for place, phase in enumerate(phases) if phase != phases[place - 1] or place == 0]
    assert distinct == ["loading", "exporting", "training", "evaluating", "exporting", ""]
    assert set(distinct) == {*PHASES, ""}
    assert all(status.seconds_left is None for status in written if status.phase in ("loading", ""))
    ended = read_run(run.path).status
    assert (ended.state, ended.phase, ended.seconds_left) == ("done", "", None)
