"""Files of strangers: read, traced and timed in workers; a hostile one costs one sentence and nothing else."""

import os
import threading
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import psutil  # type: ignore[import-untyped]
import pytest
from onnx import TensorProto, helper

from explorer.files import model_files, model_worker, trace_cache
from explorer.files.model_files import node_times, open_graph, trace_file, weight_of
from explorer.graph.graph import TensorKey
from explorer.graph.onnx_io.read import read_onnx
from explorer.workers.arrays import Array
from explorer.workers.file_readers import FILE_READERS
from models.errors import GraphError
from tests.files.conftest import Save
from tests.files.test_wire import same

MOST_GROWTH = 64 * 2**20  # bytes: what this process may grow by while a worker is eaten up


def floats(values: object) -> Array:
    return np.array(values, np.float32)


def memory() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


def test_the_graph_is_that_of_read_onnx(small: Path, endless: Path) -> None:
    for path in (small, endless):
        assert same(open_graph(path), read_onnx(path))
    assert open_graph(small, "my model.onnx").name == "my model"


def test_a_weight(small: Path) -> None:
    np.testing.assert_array_equal(weight_of(small, TensorKey("", "w")), floats([[1, -1], [0, 2], [0.5, 0]]))
    with pytest.raises(GraphError, match=r"The file of\.onnx has no weight 'v'"):
        weight_of(small, TensorKey("", "v"), "of.onnx")


def test_a_trace_is_what_onnxruntime_computes(small: Path, tmp_path: Path) -> None:
    x = floats([[1, 2, 3], [-1, 0, 4]])
    traced = trace_file(small, {"x": x}, tmp_path / "traces")
    (expected,) = onnxruntime.InferenceSession(small.read_bytes()).run(None, {"x": x})
    np.testing.assert_allclose(traced.value("y"), expected, rtol=1e-6)
    np.testing.assert_allclose(traced.value("h"), x @ floats([[1, -1], [0, 2], [0.5, 0]]), rtol=1e-6)
    assert set(traced.names) == {"x", "h", "y"}
    assert (traced.generated, traced.engine) == (False, "onnxruntime")
    with pytest.raises(GraphError, match="'nothing' was not traced"):
        traced.value("nothing")


def test_statistics_are_those_of_the_values(small: Path, tmp_path: Path) -> None:
    x = floats([[1, 2, 3], [-1, np.nan, np.inf]])
    traced = trace_file(small, {"x": x}, tmp_path)
    known = traced.statistics["x"]
    assert (known.shape, known.dtype) == ((2, 3), "float32")
    assert (known.minimum, known.maximum, known.nans, known.infinities) == (-1, 3, 1, 1)
    assert (known.mean, known.magnitude) == (1.25, 1.75)
    assert traced.statistics["y"].zeros == pytest.approx(np.mean(traced.value("y") == 0))


