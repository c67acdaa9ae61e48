"""Every formula of every operation is understood by a converter that is not ours, and what it makes is well-formed."""

import onnx
import pytest
from latex2mathml.exceptions import ExtraLeftOrMissingRightError, MissingEndError

import explorer.trace.arithmetic.calculate  # noqa: F401 - its import registers every operation
from explorer.graph.formulas import FORMULAS, GELU_BY_TANH, weighted_sum
from explorer.offline_page.formula import mathml
from explorer.trace.arithmetic.registry import OPERATIONS
from models.digits.convolution_sizes import rule
from tests.offline_page.formulas import is_whole

RULE = rule(r"\text{size}", r"\text{kernel}", r"\text{stride}", r"\text{padding}", r"\text{dilation}")
UNCHANGED = {"Reshape", "Flatten", "Squeeze", "Unsqueeze"}  # y = x says less than their names


@pytest.mark.parametrize("op_type", FORMULAS)
def test_every_formula_is_understood(op_type: str) -> None:
    assert onnx.defs.has(op_type)
    assert is_whole(mathml(FORMULAS[op_type]))


@pytest.mark.parametrize("formula", [GELU_BY_TANH, RULE, weighted_sum(), weighted_sum(0.5), weighted_sum(2, -0.5)])
def test_formulas_with_variants_are_understood(formula: str) -> None:
    assert is_whole(mathml(formula))


def test_every_operation_whose_numbers_are_worked_out_has_one() -> None:
    assert len(OPERATIONS) > 60
    assert set(OPERATIONS) - UNCHANGED <= set(FORMULAS)


@pytest.mark.parametrize("wrong", [r"\nonsense x", r"\frac{a}", r"a}", r"\operatorname{erf", r"\text{erf"])
def test_a_wrong_formula_is_noticed(wrong: str) -> None:
    assert not is_whole(mathml(wrong))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(r"\left( a", ExtraLeftOrMissingRightError), (r"\begin{cases} a", MissingEndError)],
)
def test_what_does_not_end_is_an_error(wrong: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        mathml(wrong)


def test_no_formula_is_no_element() -> None:
    assert mathml("") == ""
