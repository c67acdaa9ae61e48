"""How runs, states, numbers and times are worded, the same on every page."""

from collections.abc import Callable
from datetime import datetime

from explorer.runs.folder import Run, State
from explorer.runs.report import divergence, headline_result
from models.catalogue import title_of
from models.errors import N_, RunError
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
PHASES = {  # of a run that is training
    "loading": N_("loading data"),
    "exporting": N_("exporting"),
    "training": N_("training"),
    "evaluating": N_("evaluating"),
}
PARTS = {"train": N_("Training"), "validation": N_("Validation"), "test": N_("Test")}

Translate = Callable[[str], str]


def run_label(run: Run, _: Translate, named: bool = True) -> str:
    """One line for a run: given name, model (if ``named``), result or state, epochs, time; what matters most first."""
    epochs = run.settings.get("epochs")
    parts = [
        run.name,
        _(title_of(run.model)) if named else "",
        headline(run, _) if run.state == "done" else state_text(run, _),
        _epochs(epochs, _) if epochs else "",
        local_time(run.created),
    ]
    return " · ".join(part for part in parts if part)


def run_name(run: Run, _: Translate) -> str:
    """What a run is called where there is room for a word or two: its given name, else its model's title.

    As Markdown that shows a given name as it is.
    """
    return plain(run.name) if run.name else _(title_of(run.model))


def state_text(run: Run, _: Translate) -> str:
    """The state in words; of a cancelled run also where it was cancelled."""
    if run.state != "cancelled":
        return _(STATES[run.state])
    if not run.status.epoch:
        return _("cancelled before it began")
    return _("cancelled at epoch {n}").format(n=run.status.epoch)


def failure(run: Run) -> RunError | None:
    """Why a run failed or is damaged; None for others."""
    if run.damage or not run.status.message:
        return run.damage
    return RunError(run.status.message, **run.status.message_values)


def result_line(run: Run, _: Translate) -> str:
    """The run's result in a sentence, or its state while it has none."""
    return result_sentence(run, _) or state_text(run, _)


def _epochs(count: object, _: Translate) -> str:
    return _("1 epoch") if count == 1 else _("{n} epochs").format(n=count)


def headline(run: Run, _: Translate) -> str:
    """The result that sums up a run, as ``Accuracy 97.53 %``, or that it diverged; '' where there is none yet."""
    if divergence(run) is not None:
        return _("diverged")
    result = headline_result(run)
    return f"{_(result.metric.title)} {result.text}" if result else ""


def result_sentence(run: Run, _: Translate) -> str:
    """The result in words for somebody who does not know the metric; '' where there is none yet."""
    diverged = divergence(run)
    if diverged is not None:
        return _("Diverged: the loss grew from {first} to {last}. A smaller learning rate may help.").format(
            first=f"{diverged.first:.3g}", last=f"{diverged.last:.3g}"
        )
    result = headline_result(run)
    return _(result.sentence).format(**result.sentence_values) if result else ""


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


def formula(latex: str) -> str:
    """LaTeX as Markdown that sets it in a line of text, where it wraps; what ``st.latex`` shows does not."""
    return rf"$\displaystyle {latex}$"
