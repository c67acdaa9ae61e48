"""Worker processes: one that hangs, dies, fails or eats memory is replaced, and harms no other request."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from explorer.drawing import layout
from explorer.drawing.layout import draw
from explorer.project import PROJECT
from explorer.workers import limits, messages
from explorer.workers.limits import Limits
from explorer.workers.messages import CallFailedError, TookTooLongError, WorkerDiedError
from explorer.workers.pool import Pool
from models.errors import DataError, GraphError
from tests.workers import odd_functions as odd

LONG = 30.0
LIMITS = Limits(LONG, memory=2**30, file_size=2**20)


@pytest.fixture
def pool(no_process_left: None) -> Iterator[Pool]:
    made = Pool(2, LIMITS)
    yield made
    made.stop()


def later(call: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """``call`` in a thread; its result, or what it raised, is in the list once the thread has ended."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_worker_lives_on_and_answers_in_order(pool: Pool) -> None:
    first = pool.call(odd.pid)
    assert [pool.call(odd.echo, b"%d" % i) for i in range(5)] == [b"%d" % i for i in range(5)]
    assert pool.call(odd.pid) == first
    assert len(pool.pids()) == 1  # the second is started only when the first is busy
    assert pool.call(odd.threads) == "1"


def test_large_and_empty_messages(pool: Pool) -> None:
    large = bytes(range(256)) * 2**16
    assert pool.call(odd.echo, large) == large
    assert pool.call(odd.echo, b"") == b""


def test_what_a_library_prints_is_no_answer(pool: Pool) -> None:
    assert pool.call(odd.print_and_echo, "yes") == "yes"
    assert pool.call(odd.echo, b"after") == b"after"


def test_a_loop_without_end_is_ended_while_others_get_their_answers(pool: Pool) -> None:
    pool.call(odd.echo, b"warm")
    start = time.monotonic()
    thread, results = later(lambda: pool.within(1.5).call(odd.loop))
    wait_until(lambda: len(pool._free) == 1)
    while thread.is_alive():
        assert pool.call(odd.echo, b"quick") == b"quick"
    assert 1.5 <= time.monotonic() - start < 15
    assert isinstance(results[0], TookTooLongError)
    assert pool.call(odd.echo, b"again") == b"again"


def test_a_worker_that_was_killed_is_replaced(pool: Pool) -> None:
    pid = pool.call(odd.pid)
    psutil.Process(pid).kill()
    wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    assert pool.call(odd.pid) != pid


def test_a_worker_that_is_killed_in_the_middle_is_reported_and_replaced(pool: Pool, tmp_path: Path) -> None:
    pid = pool.call(odd.pid)
    thread, results = later(lambda: pool.within(120).call(odd.touch_and_sleep, str(tmp_path / "begun"), 60))
    wait_until((tmp_path / "begun").exists)
    psutil.Process(pid).kill()
    thread.join(LONG)
    assert isinstance(results[0], WorkerDiedError)
    assert pool.call(odd.pid) != pid


def test_a_crash_is_reported(pool: Pool) -> None:
    with pytest.raises(WorkerDiedError):
        pool.call(odd.die)
    assert pool.call(odd.echo, b"after") == b"after"


def test_user_errors_and_failures_travel(pool: Pool) -> None:
    with pytest.raises(CallFailedError, match="RuntimeError: oh no"):
        pool.call(odd.fail, "oh no")
    for word, kind in (("data", DataError), ("graph", GraphError)):
        with pytest.raises(kind) as caught:
            pool.call(odd.mistake, word)
        assert caught.value.template == "The file {file} is {what}."
        assert caught.value.values["file"] == "a{b}.onnx"
        assert str(caught.value).startswith("The file a{b}.onnx is 不好")
    assert len(pool.pids()) == 1  # neither is a reason for a new process


def test_memory_and_files_are_limited(pool: Pool, tmp_path: Path) -> None:
    assert pool.call(odd.allocate, 2**20) == 2**20
    with pytest.raises(CallFailedError, match="MemoryError"):
        pool.call(odd.allocate, 2**31)
    with pytest.raises(CallFailedError, match="File too large"):
        pool.call(odd.write, str(tmp_path / "large"), 2**21)
    assert pool.call(odd.echo, b"alive") == b"alive"


