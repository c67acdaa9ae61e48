"""Batch normalisation: a number brought to mean 0 and spread 1 by stored statistics, then scaled and shifted."""

from math import sqrt

import numpy as np

from explorer.graph.formulas import FORMULAS
from explorer.trace.arithmetic.calculation import Calculation, Step, TermBlock, number_text
from explorer.trace.arithmetic.operation_call import OperationCall, single_term
from explorer.trace.arithmetic.registry import calculates
from models.errors import N_


@calculates("BatchNormalization")
def batch_normalization(call: OperationCall) -> Calculation | None:
    """scale · (x − mean) / √(var + ε) + B with stored statistics; None in training mode, which uses the batch's own."""
    if call.number("training_mode", 0):
        return None
    epsilon = call.number("epsilon", 1e-5)
    channel = call.element[1:2] or (0,)
    operands = [call.single_element(0, call.element)]
    operands += [call.single_element(position, channel) for position in range(1, 5)]
    x, scale, bias, mean, variance = (float(operand.values[0]) for operand in operands)
    centred, spread = x - mean, sqrt(max(variance + epsilon, 0.0))
    normalized = centred / spread if spread else float("nan")
    scaled = scale * normalized
    steps = (
        Step(N_("Mean subtracted"), f"{number_text(x)} − {number_text(mean)}", centred),
        Step(N_("Standard deviation"), f"√({number_text(variance)} + {epsilon:g})", spread),
        Step(N_("Divided by the standard deviation"), f"{number_text(centred)} / {number_text(spread)}", normalized),
        Step(N_("Scaled"), f"{number_text(scale)} · {number_text(normalized)}", scaled),
        Step(N_("Bias added"), f"{number_text(scaled)} + {number_text(bias)}", scaled + bias),
    )
    blocks = [TermBlock(operands[0], operands[1], np.array([scaled])), single_term(operands[2])]
    return call.calculation(FORMULAS["BatchNormalization"], blocks, steps=steps)
