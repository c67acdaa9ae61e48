"""What tests call in a worker process: it answers, sleeps, loops, dies, fails, eats memory, writes too much."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.workers.job import Progress
from models.errors import N_, DataError, GraphError


@dataclass(frozen=True, eq=False)
class Measured:
    """A record with an array, as it travels."""

    name: str
    values: NDArray[np.float32]
    times: tuple[float, ...]


def pid() -> int:
    return os.getpid()


def group() -> int:
    return os.getpgid(0)


def echo(data: bytes) -> bytes:
    return data


def join(words: tuple[str, ...], last: str = "!") -> str:
    return " ".join(words) + last


def add(first: NDArray[Any], second: NDArray[Any] | None) -> dict[str, NDArray[Any]]:
    return {"sum": first if second is None else first + second}


def measured(name: str, values: NDArray[np.float32]) -> Measured:
    return Measured(name, values * 2, tuple(np.float64(value) for value in values))


def wrong_result() -> int:
    return "seven"  # type: ignore[return-value]


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def touch_and_sleep(path: str, seconds: float) -> None:
    Path(path).touch()
    time.sleep(seconds)


def loop() -> None:
    while True:
        pass


def die() -> None:
    os.abort()


def fail(text: str) -> None:
    raise RuntimeError(text)


def mistake(kind: str) -> None:
    error = DataError if kind == "data" else GraphError
    raise error(N_("The file {file} is {what}."), file="a{b}.onnx", what="不好\udc80")


def allocate(size: int) -> int:
    return len(bytearray(size))


def write(path: str, size: int) -> None:
    Path(path).write_bytes(bytes(size))


def print_and_echo(text: str) -> str:
    print("this is no answer", flush=True)
    print("nor is this", file=sys.stderr, flush=True)
    return text


def threads() -> str:
    return os.environ["OMP_NUM_THREADS"]


def start_sleeper() -> int:
    """The id of a process that this one leaves behind, in its group."""
    import subprocess

    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid


# ---- jobs ----


def count(progress: Progress, to: str, steps: int) -> None:
    """Write ``steps`` to the file ``to``, in as many stages of 0.05 s."""
    progress.wait_for_turn()
    progress.estimate = 0.05 * steps
    for step in range(steps):
        progress.stage(f"step {step}")
        time.sleep(0.05)
    Path(to).write_text(str(steps), encoding="utf-8")


def break_off(progress: Progress, kind: str) -> None:
    progress.stage("breaking")
    if kind == "memory":
        bytearray(2**40)
    mistake(kind)