def test_an_answer_beyond_all_bounds_is_not_read(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LARGEST_ANSWER", 1000)
    with pytest.raises(WorkerDiedError):
        pool.call(odd.echo, bytes(1001))
    assert pool.call(odd.echo, b"fine") == b"fine"


def test_first_come_first_served(pool: Pool) -> None:
    busy = [later(lambda: pool.call(odd.sleep, 0.7))[0] for _ in range(2)]
    wait_until(lambda: not pool._free)
    order: list[int] = []

    def one(number: int) -> None:
        pool.call(odd.sleep, 0.1)
        order.append(number)

    waiting = []
    for number in range(6):
        waiting.append(later(lambda number=number: one(number))[0])  # type: ignore[misc]
        wait_until(lambda number=number: len(pool._line) > number or bool(order))  # type: ignore[misc]
    for thread in (*busy, *waiting):
        thread.join(LONG)
    # Two workers: neighbours may change places, nobody else can.
    assert sorted(order) == list(range(6))
    assert all(abs(place - number) <= 1 for place, number in enumerate(order)), order


def test_a_call_goes_to_the_worker_that_had_the_same_affinity(pool: Pool) -> None:
    both = [later(lambda name=name: pool.within(LONG, name).call(odd.sleep, 0.5))[0] for name in ("a", "b")]  # type: ignore[misc]
    for thread in both:
        thread.join(LONG)
    a, b = (pool.within(LONG, name).call(odd.pid) for name in ("a", "b"))
    assert a != b
    for _ in range(3):
        assert pool.within(LONG, "b").call(odd.pid) == b
        assert pool.within(LONG, "a").call(odd.pid) == a


ORPHANS = """
import sys, threading, time
from explorer.workers.limits import Limits
from explorer.workers.pool import Pool
from tests.workers import odd_functions as odd
pool = Pool(2, Limits(30))
print(pool.call(odd.pid), flush=True)
seconds = 1.0 if sys.argv[1] == "kill" else 600
threading.Thread(target=lambda: pool.within(seconds).call(odd.loop), daemon=True).start()
time.sleep(0.3)
print("busy", flush=True)
time.sleep(60 if sys.argv[1] == "kill" else 0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("end", ["exit", "kill"])
def test_no_worker_outlives_the_web_process(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that loops without end in a web process that was killed."""
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANS, end], stdout=subprocess.PIPE, cwd=PROJECT, env=os.environ | {"PYTHONPATH": "."}
    )
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    assert parent.stdout.readline() == b"busy\n"
    if end == "kill":
        parent.kill()
    parent.wait(LONG)
    parent.stdout.close()
    gone, alive = psutil.wait_procs([worker], timeout=limits.GRACE + 15)
    assert gone, alive


# ---- layout ----


def tangled(name: str) -> str:
    """A graph that Graphviz works on for a minute or more."""
    edges = "".join(f"a{i}->a{i * 7 % 997};a{i}->a{(i * 31 + 5) % 997};" for i in range(997))
    return f"digraph {name} {{ {edges} }}"


@pytest.mark.slow
def test_a_layout_that_takes_too_long_does_not_keep_others_waiting() -> None:
    draw("digraph { warm }")
    thread, results = later(lambda: draw(tangled("slow"), seconds=3))
    wait_until(lambda: len(layout.POOL._free) == 1)
    start = time.monotonic()
    assert b"<svg" in draw("digraph { beside -> it }")
    assert thread.is_alive()
    assert time.monotonic() - start < 3
    thread.join(LONG)
    assert isinstance(results[0], GraphError)
    assert "within 3 s" in str(results[0])
    assert b"<svg" in draw("digraph { after -> it }")


def test_a_layout_worker_that_dies_is_told_apart_from_a_slow_one() -> None:
    draw("digraph { before }")
    thread, results = later(lambda: draw(tangled("dies"), seconds=60))
    wait_until(lambda: len(layout.POOL._free) == 1)
    (busy,) = (worker for worker in layout.POOL._workers if worker not in layout.POOL._free)
    wait_until(lambda: busy.process is not None)
    assert busy.process is not None
    busy.process.kill()
    thread.join(LONG)
    assert "gave up" in str(results[0])


def test_drawings_are_cached_and_many_threads_may_ask() -> None:
    first = draw("digraph { kept }")
    assert draw("digraph { kept }") is first
    asked = [later(lambda i=i: draw(f"digraph {{ many{i} }}")) for i in range(8)]  # type: ignore[misc]
    for i, (thread, results) in enumerate(asked):
        thread.join(LONG)
        assert f"many{i}".encode() in results[0]  # type: ignore[operator]
