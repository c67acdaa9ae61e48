"""Weighted sums: convolution, Gemm, MatMul. One term for each product, the bias as the last term."""

import numpy as np
import numpy.typing as npt

from explorer.graph.formulas import FORMULAS, weighted_sum
from explorer.trace.arithmetic.calculation import Calculation, Indices, Step, TermBlock
from explorer.trace.arithmetic.operation_call import OperationCall, bias_steps, index_grid, single_term
from explorer.trace.arithmetic.registry import calculates
from explorer.trace.arithmetic.windows import InputWindow, window_of
from models.errors import N_


@calculates("Conv")
def convolution(call: OperationCall) -> Calculation:
    """Conv in any number of dimensions. x: (N, C, *spatial); w: (M, C / groups, *kernel); b: (M,)."""
    x, w = call.input(0), call.input(1)
    sample, kernel, *position = call.element
    window = window_of(call, x.shape[2:], w.shape[2:])
    channels = w.shape[1]
    group = kernel // (w.shape[0] // int(call.number("group", 1)))
    taps = index_grid(*(np.arange(size) for size in w.shape[1:]))  # (C / groups · kernel, 1 + spatial)
    left = call.elements(0, *_covered(window, taps, sample, group * channels, tuple(position)))
    right = call.elements(1, np.concatenate([np.full((len(taps), 1), kernel), taps], axis=1))
    products = TermBlock(left, right, left.values * right.values)
    if not call.has_input(2):
        return call.calculation(weighted_sum(), [products], steps=_sum_step(products), window=w.shape[1:])
    bias = single_term(call.single_element(2, (kernel,)))
    steps = bias_steps(bias, float(products.values.sum()))
    return call.calculation(weighted_sum(bias=1), [products, bias], steps=steps, window=w.shape[1:])


def _covered(
    window: InputWindow, taps: Indices, sample: int, first_channel: int, position: tuple[int, ...]
) -> tuple[Indices, npt.NDArray[np.bool_]]:
    """Input indices (n, 2 + spatial) of the taps (n, 1 + spatial), and (n,) whether each lies inside the input."""
    spatial = window.input_indices(taps[:, 1:], position)
    indices = np.concatenate([np.full((len(taps), 1), sample), taps[:, :1] + first_channel, spatial], axis=1)
    return indices, window.inside(spatial)


def _sum_step(products: TermBlock) -> tuple[Step, ...]:
    return (Step(N_("Sum of the products"), "Σ x·w", float(products.values.sum())),)


@calculates("Gemm")
def gemm(call: OperationCall) -> Calculation:
    """α · A'B' + β · C, where A' and B' are transposed if transA and transB say so; C is broadcast."""
    row, column = call.element
    alpha, beta = call.number("alpha", 1.0), call.number("beta", 1.0)
    transposed_a, transposed_b = bool(call.number("transA", 0)), bool(call.number("transB", 0))
    k = np.arange(call.input(0).shape[0 if transposed_a else 1])
    left = call.elements(0, _matrix_indices(np.full_like(k, row), k, transposed_a))
    right = call.elements(1, _matrix_indices(k, np.full_like(k, column), transposed_b))
    products = TermBlock(left, right, alpha * left.values * right.values)
    if not call.has_input(2) or beta == 0:
        return call.calculation(weighted_sum(alpha), [products], steps=_sum_step(products))
    c = call.broadcast_element(2)
    bias = single_term(c, beta * float(c.values[0]))
    steps = bias_steps(bias, float(products.values.sum()))
    return call.calculation(weighted_sum(alpha, beta), [products, bias], steps=steps)


def _matrix_indices(rows: Indices, columns: Indices, transposed: bool) -> Indices:
    return np.stack([columns, rows] if transposed else [rows, columns], axis=1)


@calculates("MatMul")
def matmul(call: OperationCall) -> Calculation:
    """numpy's matmul: batch dimensions are broadcast, a vector on either side has no row or column of its own."""
    a, b = call.input(0), call.input(1)
    element = list(call.element)
    column = [element.pop()] if b.ndim > 1 else []
    row = [element.pop()] if a.ndim > 1 else []
    k = np.arange(a.shape[-1])
    left = call.elements(0, _batch_indices(a.shape[:-2], element, row, k, k_last=True))
    right = call.elements(1, _batch_indices(b.shape[:-2], element, column, k, k_last=False))
    products = TermBlock(left, right, left.values * right.values)
    exact = None
    if call.whole:
        exact = sum(x * y for x, y in zip(call.whole_numbers(left), call.whole_numbers(right), strict=True))
    return call.calculation(FORMULAS["MatMul"], [products], steps=_sum_step(products), exact=exact)


def _batch_indices(
    batch_shape: tuple[int, ...], element: list[int], own: list[int], k: Indices, *, k_last: bool
) -> Indices:
    """Indices (K, rank) of a row's (k last) or column's (k first) elements within the broadcast batch.

    element: the output's index without row and column. own: the row or column, empty for a vector.
    """
    batch = element[len(element) - len(batch_shape) :]
    fixed = [0 if size == 1 else index for size, index in zip(batch_shape, batch, strict=True)]
    columns = [np.full_like(k, index) for index in fixed]
    ends = [np.full_like(k, index) for index in own]
    return np.stack([*columns, *ends, k] if k_last else [*columns, k, *ends], axis=1)
