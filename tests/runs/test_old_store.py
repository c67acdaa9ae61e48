"""A store that was written before its records became typed: everything in it reads as it was.

``old_store`` holds text files exactly as the code of commit 88b64fe wrote them: a finished run of ``train bike --epochs
2`` with a measurement, a failed run, an upload, a trace, and three exports of the zoo.
"""

import math
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.chapters.measurement_files import MeasurementFiles, MeasurementRecord
from explorer.chapters.measurement_kinds import MeasurementKind, Score
from explorer.files.trace_cache import cached_trace
from explorer.files.uploads import uploads
from explorer.files.zoo import ZooState, zoo_state
from explorer.runs.folder import Status, list_runs, read_metrics
from explorer.runs.report import message

FIXTURE = Path(__file__).parent / "old_store"
BIKE, SENTIMENT = "bike-20261127-164610-311a", "sentiment-20261127-172930-5b5c"
DIGEST = "6b408fc137bcb5ed3c8fd644a78fe7d0988a8bd057f0995c16cbaebce18597bd"
TRACE = "33c067aa253578fa5cbb5561a3ff8b4c"


@pytest.fixture
def old_store(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "store"))


def test_runs(old_store: Path) -> None:
    failed, done = list_runs(old_store)
    assert (done.id, done.model, done.source, done.created) == (BIKE, "bike", None, "2026-11-27T16:46:10+00:00")
    assert (done.settings["epochs"], done.settings["optimizer"], done.settings["learning_rate"]) == (2, "sgd", 0.01)
    assert (done.state, done.status.step, done.status.steps, done.status.device) == ("done", 128, 128, "cpu")
    assert done.status.metrics["validation"] == {"loss": 0.6709412932395935, "r2": -0.21286781712568326}
    assert done.status.onnx_max_difference == 5.960464477539063e-08
    metrics = read_metrics(done)
    assert len(metrics) == len((done.path / "metrics.jsonl").read_text().splitlines()) > 20
    assert {record["part"] for record in metrics} == {"train", "validation"}
    assert (failed.id, failed.source and failed.source.name) == (SENTIMENT, "reviews")
    metric = failed.status.metrics["test"]
    assert (math.isnan(metric["loss"]), metric["accuracy"]) == (True, math.inf)
    expected = Status("failed", 7, 90, 1, 0.25, 1234.5, "cpu", {}, None, "The training broke off: {reason}")
    values = {"reason": "RuntimeError: 不好"}
    assert replace(failed.status, metrics={}) == replace(expected, message_values=values)
    assert message(failed) == "The training broke off: RuntimeError: 不好"


def test_a_measurement(old_store: Path) -> None:
    kind = MeasurementKind("rotation", ("angle",), points=lambda run: (), measure=lambda *_: Score(0, 0))
    files = MeasurementFiles(old_store / "runs" / BIKE, kind, 21)
    assert files.record() == MeasurementRecord("0a1b2c3d", "tcp://127.0.0.1:40001", 1.7e9, 2, 1.5)
    scores = files.scores()
    assert math.isnan(scores[(-15.0,), "both"].loss)
    assert scores[(30.0,), "both"].accuracy == 0.5


def test_an_upload(old_store: Path) -> None:
    (old_store / "uploads" / f"{DIGEST}.onnx").write_bytes(b"model")
    os.utime(old_store / "uploads" / f"{DIGEST}.json", (1.7e9, 1.7e9))
    (upload,) = uploads(old_store)
    assert (upload.id, upload.name, upload.size, upload.used) == (f"file-{DIGEST[:16]}", "模型 <1>.onnx", 5, 1.7e9)


def test_a_trace(old_store: Path) -> None:
    (old_store / "traces" / f"{TRACE}.npz").write_bytes(b"")
    trace = cached_trace(old_store / "traces", TRACE)
    assert trace is not None
    assert (trace.names, trace.generated, trace.engine) == (("x", "y"), False, "onnxruntime")
    assert (trace.statistics["x"].nans, trace.statistics["y"].maximum) == (1, 1.0)


def test_exports_of_the_zoo(old_store: Path) -> None:
    assert zoo_state(old_store, "zoo-resnet18") == ZooState("interrupted")
    failed = zoo_state(old_store, "zoo-alexnet")
    assert (failed.stage, failed.seconds) == ("failed", 3.5)
    assert str(failed.error) == "The architecture alexnet cannot be exported: no."
    assert zoo_state(old_store, "zoo-vgg11") == ZooState("absent"), "the file was evicted"
