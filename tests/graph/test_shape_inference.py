"""Shapes that onnx infers: no less than it can, and never at the cost of the memory."""

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import psutil  # type: ignore[import-untyped]  # distributed brings it, without types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from explorer.graph.onnx_io.shape_inference import inferred_shapes

HUGE = 2**36


def peak() -> int:
    """The most bytes that this process had at once since its peak was last reset."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """Each test may take 1 GB; it cannot take more than 6, so that a mistake ends this test and not the machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = psutil.Process().memory_info()
    Path("/proc/self/clear_refs").write_text("5", "utf-8")  # the peak is counted from here
    resource.setrlimit(resource.RLIMIT_AS, (before.vms + 6 * 2**30, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert peak() - before.rss < 2**30


def model_of(*nodes: onnx.NodeProto, weights: dict[str, list[int]], x: list[int] | None = None) -> onnx.ModelProto:
    inputs = [] if x is None else [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)]
    constants = [numpy_helper.from_array(np.array(values, np.int64), name) for name, values in weights.items()]
    one = numpy_helper.from_array(np.array(1, np.float32), "one")
    return helper.make_model(helper.make_graph(nodes, "g", inputs, [], [*constants, one]))


def shapes(model: onnx.ModelProto) -> dict[str, list[int]]:
    inferred = inferred_shapes(model)
    assert inferred is not None
    return {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in inferred.graph.value_info
    }


@pytest.mark.parametrize(
    "nodes",
    [
        [helper.make_node("ConstantOfShape", ["shape"], ["big"])],
        [helper.make_node("Expand", ["one", "shape"], ["big"])],
        [helper.make_node("Reshape", ["x", "shape"], ["big"])],
        [helper.make_node("Identity", ["x"], ["big"])],
    ],
    ids=["constant of shape", "expand", "reshape", "declared"],
)
def test_a_vector_of_2_to_the_36_elements_costs_no_memory(nodes: list[onnx.NodeProto]) -> None:
    model = model_of(*nodes, helper.make_node("Add", ["big", "one"], ["y"]), weights={"shape": [HUGE]}, x=[HUGE])
    assert shapes(model) == {"big": [HUGE], "y": [HUGE]}


def test_nor_does_one_inside_a_function() -> None:
    inner = [
        helper.make_node("Constant", [], ["shape"], value_ints=[HUGE]),
        helper.make_node("ConstantOfShape", ["shape"], ["big"]),
        helper.make_node("Constant", [], ["two"], value_float=2.0),
        helper.make_node("Add", ["big", "two"], ["sum"]),
        helper.make_node("Add", ["sum", "a"], ["b"]),
    ]
    function = helper.make_function("own", "Grow", ["a"], ["b"], inner, [helper.make_opsetid("", 21)])
    model = model_of(helper.make_node("Grow", ["x"], ["y"], domain="own"), weights={}, x=[1])
    del model.opset_import[:]
    model.opset_import.extend([helper.make_opsetid("", 21), helper.make_opsetid("own", 1)])
    model.functions.append(function)
    assert shapes(model) == {"y": [HUGE]}


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4), st.integers(-1, 2**63 - 1))
def test_a_shape_that_is_computed_follows_whatever_numbers_stand_beside_it(dims: list[int], end: int) -> None:
    """The shape of x, cut and given to ConstantOfShape; ``end`` beyond the last place, as exporters write it."""
    end = max(end, len(dims))
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Slice", ["shape", "from", "to"], ["cut"]),
        helper.make_node("ConstantOfShape", ["cut"], ["y"]),
    ]
    assert shapes(model_of(*nodes, weights={"from": [0], "to": [end]}, x=dims))["y"] == dims
