"""Operations that make each output element of the input's element at the same index: activations and functions.

Each has the steps in which it is calculated. A new one is a line of ``UNARY``, and its formula one of ``FORMULAS``.
"""

from collections.abc import Callable
from math import erf, sqrt
from operator import neg

import numpy as np

from explorer.graph.formulas import FORMULAS, GELU_BY_TANH
from explorer.trace.arithmetic.calculation import Calculation, Step, number_text
from explorer.trace.arithmetic.operation_call import OperationCall, single_term
from explorer.trace.arithmetic.registry import calculates
from models.errors import N_

SQRT_HALF = sqrt(0.5)
SELU_ALPHA, SELU_GAMMA = 1.67326319217681884765625, 1.05070102214813232421875  # ONNX's defaults

Steps = Callable[[float, OperationCall], tuple[Step, ...]]
"""From the input's element and the call to the steps, of which the last has the result."""


def _exp(x: float) -> float:
    """eˣ; infinite instead of an error where it is too large."""
    return float(np.exp(np.float64(x)))


def _single_step(function: Callable[[float], float], text: str) -> Steps:
    """A function that is shown in one step: ``text`` with {x} as the number."""

    def steps(x: float, call: OperationCall) -> tuple[Step, ...]:
        return (Step(N_("Result"), text.format(x=number_text(x)), float(function(x))),)

    return steps


def _leaky_relu(x: float, call: OperationCall) -> tuple[Step, ...]:
    alpha = call.number("alpha", 0.01)
    if x >= 0:
        return (Step(N_("Result"), f"{number_text(x)} ≥ 0", x),)
    return (Step(N_("Result"), f"{alpha:g} · {number_text(x)}", alpha * x),)


def _prelu(x: float, call: OperationCall) -> tuple[Step, ...]:
    slope = float(call.broadcast_element(1).values[0])
    if x >= 0:
        return (Step(N_("Result"), f"{number_text(x)} ≥ 0", x),)
    return (Step(N_("Result"), f"{number_text(slope)} · {number_text(x)}", slope * x),)


def _sigmoid(x: float, call: OperationCall) -> tuple[Step, ...]:
    power = _exp(-x)
    return (
        Step(N_("Exponential"), f"exp(−{number_text(x)})", power),
        Step(N_("Result"), f"1 / (1 + {number_text(power)})", 1 / (1 + power)),
    )


def _elu(x: float, call: OperationCall) -> tuple[Step, ...]:
    return _exponential_below(x, call.number("alpha", 1.0), 1.0)


def _selu(x: float, call: OperationCall) -> tuple[Step, ...]:
    return _exponential_below(x, call.number("alpha", SELU_ALPHA), call.number("gamma", SELU_GAMMA))


def _exponential_below(x: float, alpha: float, gamma: float) -> tuple[Step, ...]:
    """γ·x above zero, γ·α·(eˣ − 1) below."""
    scale = "" if gamma == 1 else f"{gamma:g} · "
    if x > 0:
        return (Step(N_("Result"), f"{scale}{number_text(x)}", gamma * x),)
    power = _exp(x)
    return (
        Step(N_("Exponential"), f"exp({number_text(x)})", power),
        Step(N_("Result"), f"{scale}{alpha:g} · ({number_text(power)} − 1)", gamma * alpha * float(np.expm1(x))),
    )


def _celu(x: float, call: OperationCall) -> tuple[Step, ...]:
    alpha = call.number("alpha", 1.0)
    value = max(x, 0.0) + min(0.0, alpha * float(np.expm1(x / alpha)))
    return (
        Step(
            N_("Result"),
            f"max(0, {number_text(x)}) + min(0, {alpha:g} · (exp({number_text(x)} / {alpha:g}) − 1))",
            value,
        ),
    )


def _gelu(x: float, call: OperationCall) -> tuple[Step, ...]:
    if call.text("approximate", "none") == "tanh":
        inner = sqrt(2 / np.pi) * (x + 0.044715 * x**3)
        share = 0.5 * (1 + float(np.tanh(inner)))
        text = f"(1 + tanh({number_text(inner)})) / 2"
    else:
        share = 0.5 * (1 + erf(x * SQRT_HALF))
        text = f"(1 + erf({number_text(x)} / √2)) / 2"
    return (
        Step(N_("Share that passes"), text, share),
        Step(N_("Result"), f"{number_text(x)} · {number_text(share)}", x * share),
    )


