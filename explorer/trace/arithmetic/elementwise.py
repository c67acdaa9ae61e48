"""Operations that make each output element of one element of each input: arithmetic of two tensors, and activations.

An activation is a formula and the function that works it out; some show steps in between.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from explorer.trace.arithmetic.calculation import Block, Calculation, Step, number
from explorer.trace.arithmetic.operation_call import OperationCall, lone
from models.errors import N_

SQRT_HALF = sqrt(0.5)
SELU_ALPHA, SELU_GAMMA = 1.67326319217681884765625, 1.05070102214813232421875  # ONNX's defaults


def add(call: OperationCall) -> Calculation:
    """a + b, broadcast."""
    return call.made("y = a + b", [lone(call.broadcast(0)), lone(call.broadcast(1))])


def subtract(call: OperationCall) -> Calculation:
    """a − b, broadcast: the second term counts negative."""
    b = call.broadcast(1)
    return call.made("y = a − b", [lone(call.broadcast(0)), lone(b, -float(b.values[0]))])


def multiply(call: OperationCall) -> Calculation:
    """a · b, broadcast: one term."""
    a, b = call.broadcast(0), call.broadcast(1)
    return call.made("y = a · b", [Block(a, b, a.values * b.values)])


def divide(call: OperationCall) -> Calculation:
    """a / b, broadcast: one term. Whole numbers are divided without a remainder, towards zero."""
    a, b = call.broadcast(0), call.broadcast(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = a.values / b.values
    return call.made("y = a / b", [Block(a, b, np.trunc(value) if call.output.dtype.kind in "iu" else value)])


def power(call: OperationCall) -> Calculation:
    """a to the power of b, broadcast: one term."""
    a, b = call.broadcast(0), call.broadcast(1)
    with np.errstate(all="ignore"):
        value = a.values**b.values
    return call.made("y = aᵇ", [Block(a, b, np.trunc(value) if call.output.dtype.kind in "iu" else value)])


def variadic(call: OperationCall) -> Calculation:
    """Sum, Mean, Max, Min of any number of tensors, broadcast: a term each."""
    seen = [call.broadcast(place) for place in range(len(call.node.inputs))]
    kind, count = call.node.op_type, len(seen)
    if kind == "Mean":
        return call.made("y = (Σ x) / n", [lone(one, float(one.values[0]) / count) for one in seen])
    if kind == "Sum":
        return call.made("y = Σ x", [lone(one) for one in seen])
    return call.made(f"y = {kind.lower()} x", [lone(one) for one in seen], combine="max" if kind == "Max" else "min")


@dataclass(frozen=True)
class Activation:
    """formula: without numbers. work: (x, call) → the steps, whose last value is the result."""

    formula: str
    work: Callable[[float, OperationCall], tuple[Step, ...]]


def activation(call: OperationCall) -> Calculation:
    """An operation of one element, as ``ACTIVATIONS`` has it."""
    found = ACTIVATIONS[call.node.op_type]
    seen = call.one(0, call.element)
    with np.errstate(all="ignore"):
        steps = found.work(float(seen.values[0]), call)
    formula = found.formula
    if call.node.op_type == "Gelu" and call.text("approximate", "none") == "tanh":
        formula = "y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))"
    return call.made(formula, [lone(seen, steps[-1].value)], steps=steps)


def _e(x: float) -> float:
    """eˣ, infinite where it is too large."""
    return float(np.exp(np.float64(x)))


def _one(function: Callable[[float], float], text: str) -> Callable[[float, OperationCall], tuple[Step, ...]]:
    """A single step: ``text`` with {x} put in."""

    def work(x: float, call: OperationCall) -> tuple[Step, ...]:
        return (Step(N_("Result"), text.format(x=number(x)), float(function(x))),)

    return work


def _leaky(default: float) -> Callable[[float, OperationCall], tuple[Step, ...]]:
    def work(x: float, call: OperationCall) -> tuple[Step, ...]:
        alpha = call.value("alpha", default)
        if x >= 0:
            return (Step(N_("Result"), f"{number(x)} ≥ 0", x),)
        return (Step(N_("Result"), f"{alpha:g} · {number(x)}", alpha * x),)

    return work


def _prelu(x: float, call: OperationCall) -> tuple[Step, ...]:
    slope = float(call.broadcast(1).values[0])
    if x >= 0:
        return (Step(N_("Result"), f"{number(x)} ≥ 0", x),)
    return (Step(N_("Result"), f"{number(slope)} · {number(x)}", slope * x),)


def _sigmoid(x: float, call: OperationCall) -> tuple[Step, ...]:
    power = _e(-x)
    return (
        Step(N_("Exponential"), f"exp(−{number(x)})", power),
        Step(N_("Result"), f"1 / (1 + {number(power)})", 1 / (1 + power)),
    )


def _elu(x: float, call: OperationCall) -> tuple[Step, ...]:
    return _exponential_below(x, call.value("alpha", 1.0), 1.0)


def _selu(x: float, call: OperationCall) -> tuple[Step, ...]:
    return _exponential_below(x, call.value("alpha", SELU_ALPHA), call.value("gamma", SELU_GAMMA))


def _exponential_below(x: float, alpha: float, gamma: float) -> tuple[Step, ...]:
    """γ·x above zero, γ·α·(eˣ − 1) below."""
    scale = "" if gamma == 1 else f"{gamma:g} · "
    if x > 0:
        return (Step(N_("Result"), f"{scale}{number(x)}", gamma * x),)
    power = _e(x)
    return (
        Step(N_("Exponential"), f"exp({number(x)})", power),
        Step(N_("Result"), f"{scale}{alpha:g} · ({number(power)} − 1)", gamma * alpha * float(np.expm1(x))),
    )


def _celu(x: float, call: OperationCall) -> tuple[Step, ...]:
    alpha = call.value("alpha", 1.0)
    value = max(x, 0.0) + min(0.0, alpha * float(np.expm1(x / alpha)))
    return (Step(N_("Result"), f"max(0, {number(x)}) + min(0, {alpha:g} · (exp({number(x)} / {alpha:g}) − 1))", value),)


def _gelu(x: float, call: OperationCall) -> tuple[Step, ...]:
    if call.text("approximate", "none") == "tanh":
        inner = sqrt(2 / np.pi) * (x + 0.044715 * x**3)
        share = 0.5 * (1 + float(np.tanh(inner)))
        text = f"(1 + tanh({number(inner)})) / 2"
    else:
        share = 0.5 * (1 + erf(x * SQRT_HALF))
        text = f"(1 + erf({number(x)} / √2)) / 2"
    return (Step(N_("Share that passes"), text, share), Step(N_("Result"), f"{number(x)} · {number(share)}", x * share))


def _clip(x: float, call: OperationCall) -> tuple[Step, ...]:
    """Bounds are inputs, or attributes before opset 11."""
    least = float(call.tensor(1).reshape(-1)[0]) if call.has(1) else call.value("min", -np.inf)
    most = float(call.tensor(2).reshape(-1)[0]) if call.has(2) else call.value("max", np.inf)
    text = f"min({number(most)}, max({number(least)}, {number(x)}))"
    return (Step(N_("Result"), text, float(np.minimum(most, np.maximum(least, x)))),)


def _hard_sigmoid(x: float, call: OperationCall) -> tuple[Step, ...]:
    alpha, beta = call.value("alpha", 0.2), call.value("beta", 0.5)
    line = alpha * x + beta
    return (
        Step(N_("Straight line"), f"{alpha:g} · {number(x)} + {beta:g}", line),
        Step(N_("Result"), f"min(1, max(0, {number(line)}))", float(np.clip(line, 0.0, 1.0))),
    )


def _hard_swish(x: float, call: OperationCall) -> tuple[Step, ...]:
    gate = float(np.clip(x / 6 + 0.5, 0.0, 1.0))
    return (
        Step(N_("Share that passes"), f"min(1, max(0, {number(x)} / 6 + 1/2))", gate),
        Step(N_("Result"), f"{number(x)} · {number(gate)}", x * gate),
    )


def _mish(x: float, call: OperationCall) -> tuple[Step, ...]:
    soft = float(np.logaddexp(0, x))
    return (
        Step(N_("Softened maximum"), f"log(1 + exp({number(x)}))", soft),
        Step(N_("Result"), f"{number(x)} · tanh({number(soft)})", x * float(np.tanh(soft))),
    )


def _threshold(x: float, call: OperationCall) -> tuple[Step, ...]:
    alpha = call.value("alpha", 1.0)
    return (Step(N_("Result"), f"{number(x)} {'>' if x > alpha else '≤'} {alpha:g}", x if x > alpha else 0.0),)


def _largest_zero(x: float) -> float:
    return float(np.maximum(x, 0.0))  # NaN stays NaN


ACTIVATIONS: dict[str, Activation] = {
    "Relu": Activation("y = max(0, x)", _one(_largest_zero, "max(0, {x})")),
    "LeakyRelu": Activation("y = x ≥ 0 ? x : α·x", _leaky(0.01)),
    "PRelu": Activation("y = x ≥ 0 ? x : slope·x", _prelu),
    "Sigmoid": Activation("y = 1 / (1 + e⁻ˣ)", _sigmoid),
    "Tanh": Activation("y = tanh x", _one(np.tanh, "tanh({x})")),
    "Elu": Activation("y = x > 0 ? x : α·(eˣ − 1)", _elu),
    "Selu": Activation("y = γ · (x > 0 ? x : α·(eˣ − 1))", _selu),
    "Celu": Activation("y = max(0, x) + min(0, α·(exp(x/α) − 1))", _celu),
    "Gelu": Activation("y = x/2 · (1 + erf(x/√2))", _gelu),
    "Clip": Activation("y = min(max, max(min, x))", _clip),
    "HardSigmoid": Activation("y = min(1, max(0, α·x + β))", _hard_sigmoid),
    "HardSwish": Activation("y = x · min(1, max(0, x/6 + 1/2))", _hard_swish),
    "Mish": Activation("y = x · tanh(log(1 + eˣ))", _mish),
    "Softplus": Activation("y = log(1 + eˣ)", _one(lambda x: np.logaddexp(0, x), "log(1 + exp({x}))")),
    "Softsign": Activation("y = x / (1 + |x|)", _one(lambda x: x / (1 + abs(x)), "{x} / (1 + |{x}|)")),
    "ThresholdedRelu": Activation("y = x > α ? x : 0", _threshold),
    "Erf": Activation("y = erf x", _one(erf, "erf({x})")),
    "Exp": Activation("y = eˣ", _one(_e, "exp({x})")),
    "Log": Activation("y = log x", _one(np.log, "log({x})")),
    "Sqrt": Activation("y = √x", _one(np.sqrt, "√{x}")),
    "Reciprocal": Activation("y = 1 / x", _one(np.reciprocal, "1 / {x}")),
    "Neg": Activation("y = −x", _one(lambda x: -x, "−{x}")),
    "Abs": Activation("y = |x|", _one(abs, "|{x}|")),
    "Floor": Activation("y = ⌊x⌋", _one(np.floor, "⌊{x}⌋")),
    "Ceil": Activation("y = ⌈x⌉", _one(np.ceil, "⌈{x}⌉")),
    "Round": Activation("y = round x", _one(np.rint, "round({x})")),
    "Sign": Activation("y = sign x", _one(np.sign, "sign({x})")),
    "Sin": Activation("y = sin x", _one(np.sin, "sin({x})")),
    "Cos": Activation("y = cos x", _one(np.cos, "cos({x})")),
    "Identity": Activation("y = x", _one(lambda x: x, "{x}")),
}
"""By operation. Each takes the input's element at the output's own index."""


def copied(call: OperationCall) -> Calculation:
    """Reshape, Flatten, Squeeze, Unsqueeze: the numbers stay in their order, so the place in that order finds it."""
    flat = np.ravel_multi_index(call.element, call.output.shape) if call.element else 0
    shape = call.tensor(0).shape
    index = np.unravel_index(flat, shape) if shape else ()
    return call.made("y = x", [lone(call.one(0, tuple(int(i) for i in index)))])


def transposed(call: OperationCall) -> Calculation:
    """The number at the same place by the input's own order of axes."""
    rank = call.tensor(0).ndim
    order = call.integers("perm", range(rank)[::-1])
    index = [0] * rank
    for place, axis in zip(call.element, order, strict=True):
        index[axis] = place
    return call.made("y = x", [lone(call.one(0, tuple(index)))])
