"""The command ``train``: train a new run in this process."""

import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from explorer.cli.progress import cancellable
from explorer.runs.folder import create_run, read_run, request_cancel
from explorer.runs.names import GivenName, write_name
from explorer.runs.report import one_line, run_record
from explorer.runs.training import carry_out, checked_config, flushed_denormals
from explorer.settings import Settings
from models.catalogue import model
from models.errors import N_, RunError, SettingError


def train(
    store: Path, name: str, settings: Mapping[str, str], source: Path | None, as_json: bool, given: GivenName
) -> int:
    """Train a new run in this process, with progress on standard error. Ctrl-C cancels and keeps what was learnt.

    given: the run's name and note. Returns the exit status. Raises UserError.
    """
    book = model(name)
    config = checked_config(book, dict(settings))
    with flushed_denormals():  # also in the threads that torch starts when it loads data
        book.load(config, source)  # a broken data file is refused before a run exists; the loaded data are cached
    run = create_run(store, name, config.model_dump(), source)
    if given != GivenName():
        write_name(run.path, given.name, given.note)
    with cancellable(lambda: one_line(read_run(run.path)), lambda: request_cancel(run)):
        carry_out(str(run.path))
    run = read_run(run.path)
    if run.state == "failed":
        raise RunError(run.status.message, **run.status.message_values)
    print(json.dumps(run_record(run), ensure_ascii=False) if as_json else one_line(run))
    return 0


def execute(settings: Settings, options: Namespace) -> int:
    """Carry out the parsed command. Returns the exit status. Raises UserError."""
    named = {name: value for name in ("epochs", "seed", "device") if (value := getattr(options, name)) is not None}
    given = GivenName(options.name, options.note)
    return train(settings.store, options.model, _assignments(options.set) | named, options.data, options.json, given)


def _assignments(texts: Sequence[str]) -> dict[str, str]:
    """``key=value`` texts as a dictionary; raises SettingError for one without ``=``."""
    pairs = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise SettingError(N_("{text} is not of the form key=value."), text=repr(text))
        pairs[key.strip()] = value.strip()
    return pairs