def _clip(x: float, call: OperationCall) -> tuple[Step, ...]:
    """Bounds are inputs, or attributes before opset 11."""
    least = float(call.input(1).reshape(-1)[0]) if call.has_input(1) else call.number("min", -np.inf)
    most = float(call.input(2).reshape(-1)[0]) if call.has_input(2) else call.number("max", np.inf)
    text = f"min({number_text(most)}, max({number_text(least)}, {number_text(x)}))"
    return (Step(N_("Result"), text, float(np.minimum(most, np.maximum(least, x)))),)


def _hard_sigmoid(x: float, call: OperationCall) -> tuple[Step, ...]:
    alpha, beta = call.number("alpha", 0.2), call.number("beta", 0.5)
    line = alpha * x + beta
    return (
        Step(N_("Straight line"), f"{alpha:g} · {number_text(x)} + {beta:g}", line),
        Step(N_("Result"), f"min(1, max(0, {number_text(line)}))", float(np.clip(line, 0.0, 1.0))),
    )


def _hard_swish(x: float, call: OperationCall) -> tuple[Step, ...]:
    gate = float(np.clip(x / 6 + 0.5, 0.0, 1.0))
    return (
        Step(N_("Share that passes"), f"min(1, max(0, {number_text(x)} / 6 + 1/2))", gate),
        Step(N_("Result"), f"{number_text(x)} · {number_text(gate)}", x * gate),
    )


def _mish(x: float, call: OperationCall) -> tuple[Step, ...]:
    soft = float(np.logaddexp(0, x))
    return (
        Step(N_("Softened maximum"), f"log(1 + exp({number_text(x)}))", soft),
        Step(N_("Result"), f"{number_text(x)} · tanh({number_text(soft)})", x * float(np.tanh(soft))),
    )


def _threshold(x: float, call: OperationCall) -> tuple[Step, ...]:
    alpha = call.number("alpha", 1.0)
    return (Step(N_("Result"), f"{number_text(x)} {'>' if x > alpha else '≤'} {alpha:g}", x if x > alpha else 0.0),)


def _relu(x: float) -> float:
    return float(np.maximum(x, 0.0))  # NaN stays NaN


UNARY: dict[str, Steps] = {
    "Relu": _single_step(_relu, "max(0, {x})"),
    "LeakyRelu": _leaky_relu,
    "PRelu": _prelu,
    "Sigmoid": _sigmoid,
    "Tanh": _single_step(np.tanh, "tanh({x})"),
    "Elu": _elu,
    "Selu": _selu,
    "Celu": _celu,
    "Gelu": _gelu,
    "Clip": _clip,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _hard_swish,
    "Mish": _mish,
    "Softplus": _single_step(lambda x: np.logaddexp(0, x), "log(1 + exp({x}))"),
    "Softsign": _single_step(lambda x: x / (1 + abs(x)), "{x} / (1 + |{x}|)"),
    "ThresholdedRelu": _threshold,
    "Erf": _single_step(erf, "erf({x})"),
    "Exp": _single_step(_exp, "exp({x})"),
    "Log": _single_step(np.log, "log({x})"),
    "Sqrt": _single_step(np.sqrt, "√{x}"),
    "Reciprocal": _single_step(np.reciprocal, "1 / {x}"),
    "Neg": _single_step(lambda x: -x, "−{x}"),
    "Abs": _single_step(abs, "|{x}|"),
    "Floor": _single_step(np.floor, "⌊{x}⌋"),
    "Ceil": _single_step(np.ceil, "⌈{x}⌉"),
    "Round": _single_step(np.rint, "round({x})"),
    "Sign": _single_step(np.sign, "sign({x})"),
    "Sin": _single_step(np.sin, "sin({x})"),
    "Cos": _single_step(np.cos, "cos({x})"),
    "Identity": _single_step(lambda x: x, "{x}"),
}
"""By operation: the output is calculated from the input's element at the same index."""

WHOLE: dict[str, Callable[[int], int]] = {"Neg": neg, "Abs": abs, "Identity": int}
"""The same for whole numbers, exactly."""


@calculates(*UNARY)
def unary(call: OperationCall) -> Calculation:
    """An operation of one element, as ``UNARY`` describes it."""
    operand = call.single_element(0, call.element)
    with np.errstate(all="ignore"):
        steps = UNARY[call.node.op_type](float(operand.values[0]), call)
    formula = FORMULAS[call.node.op_type]
    if call.node.op_type == "Gelu" and call.text("approximate", "none") == "tanh":
        formula = GELU_BY_TANH
    exact = None
    if call.whole and call.node.op_type in WHOLE:
        exact = WHOLE[call.node.op_type](call.whole_numbers(operand)[0])
    return call.calculation(formula, [single_term(operand, steps[-1].value)], steps=steps, exact=exact)
