"""Worked numbers in the tensors' own types: whole numbers wrap as onnxruntime's do, coarse ones agree as they are."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from explorer.graph.graph import Node
from explorer.trace.arithmetic import calculate
from explorer.trace.arithmetic.number_types import rounded, spacing, wrapped
from tests.trace.worked_cases import Array, of, traced

WHOLE = {"int8": np.int8, "uint8": np.uint8, "int32": np.int32, "int64": np.int64, "uint64": np.uint64}
EXAMPLES = settings(max_examples=40, deadline=None)


def numbers(kind: type) -> st.SearchStrategy[int]:
    limits = np.iinfo(kind)
    return st.one_of(
        st.integers(int(limits.min), int(limits.max)), st.sampled_from([int(limits.min), int(limits.max), 0, 1])
    )


def all_agree(op: str, inputs: list[Array | None], attributes: dict[str, object] | None = None) -> None:
    node, values = traced(op, inputs, attributes or {}, 20)
    for element in np.ndindex(values["y"].shape):
        work = of(node, values, element)
        stored = int(values["y"][element])
        if abs(stored) < 2**53:
            assert work.result == stored, (op, work.formula, work.terms[:4])
        assert work.agrees, (op, work.result, stored)


@EXAMPLES
@given(st.sampled_from(["int32", "int64"]), st.sampled_from(["Add", "Sub", "Mul"]), st.data())
def test_whole_numbers_wrap_around(kind: str, op: str, data: st.DataObject) -> None:
    a, b = (np.array(data.draw(st.lists(numbers(WHOLE[kind]), min_size=3, max_size=3)), WHOLE[kind]) for _ in range(2))
    all_agree(op, [a, b])


@EXAMPLES
@given(st.sampled_from(["int8", "int32", "int64"]), st.sampled_from(["Neg", "Abs", "Identity"]), st.data())
def test_one_whole_number(kind: str, op: str, data: st.DataObject) -> None:
    all_agree(op, [np.array(data.draw(st.lists(numbers(WHOLE[kind]), min_size=2, max_size=4)), WHOLE[kind])])


@EXAMPLES
@given(st.sampled_from(["int32", "int64"]), st.data())
def test_matrix_products_of_whole_numbers(kind: str, data: st.DataObject) -> None:
    row = st.lists(numbers(WHOLE[kind]), min_size=3, max_size=3)
    a = np.array(data.draw(st.lists(row, min_size=2, max_size=2)), WHOLE[kind])
    all_agree("MatMul", [a, a.T.copy()])


@EXAMPLES
@given(hnp.arrays(np.int64, (2, 3), elements=st.integers(-(2**19), 2**19)))
def test_sums_and_products_beyond_what_a_double_holds(a: np.ndarray) -> None:
    """Where the sum itself would not fit, onnxruntime gives the largest number of the type: not ONNX's definition."""
    for op in ("ReduceSum", "ReduceProd", "ReduceSumSquare", "ReduceL1"):
        all_agree(op, [a, np.array([1], np.int64)])


def test_a_hand_worked_case() -> None:
    """22 · 21 = 462 = 256 + 206 in eight bits; −(−128) does not exist in them."""
    assert wrapped(22 * 21, "uint8") == 206
    assert wrapped(128, "int8") == -128
    node = Node("n0", "Mul", "", "", (), "other", ("a", "b"), ("y",), {})
    values = {name: np.array(number, np.uint8) for name, number in (("a", 22), ("b", 21), ("y", 206))}
    work = calculate(node, values, ())
    assert work is not None
    assert (work.result, work.stored, work.agrees) == (206, 206, True)
    assert work.steps[-1].text == "462 mod 2^8"


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("op", ["Add", "Mul", "Div", "MatMul", "ReduceSum", "Softmax", "Sigmoid", "Exp"])
def test_real_numbers_agree_within_their_precision(op: str, kind: type) -> None:
    chance = np.random.default_rng(0)
    both: list[Array | None] = [chance.normal(0, 3, (24, 24)).astype(kind) for _ in range(2)]
    inputs = both if op in ("Add", "Mul", "Div", "MatMul") else both[:1]
    node, values = traced(op, inputs, {}, 20)
    elements = list(np.ndindex(values["y"].shape))[:: max(1, values["y"].size // 40)]
    for element in elements:
        assert of(node, values, element).agrees, element


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float8e4m3fn"])
def test_what_is_wrong_does_not_agree(kind: str) -> None:
    node = Node("n0", "Add", "", "", (), "other", ("a", "b"), ("y",), {})
    one = np.array([1.0], np.float32)
    for stored, agrees in (
        (2.0, True),
        (2.0 * (1 + 8 * spacing(kind)), False),
        (float("nan"), False),
        (float("inf"), False),
    ):
        work = calculate(node, {"a": one, "b": one, "y": np.array([stored], np.float32)}, (0,), dtype=kind)
        assert work is not None
        assert work.agrees == agrees, (kind, stored)


@given(st.floats(allow_nan=False), st.sampled_from(["float16", "bfloat16", "float32"]))
def test_rounding_is_the_types_own(value: float, kind: str) -> None:
    with np.errstate(over="ignore"):
        expected = float(np.asarray(value, np.float64).astype(np.dtype(getattr(ml_dtypes, kind, kind))))
    assert rounded(value, kind) == expected


@pytest.mark.parametrize("op", ["ReduceSum", "ReduceMax", "ReduceMean", "ReduceProd", "ReduceLogSumExp", "ReduceL2"])
def test_nothing_to_reduce(op: str) -> None:
    node = Node("n0", op, "", "", (), "other", ("x",), ("y",), {"keepdims": 0})
    neutral = {"ReduceSum": 0.0, "ReduceMax": -np.inf, "ReduceMean": np.nan, "ReduceProd": 1.0, "ReduceL2": 0.0}
    stored = neutral.get(op, -np.inf)
    work = calculate(node, {"x": np.zeros((0,), np.float32), "y": np.array(stored, np.float32)}, ())
    assert work is not None
    assert len(work.terms) == 0
    assert work.agrees
