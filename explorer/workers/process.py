"""Start and end of worker processes, the same for every kind of worker and on every platform."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any

from explorer.project import PROJECT
from explorer.workers.limits import log_unlimited

# Numerical libraries use one thread: several processes with a thread a core each would wait for each other.
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
LOW_PRIORITY = 10  # of Unix's 19 steps


def start_python(module: str, *arguments: str, stdout: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    """``python -m module arguments`` in the project's folder, with a pipe to its standard input. Raises OSError.

    It leads a process group of its own: Ctrl-C in the terminal does not reach it, and ``kill_group`` ends whatever it
    has started.
    """
    log_unlimited()
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        cwd=PROJECT,
        env=os.environ | THREADS,
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows
    )


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill the process and its group, and wait until it has ended."""
    if process.returncode is None:  # else it has been waited for, and its number may be another process's
        kill_group(process.pid)
    process.wait()


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the process and its group, and close its pipes: no other thread may read from them."""
    kill(process)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()


def kill_group(pid: int) -> None:
    """Kill the process ``pid`` and those that it has started. It is no error when it has ended."""
    if hasattr(os, "killpg"):
        with suppress(OSError):  # no group of its own: a process that an earlier version has started
            os.killpg(pid, signal.SIGKILL)
            return
    psutil = _psutil()
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (*process.children(recursive=True), process):
            with suppress(psutil.Error):
                each.kill()


def creation_time(pid: int) -> float:
    """When the process ``pid`` was started, Unix seconds; 0 if it does not exist. Tells a reused number apart."""
    psutil = _psutil()
    with suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return 0.0


def is_alive(pid: int, created: float) -> bool:
    """Whether the process ``pid`` that was started at ``created`` still runs."""
    psutil = _psutil()
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return bool(abs(process.create_time() - created) < 2 and process.status() != psutil.STATUS_ZOMBIE)
    return False


def lower_priority() -> None:
    """Let this process give way to others, so that pages stay quick while it works."""
    psutil = _psutil()
    with suppress(psutil.Error, OSError):
        windows_class = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", None)
        psutil.Process().nice(LOW_PRIORITY if windows_class is None else windows_class)


def _psutil() -> Any:
    """Imported when it is needed: the first page does without."""
    import psutil  # type: ignore[import-untyped]  # distributed brings it, without types

    return psutil
