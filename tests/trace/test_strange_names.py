"""Tensor names, sizes and counts as no exporter writes them: drawn, traced and written to files all the same."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from explorer.cli.main import main
from explorer.trace.onnx_trace import LONGEST_NAME, save_npz, trace
from explorer.trace.runnable_model import MOST_WEIGHTS
from models.errors import GraphError

pytestmark = pytest.mark.slow
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def chain(names: list[str], size: int, weights: int = 0) -> onnx.ModelProto:
    """One Neg after the other over (size,), each output called as ``names`` say; and weights that nothing reads."""
    nodes = [helper.make_node("Neg", [a], [b]) for a, b in pairwise(names)]
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [size]) for name in (names[0], names[-1])]
    graph = helper.make_graph(nodes, "g", value[:1], value[1:])
    for place in range(weights):
        graph.initializer.add(name=f"w {place}", data_type=TensorProto.FLOAT, float_data=[1.0])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES, min_size=2, max_size=6, unique=True), st.integers(0, 5))
def test_any_name_is_drawn_traced_and_written(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], size: int
) -> None:
    folder = tmp_path_factory.mktemp("names")
    path = folder / "a.onnx"
    path.write_bytes(chain(names, size).SerializeToString())
    for ending in ("svg", "json", "html"):
        assert main(["graph", str(path), "--to", str(folder / f"a.{ending}")]) == 0
    result = trace(path)
    save_npz(result.values, folder / "a.npz")
    with np.load(folder / "a.npz") as values:
        assert len(values.files) == len(names)
    for place, name in enumerate(names):
        np.testing.assert_array_equal(result.values[name], result.values[names[0]] * (-1) ** place)


@pytest.mark.parametrize("name", ["n" * 100_000, "卷" * 70_000, "a\0b", "../../etc/x", "x.npy", "con/", " "])
def test_names_that_no_archive_holds_as_they_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(chain(["x", name, f"{name}2"], 3).SerializeToString())
    assert main(["trace", str(path), "--to", str(tmp_path / "a.npz")]) == 0
    with np.load(tmp_path / "a.npz") as values:
        assert len(values.files) == 3
        assert max(map(len, values.files)) < LONGEST_NAME + 40
        assert all(np.abs(values[each]).tolist() == np.abs(values["x"]).tolist() for each in values.files)


def test_weights_that_nothing_reads_cost_nothing(tmp_path: Path) -> None:
    """onnxruntime takes time by the square of their number: 100,000 would take a minute."""
    path = tmp_path / "a.onnx"
    onnx.save(chain(["x", "y"], 2, weights=100_000), path)
    assert len(trace(path, weights=True).values) == 100_002


def test_more_weights_than_can_be_run_are_refused(tmp_path: Path) -> None:
    count = MOST_WEIGHTS + 1
    model = chain(["x", "y"], 2, weights=count)
    model.graph.node.append(helper.make_node("Concat", [f"w {place}" for place in range(count)], ["z"], axis=0))
    with pytest.raises(GraphError, match=r"The graph has 50,001 weights; at most 50,000 can be run\."):
        trace(model)


@pytest.mark.parametrize("wide", [False, True])
def test_what_cannot_be_laid_out_whole_falls_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wide: bool
) -> None:
    """A chain of 100,000 nodes, and 20,000 nodes side by side."""
    if wide:
        model = chain(["x", "y"], 2)
        model.graph.node.extend(helper.make_node("Neg", ["x"], [f"t{place}"]) for place in range(20_000))
    else:
        model = chain([f"t{place}" for place in range(100_001)], 2)
    path = tmp_path / "a.onnx"
    onnx.save(model, path)
    assert main(["graph", str(path), "--to", str(tmp_path / "a.svg")]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "a first view of it is drawn" in line
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()
