"""Worked numbers against onnxruntime: every operation, all elements of small outputs, made-up sizes and attributes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.graph.graph import Node
from explorer.trace.arithmetic import calculate
from models.errors import GraphError
from tests.trace.worked_cases import compared, integers, numbers, of, traced

EXAMPLES = settings(max_examples=20, deadline=None)
SEEDS = st.integers(0, 10**6)


@st.composite
def windows(draw: st.DrawFn, pool: bool) -> dict[str, Any]:
    """Spatial sizes with a kernel, strides, dilations and padding that fit them, in one to three dimensions."""
    rank = draw(st.integers(1, 3))
    kernel = [draw(st.integers(1, 3)) for _ in range(rank)]
    dilations = [draw(st.integers(1, 2)) for _ in range(rank)]
    size = [(k - 1) * d + 1 + draw(st.integers(0, 4)) for k, d in zip(kernel, dilations, strict=True)]
    results: dict[str, Any] = {
        "size": size,
        "kernel_shape": kernel,
        "dilations": dilations,
        "strides": [draw(st.integers(1, 3)) for _ in range(rank)],
    }
    automatic = draw(st.sampled_from(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if automatic != "NOTSET":
        return {**results, "auto_pad": automatic, "dilations": [1] * rank}
    # A pooling's padding must be smaller than its kernel, or a window could see nothing but padding.
    pads = [draw(st.integers(0, k - 1 if pool else 3)) for k in kernel * 2]
    return {**results, "pads": pads}


@EXAMPLES
@given(windows(pool=False), st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.booleans(), SEEDS)
def test_convolution(window: dict[str, Any], groups: int, inner: int, outer: int, biased: bool, seed: int) -> None:
    size, kernel = window.pop("size"), window["kernel_shape"]
    x = numbers(seed, 2, groups * inner, *size)
    w = numbers(seed + 1, groups * outer, inner, *kernel)
    b = numbers(seed + 2, groups * outer) if biased else None
    for work in compared("Conv", [x, w, b], {**window, "group": groups}):
        assert work.window == (inner, *kernel)
        assert len(work.terms) == inner * int(np.prod(kernel)) + biased


def test_a_convolution_worked_by_hand() -> None:
    x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    w = np.array([[[[1, 2], [3, 4]]]], np.float32)
    node, values = traced("Conv", [x, w, np.array([10], np.float32)], {"pads": (1, 1, 0, 0)}, 20)
    work = of(node, values, (0, 0, 0, 1))  # the window covers a row of padding, then 0 and 1
    assert [(t.left.index[2:], t.left.value, t.left.padding) for t in work.terms[:4]] == [
        ((-1, 0), 0.0, True),
        ((-1, 1), 0.0, True),
        ((0, 0), 0.0, False),
        ((0, 1), 1.0, False),
    ]
    assert [term.value for term in work.terms] == [0, 0, 0, 4, 10]
    assert (work.formula, work.result) == (r"y = \sum_i x_i\, w_i + b", 14.0)


@EXAMPLES
@given(
    st.booleans(),
    st.booleans(),
    st.sampled_from([1.0, 0.5, -2.0]),
    st.sampled_from([1.0, 0.0, 3.0]),
    st.sampled_from([None, (), (1,), (4,), (3, 1), (3, 4)]),
    SEEDS,
)
def test_gemm(a: bool, b: bool, alpha: float, beta: float, bias: tuple[int, ...] | None, seed: int) -> None:
    left, right = numbers(seed, 3, 5), numbers(seed + 1, 5, 4)
    c = None if bias is None else np.asarray(numbers(seed + 2, *bias))
    attributes = {"transA": int(a), "transB": int(b), "alpha": alpha, "beta": beta}
    compared("Gemm", [left.T.copy() if a else left, right.T.copy() if b else right, c], attributes)


@EXAMPLES
@given(
    st.sampled_from(
        [
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((2, 3), (3, 4)),
            ((5, 2, 3), (3, 4)),
            ((2, 3), (5, 3, 4)),
            ((4, 1, 2, 3), (5, 3, 2)),
            ((3,), (2, 3, 4)),
            ((2, 2, 3), (3,)),
        ]
    ),
    SEEDS,
)
def test_matmul(shapes: tuple[tuple[int, ...], tuple[int, ...]], seed: int) -> None:
    compared("MatMul", [numbers(seed, *shapes[0]), numbers(seed + 1, *shapes[1])])


@EXAMPLES
@given(windows(pool=True), st.booleans(), SEEDS)
def test_max_pool(window: dict[str, Any], ceil: bool, seed: int) -> None:
    x = numbers(seed, 2, 2, *window.pop("size"))
    for work in compared("MaxPool", [x], {**window, "ceil_mode": int(ceil)}):
        assert work.combine == "max"


@EXAMPLES
@given(windows(pool=True), st.booleans(), st.booleans(), SEEDS)
def test_average_pool(window: dict[str, Any], ceil: bool, with_padding: bool, seed: int) -> None:
    x = numbers(seed, 2, 2, *window.pop("size"))
    compared("AveragePool", [x], {**window, "ceil_mode": int(ceil), "count_include_pad": int(with_padding)})


@pytest.mark.parametrize("op_type", ["GlobalAveragePool", "GlobalMaxPool"])
def test_global_pools(op_type: str) -> None:
    for shape in ((2, 3, 4), (1, 2, 3, 5), (1, 2, 2, 3, 2)):
        compared(op_type, [numbers(1, *shape)])


@EXAMPLES
@given(st.lists(st.integers(1, 3), min_size=0, max_size=3), st.sampled_from([1e-5, 0.1]), SEEDS)
def test_batch_normalization(spatial: list[int], epsilon: float, seed: int) -> None:
    x = numbers(seed, 2, 3, *spatial)
    scale, bias, mean = (numbers(seed + place, 3) for place in (1, 2, 3))
    compared("BatchNormalization", [x, scale, bias, mean, numbers(seed + 4, 3) ** 2], {"epsilon": epsilon})


@EXAMPLES
@given(st.sampled_from(["Softmax", "LogSoftmax"]), st.sampled_from([9, 13]), st.integers(-2, 2), SEEDS)
def test_softmax_in_both_meanings_of_its_axis(op_type: str, opset: int, axis: int, seed: int) -> None:
    x = numbers(seed, 2, 3, 4) * 5
    for work in compared(op_type, [x], {"axis": axis}, opset):
        assert len(work.terms) == (x.shape[axis] if opset == 13 else np.prod(x.shape[axis % 3 :]))
    compared(op_type, [x], {}, opset)


def test_softmax_of_large_numbers_does_not_overflow() -> None:
    assert [w.result for w in compared("Softmax", [np.array([[1000, 1000]], np.float32)])] == [0.5, 0.5]


@EXAMPLES
@given(
    st.sampled_from(["Add", "Sub", "Mul", "Div", "Pow", "Sum", "Mean", "Max", "Min"]),
    st.sampled_from([((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 3), ()), ((3, 1), (1, 4)), ((1,), (2, 1, 3)), ((), ())]),
    SEEDS,
)
def test_broadcast_arithmetic(op_type: str, shapes: tuple[tuple[int, ...], tuple[int, ...]], seed: int) -> None:
    a, b = np.asarray(numbers(seed, *shapes[0])), np.asarray(numbers(seed + 1, *shapes[1]))
    compared(op_type, [np.abs(a) + np.float32(0.1) if op_type == "Pow" else a, b])


def test_whole_numbers_are_divided_towards_zero() -> None:
    assert [w.result for w in compared("Div", [integers(7, -7, 8), integers(2, 2, -3)])] == [3, -3, -2]


def test_a_long_sum_shows_its_largest_terms() -> None:
    x, w = numbers(1, 1, 18_147), numbers(2, 10, 18_147)
    node, values = traced("Gemm", [x, w, numbers(3, 10)], {"transB": 1}, 20)
    work = of(node, values, (0, 7))
    assert len(work.terms) == 18_148
    top = work.largest(20)
    assert (len(top.terms), top.count) == (20, 18_128)
    sizes = [abs(term.value) for term in top.terms]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == np.abs(x[0].astype(float) * w[7]).max()
    assert sum(term.value for term in top.terms) + top.rest == pytest.approx(work.total)
    assert work.terms[-1].right is None and work.terms[-1].left.tensor == "t2"
    with pytest.raises(IndexError):
        work.terms[18_148]


def test_the_largest_of_a_maximum_and_of_a_product() -> None:
    x = np.array([[-9.0, 1.0, 3.0, 2.0]], np.float32)
    assert of(*traced("ReduceMax", [x], {}, 13), (0, 0)).largest(2).terms[0].value == 3.0
    assert of(*traced("ReduceMax", [x], {}, 13), (0, 0)).largest(2).rest == 1.0
    assert of(*traced("ReduceMin", [x], {}, 13), (0, 0)).largest(1).terms[0].value == -9.0
    assert of(*traced("ReduceProd", [x], {}, 13), (0, 0)).largest(2).rest == 2.0
    assert of(*traced("ReduceSum", [x], {}, 13), (0, 0)).largest(9).rest == 0.0


def test_what_is_not_worked_out() -> None:
    node = Node("n0", "Conv", "my.own", "", (), "other", ("x",), ("y",), {})
    values = {"x": numbers(1, 2), "y": numbers(1, 2)}
    assert calculate(node, values, (0,)) is None
    assert calculate(Node("n0", "Relu", "", "", (), "activation", ("x",), ("y",), {}), values, (0,), 1) is None
    assert calculate(Node("n0", "Shape", "", "", (), "shape", ("x",), ("y",), {}), values, (0,)) is None
    assert calculate(Node("n0", "Not", "", "", (), "other", ("x",), ("y",), {}), values, (0,)) is None
    words = {"x": np.array(["a"], dtype=object), "y": np.array(["a"], dtype=object)}
    assert calculate(Node("n0", "Identity", "", "", (), "other", ("x",), ("y",), {}), words, (0,)) is None
    training = Node("n0", "BatchNormalization", "", "", (), "", ("x",) * 5, ("y",), {"training_mode": 1})
    assert calculate(training, values, (0,)) is None


@pytest.mark.parametrize("element", [(2,), (-1,), (), (0, 0)])
def test_an_element_that_is_not_there(element: tuple[int, ...]) -> None:
    node = Node("n0", "Relu", "", "", (), "activation", ("x",), ("y",), {})
    with pytest.raises(GraphError, match="has no element"):
        calculate(node, {"x": numbers(1, 2), "y": numbers(1, 2)}, element)


def test_a_value_that_the_trace_does_not_hold() -> None:
    node = Node("n0", "Relu", "", "", (), "activation", ("x",), ("y",), {})
    with pytest.raises(GraphError, match="'x' is not known"):
        calculate(node, {"y": numbers(1, 2)}, (0,))
    with pytest.raises(GraphError, match="'y' is not known"):
        calculate(node, {"x": numbers(1, 2)}, (0,))


def test_a_wrong_trace_does_not_agree() -> None:
    node, values = traced("Sigmoid", [numbers(1, 3)], {}, 20)
    assert not of(node, {**values, "y": values["y"] + np.float32(1e-3)}, (0,)).agrees
