"""A run's graph as it is written, without the exporter's optimisation: exported at the first request, then kept.

The export takes seconds of a processor and a thousand modules, so it happens in a process of its own.
"""

import threading
from pathlib import Path

from explorer.runs.folder import Run, read_run
from explorer.workers.limits import Limits
from explorer.workers.messages import WorkerError
from explorer.workers.single_call import call
from models.errors import N_, GraphError, UserError

LIMITS = Limits(seconds=180.0)
_lock = threading.Lock()  # one export at a time: a second person waits for the first one's file


def as_written_path(run: Run) -> Path:
    """Where the file is, once it has been exported."""
    return run.path / "model-as-written.onnx"


def as_written(run: Run) -> Path:
    """The file, exported if it must be. Raises GraphError."""
    path = as_written_path(run)
    with _lock:
        if not path.is_file():
            try:
                call(LIMITS, export_as_written, str(run.path.resolve()))
            except (OSError, WorkerError, UserError) as error:
                raise GraphError(N_("The network cannot be exported: {reason}."), reason=error) from None
    return path


def export_as_written(folder: str) -> None:
    """Export the run in ``folder``. Raises UserError. Called in a worker process."""
    from explorer.graph.onnx_io.export import export_onnx
    from explorer.runs.checkpoint import open_run
    from models.inputs import dense

    run = read_run(Path(folder))
    opened = open_run(run)
    example = dense(opened.sample("").inputs)
    export_onnx(opened.network, example, as_written_path(run), inputs=opened.book.network_inputs, optimize=False)
