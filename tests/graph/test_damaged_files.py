"""Files cut off or changed anywhere, and bytes that are no file: a graph or one sentence, never another error."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from tests.graph.test_hostile_files import NODE, model, read_and_drawn, value


@pytest.fixture(scope="session")
def good() -> bytes:
    weight = numpy_helper.from_array(np.arange(900, dtype=np.float32).reshape(3, 300), "w")
    inner = helper.make_graph([NODE("Relu", ["x"], ["r"])], "inner", [], [value("r")])
    nodes = [
        NODE("MatMul", ["x", "w"], ["m"], name="a/b"),
        NODE("If", ["c"], ["i"], then_branch=inner, else_branch=inner),
        NODE("Relu", ["m"], ["y"], metadata="text"),
    ]
    ends = {"inputs": [value("x", ["N", 3]), value("c", [], TensorProto.BOOL)]}
    content: bytes = model(nodes, [weight], **ends).SerializeToString()
    return content


FIXTURE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=150, deadline=None, suppress_health_check=FIXTURE)
@given(st.data())
def test_truncated_anywhere(good: bytes, tmp_path: Path, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(good) - 1))
    read_and_drawn(good[:end], tmp_path)


@settings(max_examples=300, deadline=None, suppress_health_check=FIXTURE)
@given(st.data())
def test_any_bytes_changed(good: bytes, tmp_path: Path, data: st.DataObject) -> None:
    changed = bytearray(good)
    structure = st.one_of(st.integers(0, 300), st.integers(len(good) - 300, len(good) - 1))
    for place in data.draw(st.lists(structure, min_size=1, max_size=4)):
        changed[place] = data.draw(st.integers(0, 255))
    read_and_drawn(bytes(changed), tmp_path)


@settings(max_examples=100, deadline=None, suppress_health_check=FIXTURE)
@given(st.binary(max_size=200))
def test_any_bytes_at_all(tmp_path: Path, content: bytes) -> None:
    read_and_drawn(content, tmp_path)
    read_and_drawn(b"\x08\x0a\x3a" + content, tmp_path)
