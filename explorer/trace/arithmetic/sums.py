"""Weighted sums: convolution, Gemm, MatMul. One term a product, the bias as the last term."""

import numpy as np
import numpy.typing as npt

from explorer.trace.arithmetic.calculation import Block, Calculation, Places, Step
from explorer.trace.arithmetic.operation_call import OperationCall, grid, lone, plus
from explorer.trace.arithmetic.windows import Window, window_of
from models.errors import N_

# A linear layer, a convolution: the same sum, over other elements.
WEIGHTED = "y = Σ x·w + b"
UNBIASED = "y = Σ x·w"


def convolution(call: OperationCall) -> Calculation:
    """Conv in any number of dimensions. x: (N, C, *spatial); w: (M, C / groups, *kernel); b: (M,)."""
    x, w = call.tensor(0), call.tensor(1)
    sample, kernel, *place = call.element
    window = window_of(call, x.shape[2:], w.shape[2:])
    inner = w.shape[1]
    group = kernel // (w.shape[0] // int(call.value("group", 1)))
    taps = grid(*(np.arange(size) for size in w.shape[1:]))  # (C / groups · kernel, 1 + spatial)
    left = call.picked(0, *_seen(window, taps, sample, group * inner, tuple(place)))
    right = call.picked(1, np.concatenate([np.full((len(taps), 1), kernel), taps], axis=1))
    products = Block(left, right, left.values * right.values)
    if not call.has(2):
        return call.made(UNBIASED, [products], steps=_summed(products), window=w.shape[1:])
    bias = lone(call.one(2, (kernel,)))
    return call.made(WEIGHTED, [products, bias], steps=plus(bias, float(products.values.sum())), window=w.shape[1:])


def _seen(
    window: Window, taps: Places, sample: int, first: int, place: tuple[int, ...]
) -> tuple[Places, npt.NDArray[np.bool_]]:
    """Where the input is read for each tap (channel, *kernel), and whether that lies inside it."""
    spatial = window.places(taps[:, 1:], place)
    indices = np.concatenate([np.full((len(taps), 1), sample), taps[:, :1] + first, spatial], axis=1)
    return indices, window.inside(spatial)


def _summed(products: Block) -> tuple[Step, ...]:
    return (Step(N_("Sum of the products"), "Σ x·w", float(products.values.sum())),)


def gemm(call: OperationCall) -> Calculation:
    """α · A'B' + β · C, with A' and B' turned where transA and transB say so; C is broadcast."""
    row, column = call.element
    alpha, beta = call.value("alpha", 1.0), call.value("beta", 1.0)
    turned = bool(call.value("transA", 0)), bool(call.value("transB", 0))
    k = np.arange(call.tensor(0).shape[0 if turned[0] else 1])
    left = call.picked(0, _pairs(np.full_like(k, row), k, turned[0]))
    right = call.picked(1, _pairs(k, np.full_like(k, column), turned[1]))
    products = Block(left, right, alpha * left.values * right.values)
    scaled = "" if alpha == 1 else f"{alpha:g}·"
    if not call.has(2) or beta == 0:
        return call.made(f"y = {scaled}Σ x·w", [products], steps=_summed(products))
    bias = call.broadcast(2)
    block = lone(bias, beta * float(bias.values[0]))
    formula = f"y = {scaled}Σ x·w + {'' if beta == 1 else f'{beta:g}·'}b"
    return call.made(formula, [products, block], steps=plus(block, float(products.values.sum())))


def _pairs(row: Places, column: Places, turned: bool) -> Places:
    return np.stack([column, row] if turned else [row, column], axis=1)


def matmul(call: OperationCall) -> Calculation:
    """numpy's matmul: batch dimensions are broadcast, a vector on either side has no row or column of its own."""
    a, b = call.tensor(0), call.tensor(1)
    element = list(call.element)
    column = [element.pop()] if b.ndim > 1 else []
    row = [element.pop()] if a.ndim > 1 else []
    k = np.arange(a.shape[-1])
    left = call.picked(0, _indices(a.shape[:-2], element, row, k, last=True))
    right = call.picked(1, _indices(b.shape[:-2], element, column, k, last=False))
    products = Block(left, right, left.values * right.values)
    return call.made("y = Σ a·b", [products], steps=_summed(products))


def _indices(batch: tuple[int, ...], element: list[int], own: list[int], k: Places, *, last: bool) -> Places:
    """Indices of the K elements of a row (k last) or column (k first) within the broadcast batch."""
    tail = element[len(element) - len(batch) :]
    fixed = [0 if size == 1 else place for size, place in zip(batch, tail, strict=True)]
    columns = [np.full_like(k, place) for place in fixed]
    ends = [np.full_like(k, place) for place in own]
    return np.stack([*columns, *ends, k] if last else [*columns, k, *ends], axis=1)
