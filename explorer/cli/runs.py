"""The command ``runs``: the runs in the store, newest first."""

import json
from argparse import Namespace

from explorer.runs.folder import list_runs
from explorer.runs.report import run_record, table
from explorer.settings import Settings


def execute(settings: Settings, options: Namespace) -> int:
    """Print the runs as a table, or as one JSON object. Returns 0."""
    runs = list_runs(settings.store)
    print(json.dumps({"runs": [run_record(run) for run in runs]}, ensure_ascii=False) if options.json else table(runs))
    return 0
