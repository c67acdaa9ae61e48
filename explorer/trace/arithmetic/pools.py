"""Pooling: the largest number or the mean of a window or of a whole channel."""

import numpy as np

from explorer.graph.formulas import FORMULAS
from explorer.trace.arithmetic.calculation import Calculation, Operand, Step, TermBlock, number_text
from explorer.trace.arithmetic.operation_call import OperationCall, index_grid
from explorer.trace.arithmetic.registry import calculates
from explorer.trace.arithmetic.windows import window_of
from models.errors import N_


@calculates("MaxPool")
def max_pool(call: OperationCall) -> Calculation:
    """x: (N, C, *spatial). Padding never is the largest: it counts as −∞."""
    kernel = call.integers("kernel_shape", ())
    covered, _ = _window(call, kernel, padding=-np.inf)
    return _maximum(call, covered, kernel)


@calculates("AveragePool")
def average_pool(call: OperationCall) -> Calculation:
    """The divisor counts the padding where count_include_pad says so, but never what lies beyond it."""
    kernel = call.integers("kernel_shape", ())
    covered, padded_count = _window(call, kernel, padding=0.0)
    with_padding = bool(call.number("count_include_pad", 0))
    count = padded_count if with_padding else int((~covered.padding).sum())
    return _mean(call, covered, count, kernel)


def _window(call: OperationCall, kernel: tuple[int, ...], padding: float) -> tuple[Operand, int]:
    """What a pooling's window covers, and how many of its indices lie in the input or its declared padding."""
    sample, channel, *position = call.element
    window = window_of(call, call.input(0).shape[2:], kernel)
    spatial = window.input_indices(index_grid(*(np.arange(size) for size in kernel)), tuple(position))
    start = np.tile(np.array([sample, channel]), (len(spatial), 1))
    covered = call.elements(0, np.concatenate([start, spatial], axis=1), window.inside(spatial), padding)
    return covered, int(window.inside_padded(spatial).sum())


@calculates("GlobalAveragePool")
def global_average_pool(call: OperationCall) -> Calculation:
    """The mean of one channel. x: (N, C, *spatial)."""
    covered, shape = _channel(call)
    return _mean(call, covered, len(covered.values), shape)


@calculates("GlobalMaxPool")
def global_max_pool(call: OperationCall) -> Calculation:
    """The largest number of one channel. x: (N, C, *spatial)."""
    return _maximum(call, *_channel(call))


def _channel(call: OperationCall) -> tuple[Operand, tuple[int, ...]]:
    """All elements of the output element's channel, and the channel's shape."""
    shape = call.input(0).shape[2:]
    spatial = index_grid(*(np.arange(size) for size in shape))
    start = np.tile(np.array(call.element[:2]), (len(spatial), 1))
    return call.elements(0, np.concatenate([start, spatial], axis=1)), tuple(shape)


def _maximum(call: OperationCall, covered: Operand, window: tuple[int, ...]) -> Calculation:
    return call.calculation(
        FORMULAS["ReduceMax"], [TermBlock(covered, None, covered.values)], combine="max", window=window
    )


def _mean(call: OperationCall, covered: Operand, count: int, window: tuple[int, ...]) -> Calculation:
    total = float(covered.values.sum())
    mean = total / count if count else float("nan")
    steps = (
        Step(N_("Sum of the inputs"), "Σ x", total),
        Step(N_("Divided by their number"), f"{number_text(total)} / {count}", mean),
    )
    block = TermBlock(covered, None, covered.values / max(count, 1))
    return call.calculation(FORMULAS["ReduceMean"], [block], steps=steps, window=window)
