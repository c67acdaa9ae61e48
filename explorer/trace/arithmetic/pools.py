"""Pooling and batch normalisation: the largest or the mean of a window, and a number brought to mean 0 and spread 1."""

from math import sqrt

import numpy as np

from explorer.trace.arithmetic.calculation import Block, Calculation, Operand, Step, number
from explorer.trace.arithmetic.operation_call import OperationCall, grid, lone
from explorer.trace.arithmetic.windows import window_of
from models.errors import N_

LARGEST = "y = max x"
MEAN = "y = (Σ x) / n"


def max_pool(call: OperationCall) -> Calculation:
    """MaxPool. x: (N, C, *spatial). Padding never wins: it counts as −∞."""
    kernel = call.integers("kernel_shape", ())
    seen, _ = _window(call, kernel, outside=-np.inf)
    return call.made(LARGEST, [Block(seen, None, seen.values)], combine="max", window=kernel)


def average_pool(call: OperationCall) -> Calculation:
    """AveragePool. The divisor counts the padding where count_include_pad says so, but never what lies beyond it."""
    kernel = call.integers("kernel_shape", ())
    seen, within = _window(call, kernel, outside=0.0)
    with_padding = bool(call.value("count_include_pad", 0))
    count = int(within) if with_padding else int((~seen.padding).sum())
    return _mean(call, seen, count, kernel)


def _window(call: OperationCall, kernel: tuple[int, ...], outside: float) -> tuple[Operand, int]:
    """What a pooling's window sees, and how many of its places lie in the input or its declared padding."""
    sample, channel, *place = call.element
    window = window_of(call, call.tensor(0).shape[2:], kernel)
    places = window.places(grid(*(np.arange(size) for size in kernel)), tuple(place))
    start = np.tile(np.array([sample, channel]), (len(places), 1))
    seen = call.picked(0, np.concatenate([start, places], axis=1), window.inside(places), outside)
    return seen, int(window.padded(places).sum())


def global_average_pool(call: OperationCall) -> Calculation:
    """The mean of one channel. x: (N, C, *spatial)."""
    seen, shape = _channel(call)
    return _mean(call, seen, len(seen.values), shape)


def global_max_pool(call: OperationCall) -> Calculation:
    """The largest number of one channel. x: (N, C, *spatial)."""
    seen, shape = _channel(call)
    return call.made(LARGEST, [Block(seen, None, seen.values)], combine="max", window=shape)


def _channel(call: OperationCall) -> tuple[Operand, tuple[int, ...]]:
    shape = call.tensor(0).shape[2:]
    places = grid(*(np.arange(size) for size in shape))
    start = np.tile(np.array(call.element[:2]), (len(places), 1))
    return call.picked(0, np.concatenate([start, places], axis=1)), tuple(shape)


def _mean(call: OperationCall, seen: Operand, count: int, window: tuple[int, ...]) -> Calculation:
    total = float(seen.values.sum())
    steps = (
        Step(N_("Sum of the inputs"), "Σ x", total),
        Step(N_("Divided by their number"), f"{number(total)} / {count}", total / count if count else float("nan")),
    )
    return call.made(MEAN, [Block(seen, None, seen.values / max(count, 1))], steps=steps, window=window)


def batch_normalization(call: OperationCall) -> Calculation | None:
    """scale · (x − mean) / √(var + ε) + B with stored statistics; None in training mode, which uses the batch's own."""
    if call.value("training_mode", 0):
        return None
    epsilon = call.value("epsilon", 1e-5)
    channel = call.element[1:2] or (0,)
    x = call.one(0, call.element)
    scale, bias, mean, variance = (call.one(place, channel) for place in range(1, 5))
    x0, scale0, mean0, variance0 = (float(one.values[0]) for one in (x, scale, mean, variance))
    centred, spread = x0 - mean0, sqrt(max(variance0 + epsilon, 0.0))
    normal = centred / spread if spread else float("nan")
    scaled = scale0 * normal
    steps = (
        Step(N_("Mean taken off"), f"{number(x0)} − {number(mean0)}", centred),
        Step(N_("Spread"), f"√({number(variance0)} + {epsilon:g})", spread),
        Step(N_("Divided by the spread"), f"{number(centred)} / {number(spread)}", normal),
        Step(N_("Scaled"), f"{number(scale0)} · {number(normal)}", scaled),
        Step(N_("Bias added"), f"{number(scaled)} + {number(float(bias.values[0]))}", scaled + float(bias.values[0])),
    )
    return call.made("y = γ · (x − μ) / √(σ² + ε) + β", [Block(x, scale, np.array([scaled])), lone(bias)], steps=steps)
