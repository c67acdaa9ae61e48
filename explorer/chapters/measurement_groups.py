"""Several measurements of one run at one checkpoint that are started, followed and cancelled together."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.chapters.measurements import ACTIVE, Measurement, State, cancel_measurement, start_measurement
from explorer.runs.folder import Run

WORST_FIRST: tuple[State, ...] = ("running", "waiting", "failed", "cancelled", "interrupted", "absent", "done")


@dataclass(frozen=True, eq=False)
class MeasurementGroup:
    """measurements: of one run at one checkpoint, at least one, each of another kind."""

    measurements: tuple[Measurement, ...]

    @property
    def state(self) -> State:
        """ "done" where all are; else what is most worth saying: that something is measured, or why it is not."""
        states = {each.state for each in self.measurements}
        return next(state for state in WORST_FIRST if state in states)

    @property
    def active(self) -> bool:
        """Whether any is running or waiting for a worker."""
        return self.state in ACTIVE

    @property
    def done(self) -> int:
        """Points measured so far."""
        return sum(each.done for each in self.measurements)

    @property
    def total(self) -> int:
        """Points of all."""
        return sum(each.total for each in self.measurements)

    @property
    def seconds(self) -> float:
        """Spent so far; what was measured at the same time counts once, in the latest attempts and in those before."""
        spans = sorted((each.begun, each.begun + each.seconds - each.spent) for each in self.measurements if each.begun)
        covered, until = 0.0, 0.0
        for begin, end in spans:
            covered += max(0.0, end - max(begin, until))
            until = max(until, end)
        return covered + max(each.spent for each in self.measurements)

    @property
    def seconds_left(self) -> float | None:
        """Expected from the pace so far; None where nothing is being measured, or nothing has been yet."""
        if not self.active or not self.done or not self.seconds:
            return None
        return self.seconds / self.done * (self.total - self.done)

    @property
    def failed(self) -> Measurement | None:
        """The first that failed."""
        return next((each for each in self.measurements if each.state == "failed"), None)


def start_group(scheduler_address: str, run: Run, step: int, kinds: Sequence[str]) -> None:
    """Submit what is missing of each kind; raises as ``start_measurement`` does."""
    for kind in kinds:
        start_measurement(scheduler_address, run, step, kind)


def cancel_group(run: Run, step: int, kinds: Sequence[str]) -> None:
    """Ask each to stop; see ``cancel_measurement``."""
    for kind in kinds:
        cancel_measurement(run, step, kind)


def fuller(whole: Sequence[Measurement], sampled: Sequence[Measurement]) -> Sequence[Measurement]:
    """Which measurements of the same runs to show: those of all samples, unless those of some have more points.

    Runs that stand side by side are shown with the same number of samples.
    """
    least_whole, least_sampled = (min(each.done for each in measured) for measured in (whole, sampled))
    return whole if least_whole and least_whole >= least_sampled else sampled
