"""The command ``serve``: the server with its pages, until it is interrupted."""

from argparse import Namespace

from explorer import launcher
from explorer.settings import Settings


def execute(settings: Settings, options: Namespace) -> int:
    """Returns the exit status. Raises UserError where the port or the store cannot be used."""
    return launcher.serve(settings)
