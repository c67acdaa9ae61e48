"""The command ``export``: a run as a file."""

from argparse import Namespace

from explorer.chapters.exports import export_run
from explorer.runs.folder import find_run
from explorer.settings import Settings


def execute(settings: Settings, options: Namespace) -> int:
    """Write the run to the file that was asked for; its ending names the format. Returns 0. Raises UserError."""
    export_run(find_run(settings.store, options.run), options.checkpoint, options.to, sample=options.sample)
    return 0
