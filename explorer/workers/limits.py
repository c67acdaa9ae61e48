"""Limits of a worker process on time, memory and file size: set in one place, inside the process itself.

``unlimited`` says which of them this platform cannot hold: Windows lacks the module ``resource``, and macOS accepts a
limit on memory without enforcing it. The time of a call is limited on every platform, by the process that waits for it.
"""

import contextlib
import logging
import math
import os
import signal
import sys
from functools import cache
from pathlib import Path

import msgspec

GRACE = 5.0  # seconds after its limit when a worker whose parent process has died ends itself


class Limits(msgspec.Struct, frozen=True):
    """What a worker process may use. A limit of 0 is none.

    seconds: of one call. memory: bytes of address space, at most three quarters of the machine's memory. file_size:
    bytes of one file that the process writes. stack: bytes, for libraries that recurse deeply.
    """

    seconds: float
    memory: int = 0
    file_size: int = 0
    stack: int = 0


def limit_this_process(limits: Limits) -> None:
    """Apply memory, file size and stack to this process, as far as the platform can."""
    try:
        import resource
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_AS: memory_limit(limits.memory) if limits.memory else 0,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_STACK: limits.stack,
    }
    for kind, size in wanted.items():
        if size:
            with contextlib.suppress(ValueError, OSError):  # more than the system allows: its own limit stays
                hard = resource.getrlimit(kind)[1]
                soft = size if hard == resource.RLIM_INFINITY else min(size, hard)
                resource.setrlimit(kind, (soft, soft if kind == resource.RLIMIT_AS else hard))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no memory image on disk after a crash
    with contextlib.suppress(OSError):  # if the machine's memory runs out all the same, this process is killed first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def end_this_process_after(seconds: float) -> None:
    """Have the system end this process after ``seconds``, whatever it does; 0 takes that back.

    For a worker whose parent, which limits the time of a call, was killed.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, min(seconds, 1e6))


def unlimited() -> tuple[str, ...]:
    """The limits that this platform cannot hold; on Linux there are none.

    >>> import sys
    >>> unlimited() if sys.platform == "linux" else ()
    ()
    """
    missing = []
    try:
        import resource  # noqa: F401
    except ImportError:
        missing += ["memory", "file size", "stack"]
    else:
        if sys.platform == "darwin":
            missing.append("memory")
    if not hasattr(signal, "setitimer"):
        missing.append("time of a worker whose parent was killed")
    return tuple(missing)


@cache
def log_unlimited() -> None:
    """Log, once a process, which limits this platform cannot hold."""
    if missing := ", ".join(unlimited()):
        logging.getLogger(__name__).warning("On this platform worker processes have no limit of: %s", missing)


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container that it runs in; 8 GiB where the system does not say."""
    sizes = []
    with contextlib.suppress(AttributeError, ValueError, OSError):
        sizes.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int(Path(limit).read_text(encoding="ascii")))
    return min((size for size in sizes if size > 0), default=8 * 2**30)


def memory_limit(wanted: int) -> int:
    """``wanted`` bytes, but at most three quarters of the machine's memory."""
    return min(wanted, math.floor(machine_memory() * 3 / 4))
