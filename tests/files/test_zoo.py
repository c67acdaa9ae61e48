"""torchvision's zoo: the table is torchvision's own, an export runs beside the web process, and no state lies."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import psutil  # type: ignore[import-untyped]
import pytest
import torch
from torch import nn
from torchvision import models as torchvision_models

from explorer.files import zoo_export
from explorer.files.model_files import open_graph
from explorer.files.zoo import (
    ZooState,
    architectures,
    cancel_export,
    start_export,
    zoo_id,
    zoo_name,
    zoo_path,
    zoo_state,
)
from explorer.files.zoo_list import ARCHITECTURES
from explorer.project import PROJECT
from explorer.workers import job
from explorer.workers.messages import encoded_call
from explorer.workers.process import kill
from models.errors import GraphError

pytestmark = pytest.mark.slow  # exports architectures in processes of their own
SMALL = "squeezenet1_1"
LONG = 120.0


@pytest.fixture
def ended(store: Path) -> Iterator[None]:
    """No export of this test goes on after it."""
    yield
    for process in list(job._started.values()):
        kill(process)
    job._close_ended()


def process_of(store: Path, which: str) -> "subprocess.Popen[bytes]":
    return job._started[(store / "zoo" / f"{which}.json").resolve()]


def wait_for(store: Path, which: str, *stages: str) -> ZooState:
    end = time.monotonic() + LONG
    while (state := zoo_state(store, which)).stage not in stages:
        assert time.monotonic() < end, state
        time.sleep(0.05)
    return state


def test_the_table_is_torchvisions_own() -> None:
    assert architectures() == tuple(torchvision_models.list_models(module=torchvision_models))
    for name, (size, parameters) in ARCHITECTURES.items():
        weights = torchvision_models.get_model_weights(name).DEFAULT
        assert weights.transforms().crop_size == [size], name
        assert weights.meta["num_params"] == parameters, name


def test_torch_is_not_imported_for_the_list() -> None:
    code = "import sys, explorer.files.zoo as zoo; assert len(zoo.architectures()) > 70; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert run.stdout == "False\n"


def test_ids() -> None:
    assert zoo_id("resnet18") == "zoo-resnet18"
    assert zoo_id("vit_b_16", optimized=False) == "zoo-vit_b_16-as-written"
    for name in architectures():
        for optimized in (True, False):
            assert zoo_name(zoo_id(name, optimized)) == (name, optimized)
    for wrong in ("", "zoo-", "resnet18", "zoo-resnet19", "zoo-../../x", "zoo-resnet18-as-written-as-written"):
        with pytest.raises(GraphError, match="no architecture"):
            zoo_state(Path(), wrong)
    with pytest.raises(GraphError, match="no architecture 'x'"):
        zoo_id("x")


@pytest.mark.usefixtures("ended")
def test_an_export_from_start_to_end(store: Path) -> None:
    """Two are asked for: one works, the other waits; both can be read and give what torch gives."""
    first, second = zoo_id(SMALL), zoo_id(SMALL, optimized=False)
    assert zoo_state(store, first) == ZooState("absent")
    assert start_export(store, first).active
    pid = process_of(store, first).pid
    assert start_export(store, first).active
    assert process_of(store, first).pid == pid  # it is not started twice
    wait_for(store, first, "importing", "building", "exporting")
    start_export(store, second)
    assert wait_for(store, second, "waiting").seconds == 0
    exporting = wait_for(store, first, "exporting")
    assert exporting.estimate is not None
    assert 0 < exporting.seconds < exporting.estimate < 60
    assert zoo_state(store, second).stage == "waiting"

    done = wait_for(store, first, "done")
    assert done.path == zoo_path(store, first)
    assert done.seconds > 0
    assert wait_for(store, second, "done").path == zoo_path(store, second)
    network = zoo_export.network_of(SMALL)
    picture = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        expected = network(picture).numpy()
    for which in (first, second):
        path = zoo_path(store, which)
        session = onnxruntime.InferenceSession(path.read_bytes())
        np.testing.assert_allclose(session.run(None, {"input": picture.numpy()})[0], expected, rtol=1e-3, atol=1e-4)
        onnx.checker.check_model(path)
        assert open_graph(path).nodes
        assert b"/site-packages/" not in path.read_bytes()
    assert sorted(path.suffix for path in (store / "zoo").iterdir()) == [".json", ".json", ".onnx", ".onnx"]
    assert start_export(store, first).stage == "done"  # and not again
    zoo_path(store, first).unlink()
    assert zoo_state(store, first).stage == "absent"


@pytest.mark.usefixtures("ended")
def test_cancelling(store: Path) -> None:
    which = zoo_id(SMALL)
    cancel_export(store, which)  # nothing to cancel
    assert zoo_state(store, which).stage == "absent"
    start_export(store, which)
    wait_for(store, which, "importing", "building", "exporting")
    process = process_of(store, which)
    cancel_export(store, which)
    assert process.poll() is not None
    assert zoo_state(store, which).stage == "cancelled"
    assert not list((store / "zoo").glob("*.onnx"))
    assert start_export(store, which).active


STARTER = """
import sys, time
from pathlib import Path
from explorer.files.zoo import start_export
start_export(Path(sys.argv[1]), sys.argv[2])
print("started", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("wait", [False, True])
def test_a_web_process_that_dies_leaves_no_lie_and_no_process(wait: bool, store: Path) -> None:
    which = zoo_id(SMALL)
    web = subprocess.Popen([sys.executable, "-c", STARTER, str(store), which], cwd=PROJECT, stdout=subprocess.PIPE)
    assert web.stdout is not None
    assert web.stdout.readline() == b"started\n"
    children = psutil.Process(web.pid).children()
    assert len(children) == 1
    if wait:
        assert wait_for(store, which, "importing", "building", "exporting").active  # another process sees it too
    web.kill()
    web.wait()
    web.stdout.close()
    assert not psutil.wait_procs(children, timeout=20)[1]
    assert zoo_state(store, which).stage == "interrupted"


@pytest.mark.usefixtures("ended")
def test_cancelling_what_another_process_has_started(store: Path) -> None:
    which = zoo_id(SMALL)
    web = subprocess.Popen([sys.executable, "-c", STARTER, str(store), which], cwd=PROJECT, stdout=subprocess.PIPE)
    try:
        wait_for(store, which, "importing", "building", "exporting")
        children = psutil.Process(web.pid).children()
        cancel_export(store, which)
        assert zoo_state(store, which).stage == "cancelled"
        assert all(child.status() == psutil.STATUS_ZOMBIE for child in children)
    finally:
        web.kill()
        web.communicate()


def test_what_cannot_be_exported_is_told(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x if x.sum() > 0 else -x

    monkeypatch.setattr(zoo_export, "network_of", lambda name: Odd())
    monkeypatch.setattr(job, "lower_priority", lambda: None)  # in this process it could not be taken back
    (store / "zoo").mkdir(parents=True)
    which = zoo_id("alexnet")
    call = encoded_call(zoo_export.export_in_background, ("alexnet", str(zoo_path(store, which)), True))
    job.run_job(str(store / "zoo" / f"{which}.json"), call)
    state = zoo_state(store, which)
    assert state.stage == "failed"
    assert "cannot be exported" in str(state.error)
    assert not list((store / "zoo").glob("*.onnx"))


def test_what_no_file_can_hold_is_refused_at_once(store: Path) -> None:
    with pytest.raises(GraphError, match=r"weights of vit_h_14 take 2\.4 GB"):
        start_export(store, zoo_id("vit_h_14"))
    assert zoo_state(store, zoo_id("vit_h_14")).stage == "absent"


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"stage": "flying"}', "\0"])
def test_a_damaged_record_is_none(content: str, store: Path) -> None:
    (store / "zoo").mkdir(parents=True)
    (store / "zoo" / "zoo-alexnet.json").write_text(content)
    assert zoo_state(store, "zoo-alexnet") == ZooState("absent")


def test_a_reused_process_number_is_no_export(store: Path) -> None:
    (store / "zoo").mkdir(parents=True)
    record = {
        "stage": "exporting",
        "started": time.time(),
        "pid": 1,
        "born": 12345.0,
        "seconds": 1.0,
        "estimate": None,
        "message": "",
        "values": {},
    }
    (store / "zoo" / "zoo-alexnet.json").write_text(json.dumps(record))
    assert zoo_state(store, "zoo-alexnet").stage == "interrupted"


def test_batch_normalisation_keeps_values_of_ordinary_size() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5)).eval()
    pictures = 100 * torch.randn(2, 3, 8, 8)
    assert zoo_export.calibrate(network, pictures) >= 3
    assert not any(module.training for module in network.modules())
    with torch.no_grad():
        assert network[:2](pictures).std().item() == pytest.approx(1, abs=0.1)
    assert network[1].momentum == 0.1
