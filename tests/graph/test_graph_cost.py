"""Costs against a count of the very multiplications, done by hand in loops of numpy."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.graph.cost import flops
from explorer.graph.graph import Dimension, TensorType


def tensor(*shape: Dimension) -> TensorType:
    return TensorType("t", "float32", shape)


size = st.integers(1, 5)


@given(size, size, size, size, size, st.booleans())
def test_convolution(c_in: int, c_out: int, kernel: int, height: int, width: int, bias: bool) -> None:
    counted = 0
    for _ in range(c_out * height * width):  # each output pixel
        counted += 2 * c_in * kernel * kernel + (1 if bias else 0)
    inputs = [tensor(1, c_in, height + kernel - 1, width + kernel - 1), tensor(c_out, c_in, kernel, kernel)]
    result = flops("Conv", inputs + [tensor(c_out)] * bias, [tensor("batch", c_out, height, width)], {})
    assert result == counted


@given(size, size, size, st.booleans())
def test_gemm_and_matmul(rows: int, inner: int, columns: int, transposed: bool) -> None:
    counted = sum(2 for _ in range(rows) for _ in range(columns) for _ in range(inner))
    a = tensor(inner, rows) if transposed else tensor(rows, inner)
    assert flops("Gemm", [a, tensor(inner, columns)], [tensor(rows, columns)], {"transA": int(transposed)}) == counted
    assert flops("MatMul", [tensor(rows, inner), tensor(inner, columns)], [tensor(rows, columns)], {}) == counted


def test_a_symbolic_batch_counts_as_one_and_an_unknown_size_as_unknown() -> None:
    assert flops("Relu", [tensor("batch", 7)], [tensor("batch", 7)], {}) == 7
    assert flops("Relu", [tensor(None, 7)], [tensor(None, 7)], {}) is None
    assert flops("Relu", [TensorType("x", "?", None)], [TensorType("y", "?", None)], {}) is None
    assert flops("Reshape", [None], [None], {}) == 0
    assert flops("Unheard", [tensor(1)], [tensor(1)], {}) is None


def test_pooling_by_hand() -> None:
    # 2×2 windows on 4 maps of 28×28: 784 outputs of 4 numbers each.
    assert flops("MaxPool", [tensor(1, 4, 28, 28)], [tensor(1, 4, 14, 14)], {"kernel_shape": (2, 2)}) == 3136
    for unknown in ("@window", ("2", "2"), None, ()):
        assert flops("MaxPool", [tensor(1, 4, 28, 28)], [tensor(1, 4, 14, 14)], {"kernel_shape": unknown}) is None
    assert flops("GlobalAveragePool", [tensor(1, 4, 7, 7)], [tensor(1, 4, 1, 1)], {}) == 196
