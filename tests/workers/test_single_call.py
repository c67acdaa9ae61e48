"""One call in a fresh process: what travels, what is limited, and that nothing of it stays."""

import os
import time
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from explorer.workers.limits import Limits
from explorer.workers.messages import CallFailedError, TookTooLongError, WorkerDiedError
from explorer.workers.single_call import call
from models.errors import DataError
from tests.workers import odd_functions as odd

LONG = Limits(60)

pytestmark = pytest.mark.usefixtures("no_process_left")


def test_each_call_has_a_process_of_its_own() -> None:
    first, second = call(LONG, odd.pid), call(LONG, odd.pid)
    assert len({first, second, os.getpid()}) == 3
    assert not psutil.pid_exists(second)
    assert call(LONG, odd.group) != os.getpgid(0)


def test_arguments_and_results_come_back_with_their_types() -> None:
    assert call(LONG, odd.join, ("透", "视")) == "透 视!"
    assert call(LONG, odd.join, ("a",), "?") == "a?"
    assert call(LONG, odd.echo, bytes(2**20)) == bytes(2**20)
    values = np.arange(3, dtype=np.float32)
    assert call(LONG, odd.add, values, None)["sum"].dtype == np.float32
    np.testing.assert_array_equal(call(LONG, odd.add, values, values)["sum"], 2 * values)
    measured = call(LONG, odd.measured, "name", values)
    assert (measured.name, measured.times) == ("name", (0, 1, 2))
    np.testing.assert_array_equal(measured.values, 2 * values)


def test_what_msgpack_cannot_hold_is_refused_before_a_process_starts() -> None:
    with pytest.raises(TypeError, match="object cannot be sent"):
        call(LONG, odd.echo, object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="named arguments"):
        call(LONG, odd.echo, data=b"")


def test_arguments_are_checked_against_the_functions_types() -> None:
    with pytest.raises(CallFailedError, match="Expected `bytes`"):
        call(LONG, odd.echo, 7)  # type: ignore[arg-type]


def test_errors_travel() -> None:
    with pytest.raises(CallFailedError, match="RuntimeError: oh no"):
        call(LONG, odd.fail, "oh no")
    with pytest.raises(DataError, match=r"The file a\{b\}\.onnx is 不好"):
        call(LONG, odd.mistake, "data")
    with pytest.raises(WorkerDiedError):
        call(LONG, odd.die)


def test_time_is_limited() -> None:
    start = time.monotonic()
    with pytest.raises(TookTooLongError):
        call(Limits(1.0), odd.loop)
    assert 1.0 <= time.monotonic() - start < 20


def test_memory_and_files_are_limited(tmp_path: Path) -> None:
    limits = Limits(60, memory=2**29, file_size=2**20)
    assert call(limits, odd.allocate, 2**20) == 2**20
    with pytest.raises(CallFailedError, match="MemoryError"):
        call(limits, odd.allocate, 2**30)
    with pytest.raises(CallFailedError, match="File too large"):
        call(limits, odd.write, str(tmp_path / "large"), 2**21)
    assert call(Limits(60), odd.allocate, 2**30) == 2**30, "a limit of 0 is none"


def test_what_the_function_has_started_ends_with_it() -> None:
    sleeper = call(LONG, odd.start_sleeper)
    end = time.monotonic() + 10
    while psutil.pid_exists(sleeper) and psutil.Process(sleeper).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.05)
