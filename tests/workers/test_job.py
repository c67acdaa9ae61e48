"""Background jobs: their stages are read by anybody, none is read as alive that is not, and cancelling ends them."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]
import pytest

from explorer.project import PROJECT
from explorer.workers import job as jobs
from explorer.workers.job import ENDED, Job, JobRecord, read_record
from explorer.workers.limits import Limits
from tests.workers import odd_functions as odd

LONG = 60.0
LIMITS = Limits(600.0)


@pytest.fixture
def job(tmp_path: Path, no_process_left: None) -> Iterator[Job]:
    made = Job(tmp_path / "job.json")
    yield made
    made.cancel()
    jobs._close_ended()


def wait_for(job: Job, wanted: Callable[[JobRecord], bool]) -> JobRecord:
    end = time.monotonic() + LONG
    while (state := job.state()) is None or not wanted(state):
        assert time.monotonic() < end, state
        time.sleep(0.01)
    return state


def ended(state: JobRecord) -> bool:
    return not state.active


def test_a_job_goes_through_its_stages(job: Job, tmp_path: Path) -> None:
    assert job.state() is None
    job.start(LIMITS, odd.count, str(tmp_path / "result"), 20)
    working = wait_for(job, lambda state: state.stage.startswith("step "))
    assert working.active
    assert working.estimate == 1.0
    before = working.seconds
    assert wait_for(job, lambda state: state.stage not in (working.stage, *ENDED)).seconds > before
    done = wait_for(job, ended)
    assert (done.stage, done.message) == ("done", "")
    assert (tmp_path / "result").read_text() == "20"
    assert done.seconds >= 1.0


def test_a_job_is_started_once(job: Job, tmp_path: Path) -> None:
    job.start(LIMITS, odd.count, str(tmp_path / "result"), 10_000)
    process = jobs._started[job.path]
    job.start(LIMITS, odd.count, str(tmp_path / "other"), 50)
    assert jobs._started[job.path] is process
    job.cancel()
    assert not (tmp_path / "other").exists()


@pytest.mark.slow
def test_one_after_the_other(job: Job, tmp_path: Path) -> None:
    second = Job(tmp_path / "second.json")
    job.start(LIMITS, odd.count, str(tmp_path / "first"), 10_000)
    wait_for(job, lambda state: state.stage.startswith("step "))
    second.start(LIMITS, odd.count, str(tmp_path / "second"), 1)
    assert wait_for(second, lambda state: state.stage == "waiting").seconds == 0
    time.sleep(1.0)
    state = second.state()
    assert state is not None
    assert state.stage == "waiting"
    job.cancel()
    assert wait_for(second, ended).stage == "done"
    assert (tmp_path / "second").read_text() == "1"


def test_a_cancelled_job_has_ended(job: Job, tmp_path: Path) -> None:
    job.start(LIMITS, odd.count, str(tmp_path / "result"), 1000)
    wait_for(job, lambda state: state.stage.startswith("step "))
    process = jobs._started[job.path]
    job.cancel()
    assert process.poll() is not None
    state = job.state()
    assert state is not None
    assert state.stage == "cancelled"
    job.start(LIMITS, odd.count, str(tmp_path / "result"), 1)
    assert wait_for(job, ended).stage == "done", "it can be started again"


@pytest.mark.parametrize(("kind", "sentence"), [("data", "The file a{b}.onnx is 不好"), ("memory", "MemoryError")])
def test_why_a_job_failed_is_recorded(job: Job, kind: str, sentence: str) -> None:
    job.start(Limits(LONG, memory=2**32), odd.break_off, kind)
    failed = wait_for(job, ended)
    assert failed.stage == "failed"
    assert failed.message.format(**failed.values).startswith(sentence)


def test_a_job_has_a_time_limit(job: Job, tmp_path: Path) -> None:
    job.start(Limits(1.0), odd.count, str(tmp_path / "result"), 1000)
    assert wait_for(job, ended).stage == "interrupted"


STARTER = """
import sys, time
from pathlib import Path
from explorer.workers.job import Job
from explorer.workers.limits import Limits
from tests.workers import odd_functions as odd
Job(Path(sys.argv[1])).start(Limits(600), odd.count, sys.argv[1] + ".result", 100_000)
print("started", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("end", ["kill", "cancel"])
def test_a_job_of_another_process(job: Job, end: str) -> None:
    """It is seen from here, ends with the process that started it, and can be cancelled from here."""
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(job.path)], cwd=PROJECT, stdout=subprocess.PIPE)
    try:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"started\n"
        state = wait_for(job, lambda state: state.stage.startswith("step "))
        worker = psutil.Process(state.pid)
        if end == "kill":
            starter.kill()
            assert not psutil.wait_procs([worker], timeout=20)[1]
            assert wait_for(job, ended).stage == "interrupted"
        else:
            job.cancel()
            assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
            assert wait_for(job, ended).stage == "cancelled"
    finally:
        starter.kill()
        starter.communicate()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b'{"stage": "done"}', b"\0", b"\xff"])
def test_a_damaged_record_is_none(job: Job, content: bytes) -> None:
    job.path.write_bytes(content)
    assert job.state() is None


def test_a_reused_process_number_is_no_job(job: Job) -> None:
    record = JobRecord("counting", time.time(), 1, 12345.0)
    job.path.write_bytes(msgspec.json.encode(record))
    assert read_record(job.path) == record
    state = job.state()
    assert state is not None
    assert state.stage == "interrupted"
    job.cancel()
    assert psutil.pid_exists(1)
