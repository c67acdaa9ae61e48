"""A run's graph as it is written, without the exporter's optimisation: made when somebody asks for it, then kept.

The export takes seconds of a processor, so it happens in a process of its own
(``python -m explorer.runs.as_written RUN_FOLDER STEP``).
"""

import subprocess
import sys
import threading
from pathlib import Path

from explorer.runs.folder import Run
from models.errors import N_, GraphError, UserError

SECONDS = 180.0
_lock = threading.Lock()  # one export at a time: a second person waits for the first one's file


def written_path(run: Run) -> Path:
    """Where the file is, once it has been made."""
    return run.path / "model-as-written.onnx"


def as_written(run: Run) -> Path:
    """The file, made if it must be. Raises GraphError."""
    path = written_path(run)
    with _lock:
        if not path.is_file():
            _export(run, path)
    return path


def _export(run: Run, path: Path) -> None:
    command = [sys.executable, "-m", "explorer.runs.as_written", str(run.path.resolve())]
    project = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GraphError(N_("The network cannot be exported: {reason}."), reason=error) from None
    if done.returncode or not path.is_file():
        reason = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise GraphError(N_("The network cannot be exported: {reason}."), reason=reason)


def main(folder: str) -> int:
    """Export the run in ``folder``; 2 and a sentence on standard error where that is impossible."""
    from explorer.graph.onnx_io.export import export_onnx
    from explorer.runs.checkpoint import open_run
    from explorer.runs.folder import read_run
    from models.inputs import dense

    run = read_run(Path(folder))
    try:
        opened = open_run(run)
        example = dense(opened.sample("").inputs)
        export_onnx(opened.network, example, written_path(run), inputs=opened.book.network_inputs, optimize=False)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
