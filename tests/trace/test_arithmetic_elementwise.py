"""Worked numbers against onnxruntime: reductions and operations that make each element of one element of each input."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.trace.arithmetic import OPERATIONS
from tests.trace.worked_cases import compared, integers, numbers, of, traced

SEEDS = st.integers(0, 10**6)

REDUCED = ["Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"]


@pytest.mark.parametrize("kind", REDUCED)
@settings(max_examples=6, deadline=None)
@given(st.sampled_from([None, (0,), (-1,), (1, 2), (2, 0), (0, 1, 2)]), st.booleans(), st.booleans(), SEEDS)
def test_reductions(kind: str, axes: tuple[int, ...] | None, keep: bool, as_input: bool, seed: int) -> None:
    x = np.abs(numbers(seed, 2, 3, 4)) + np.float32(0.1) if kind == "LogSum" else numbers(seed, 2, 3, 4)
    attributes: dict[str, Any] = {"keepdims": int(keep)}
    if as_input:
        compared(f"Reduce{kind}", [x, None if axes is None else integers(*axes)], attributes, 18)
    else:
        compared(f"Reduce{kind}", [x], attributes if axes is None else {**attributes, "axes": axes}, 11)


def test_reducing_over_no_axes_gives_the_input() -> None:
    compared("ReduceSum", [numbers(1, 2, 3), integers()], {"noop_with_empty_axes": 1}, 13)
    compared("ReduceMean", [np.arange(5, dtype=np.int32)], {}, 13)


ACTIVATIONS: list[tuple[str, dict[str, Any]]] = [
    ("Relu", {}),
    ("LeakyRelu", {}),
    ("LeakyRelu", {"alpha": 0.3}),
    ("Sigmoid", {}),
    ("Tanh", {}),
    ("Elu", {}),
    ("Elu", {"alpha": 0.4}),
    ("Selu", {}),
    ("Selu", {"alpha": 1.2, "gamma": 0.9}),
    ("Celu", {"alpha": 2.0}),
    ("Gelu", {}),
    ("Gelu", {"approximate": "tanh"}),
    ("HardSigmoid", {}),
    ("HardSigmoid", {"alpha": 0.7, "beta": 0.1}),
    ("HardSwish", {}),
    ("Mish", {}),
    ("Softplus", {}),
    ("Softsign", {}),
    ("Erf", {}),
    ("ThresholdedRelu", {"alpha": 0.6}),
    ("Exp", {}),
    ("Neg", {}),
    ("Abs", {}),
    ("Floor", {}),
    ("Ceil", {}),
    ("Round", {}),
    ("Sign", {}),
    ("Sin", {}),
    ("Cos", {}),
    ("Reciprocal", {}),
    ("Identity", {}),
]


@pytest.mark.parametrize(("op_type", "attributes"), ACTIVATIONS, ids=str)
def test_activations(op_type: str, attributes: dict[str, Any]) -> None:
    edges = np.array([0.0, -0.5, 0.5, 1.5, 2.5, 20.0, -20.0, 3.0, -3.0], np.float32)
    x = np.concatenate([numbers(5, 20) * 3, edges[1:] if op_type == "Reciprocal" else edges])
    compared(op_type, [x.reshape(1, -1)], attributes)


@pytest.mark.parametrize("op_type", ["Log", "Sqrt"])
def test_activations_of_positive_numbers(op_type: str) -> None:
    compared(op_type, [np.abs(numbers(1, 3, 4)) + np.float32(1e-3)])
    compared(op_type, [np.array([0, -1], np.float32)])  # −∞ or 0, and not a number


def test_clip_with_bounds_as_inputs_and_as_attributes() -> None:
    x = numbers(3, 4, 5)
    low, high = np.array(-0.3, np.float32), np.array(0.7, np.float32)
    for bounds in ([low, high], [None, high], [low, None]):
        compared("Clip", [x, *bounds])
    compared("Clip", [x], {"min": -0.3, "max": 0.7}, 6)


def test_prelu_broadcasts_its_slope() -> None:
    compared("PRelu", [numbers(1, 2, 3, 4), numbers(2, 3, 1)])


def test_onnxruntimes_own_gelu() -> None:
    compared("Gelu", [numbers(1, 3, 4)], {}, 17, "com.microsoft")


def test_infinity_and_not_a_number_stay() -> None:
    with np.errstate(all="ignore"):
        results = compared("Relu", [np.array([np.nan, np.inf, -np.inf], np.float32)])
    assert np.isnan(results[0].result)
    work = of(*traced("Exp", [np.array([100], np.float32)], {}, 20), (0,))
    assert np.isinf(work.stored) and work.agrees  # too large for single precision only


def test_numbers_that_only_move() -> None:
    x = numbers(1, 2, 3, 4)
    compared("Reshape", [x, integers(4, 6)])
    compared("Flatten", [x], {"axis": 1})
    compared("Unsqueeze", [x, integers(0)])
    compared("Squeeze", [x[:1], integers(0)])
    compared("Transpose", [x], {"perm": (2, 0, 1)})
    compared("Transpose", [x])


HERE = Path(__file__).parent


def test_no_operation_is_left_out_here() -> None:
    named = set(re.findall(r'"([A-Z]\w+)"', " ".join(p.read_text("utf-8") for p in HERE.glob("test_arithmetic*.py"))))
    assert set(OPERATIONS) - named - {f"Reduce{kind}" for kind in REDUCED} == set()
