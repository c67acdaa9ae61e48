"""How runs, states, numbers and times are worded, the same on every page."""

from collections.abc import Callable
from datetime import datetime

from explorer.runs.folder import Run, State
from models.catalogue import title_of
from models.errors import N_
from models.text import LONGEST_NAME, shortened

STATES: dict[State, str] = {
    "queued": N_("waiting"),
    "running": N_("training"),
    "done": N_("done"),
    "cancelled": N_("cancelled"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
    "damaged": N_("damaged"),
}
METRICS = {
    "loss": N_("Loss"),
    "accuracy": N_("Accuracy"),
    "r2": N_("R²"),
    "mae": N_("Mean error"),
    "mse": N_("Mean squared error"),
}
PARTS = {"train": N_("Training"), "validation": N_("Validation"), "test": N_("Test")}
SENTENCES = {
    "accuracy": N_("Right for {share} of samples that it has never seen."),
    "r2": N_("Explains {share} of the ups and downs of days that it has never seen."),
}
HEADLINES = ("accuracy", "r2")  # what sums up a run, measured on the test part

Translate = Callable[[str], str]


def run_label(run: Run, _: Translate, named: bool = True) -> str:
    """One line for a run: its model (if ``named``), its result or state, epochs and time; what matters most first."""
    epochs = run.settings.get("epochs")
    parts = [
        _(title_of(run.model)) if named else "",
        headline(run, _) if run.state == "done" else _(STATES[run.state]),
        _("{n} epochs").format(n=epochs) if epochs else "",
        local_time(run.created),
    ]
    return " · ".join(part for part in parts if part)


def headline(run: Run, _: Translate) -> str:
    """The test result that sums up a run; '' where there is none yet."""
    test = run.status.metrics.get("test", {})
    return next((f"{_(METRICS[name])} {metric(name, test[name])}" for name in HEADLINES if name in test), "")


def result_sentence(run: Run, _: Translate) -> str:
    """The test result in words for somebody who does not know the metric; '' where there is none yet."""
    test = run.status.metrics.get("test", {})
    name = next((name for name in HEADLINES if name in test), None)
    return _(SENTENCES[name]).format(share=f"{100 * test[name]:.1f} %") if name else ""


def metric(name: str, value: float) -> str:
    """A metric with sensible digits: shares of right answers in per cent, others with four significant digits."""
    return f"{100 * value:.2f} %" if name == "accuracy" else f"{value:.4g}"


def local_time(created: str) -> str:
    """ISO time in UTC → month, day and time on the server's clock; '' for an unreadable one."""
    try:
        return f"{datetime.fromisoformat(created).astimezone():%m-%d %H:%M}"
    except ValueError:
        return ""


def duration(seconds: float, _: Translate) -> str:
    """A time span: seconds below a minute and a half, minutes above."""
    if seconds < 90:
        return _("{n} s").format(n=f"{seconds:.0f}")
    return _("{n} min").format(n=f"{seconds / 60:.0f}")


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """Text from a file as Markdown that shows it as it is: printable, and shortened to ``longest`` characters."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>$:~" else c for c in shortened(text, longest))