def test_a_trace_is_kept_until_file_or_input_changes(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    first = trace_file(small, None, folder)
    assert first.generated
    written = first.path.stat().st_mtime_ns
    assert trace_file(small, None, folder).path.stat().st_mtime_ns == written
    other = trace_file(small, {"x": np.zeros((1, 3), np.float32)}, folder)
    assert other.path != first.path
    os.utime(small)
    assert trace_file(small, None, folder).path != first.path
    assert {path.suffix for path in folder.iterdir()} == {".npz", ".json"}


def test_a_damaged_trace_is_made_anew(small: Path, tmp_path: Path) -> None:
    first = trace_file(small, None, tmp_path)
    first.path.with_suffix(".json").write_text('{"names": 1}')
    assert trace_file(small, None, tmp_path).names == first.names
    first.path.write_bytes(b"no archive")
    with pytest.raises(GraphError, match="no longer there"):
        first.value("y")


def test_the_least_recently_used_traces_are_evicted(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [trace_file(small, {"x": np.full((1, 3), i, np.float32)}, tmp_path) for i in range(4)]
    for age, each in enumerate(reversed(made)):
        os.utime(each.path.with_suffix(".json"), (1000 - age, 1000 - age))
    trace_file(small, {"x": np.zeros((1, 3), np.float32)}, tmp_path)  # the oldest is used again
    monkeypatch.setattr(trace_cache, "LARGEST_TOTAL", 3 * made[0].path.stat().st_size)
    last = trace_file(small, {"x": np.full((1, 3), 9, np.float32)}, tmp_path)
    assert [each.path.exists() for each in (*made, last)] == [True, False, False, True, True]
    assert len(list(tmp_path.glob("*.json"))) == 3


def test_values_that_cannot_be_kept(small: Path, no_place: Path, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="cannot be written: Not a directory"):
        trace_file(small, None, no_place)
    target = str(tmp_path / "none" / "partial")
    with pytest.raises(GraphError, match=r"values of mine\.onnx cannot be kept: No such file"):
        FILE_READERS.call(model_worker.trace, str(small), "mine.onnx", None, 10.0, target)


def test_names_of_tensors_may_be_anything(save: Save, tmp_path: Path) -> None:
    names = ["../../out", "a.npy", "n" * 100_000, "<script>", "卷积"]
    nodes, last = [], "x"
    for name in names:
        nodes.append(helper.make_node("Relu", [last], [name]))
        last = name
    traced = trace_file(save([*nodes, helper.make_node("Neg", [last], ["y"])]), None, tmp_path / "traces")
    assert set(names) < set(traced.names)
    for name in names:
        np.testing.assert_array_equal(traced.value(name), -traced.value("y"))


def test_every_node_is_timed(small: Path) -> None:
    times = node_times(small, None)
    assert set(times) == {node.id for node in read_onnx(small).nodes}
    assert all(0 <= seconds < 1 for seconds in times.values())


@pytest.mark.slow
def test_a_loop_without_end_ends_while_others_are_served(small: Path, endless: Path, tmp_path: Path) -> None:
    FILE_READERS.stop()
    model_files.warm_up()
    failed: list[Exception] = []

    def run() -> None:
        try:
            trace_file(endless, None, tmp_path / "traces", "mine.onnx", seconds=3)
        except Exception as error:
            failed.append(error)

    start = time.monotonic()
    thread = threading.Thread(target=run)
    thread.start()
    served = 0
    while thread.is_alive():
        open_graph(small)
        served += 1
    assert time.monotonic() - start < 20
    assert served > 5
    assert isinstance(failed[0], GraphError)
    assert "longer than 3 s" in str(failed[0])
    assert open_graph(endless).nodes


@pytest.mark.parametrize("name", ["hungry", "hidden_hungry"])
def test_a_model_that_needs_256_gb(name: str, request: pytest.FixtureRequest, small: Path, tmp_path: Path) -> None:
    path = request.getfixturevalue(name)
    before = memory()
    given = {"x": floats([2**36])} if name == "hidden_hungry" else None
    with pytest.raises(GraphError) as caught:
        trace_file(path, given, tmp_path / "traces", seconds=60)
    assert "\n" not in str(caught.value)
    assert open_graph(path).nodes
    assert memory() - before < MOST_GROWTH
    assert trace_file(small, None, tmp_path / "traces").names
    assert not list((tmp_path / "traces").glob("partial-*"))


def test_external_data_is_not_followed(outside: Path, tmp_path: Path) -> None:
    assert [node.op_type for node in open_graph(outside).nodes] == ["MatMul"]
    for call in (lambda: weight_of(outside, TensorKey("", "w")), lambda: trace_file(outside, None, tmp_path / "t")):
        with pytest.raises(GraphError, match="outside the file"):
            call()


HOSTILE = {
    "empty": b"",
    "text": b"<html>hello</html>",
    "zip": b"PK\x03\x04" + bytes(100),
    "random": np.random.default_rng(0).bytes(5000),
    "length": b"\x3a\xff\xff\xff\xff\x0f",
    "deep": b"\x3a" * 5000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_model_gives_one_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "stored.onnx"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(GraphError, match=r"theirs\.onnx") as caught:
        open_graph(path, "theirs.onnx")
    assert "stored" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_truncated_file_and_one_that_is_not_there(small: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.onnx"
    for call in (lambda: open_graph(gone), lambda: node_times(gone, None), lambda: trace_file(gone, None, tmp_path)):
        with pytest.raises(GraphError, match=r"gone\.onnx cannot be"):
            call()
    small.write_bytes(small.read_bytes()[:-10])
    with pytest.raises(GraphError, match="made"):
        open_graph(small)


def test_a_weight_of_absurd_size(save: Save) -> None:
    weight = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**40], raw_data=b"1234")
    path = save([helper.make_node("Mul", ["x", "w"], ["y"])], weights=[weight])
    before = memory()
    assert open_graph(path).nodes[0].params == 2**40
    with pytest.raises(GraphError):
        weight_of(path, TensorKey("", "w"))
    assert memory() - before < MOST_GROWTH
