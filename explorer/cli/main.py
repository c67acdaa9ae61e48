"""The command line: parses the arguments, runs the command, and prints a user's mistake as one line."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from pydantic import ValidationError

from explorer.cli.arguments import COMMANDS, parser
from explorer.settings import Settings
from models.errors import N_, SettingError, UserError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 failed, 2 a user's mistake."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given.insert(0, "serve")
    try:
        options = parser().parse_args(given)
        command = import_module(f"explorer.cli.{COMMANDS[options.command]}")
        status: int = command.execute(_settings(options), options)
    except UserError as error:
        print(f"toushi: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    return status


def _settings(options: argparse.Namespace) -> Settings:
    """The environment's settings, overridden by the options that were given."""
    given = {k: v for k in Settings.model_fields if (v := getattr(options, k, None)) is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingError(
            N_("Setting {key} cannot be {value}: {reason}."),
            key=first["loc"][0],
            value=repr(first["input"]),
            reason=first["msg"],
        ) from None
