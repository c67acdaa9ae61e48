"""Inputs of another type than the graph's: taken where nothing is lost but precision, refused in one sentence else."""

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx import TensorProto, helper

from explorer.trace.inputs import checked
from models.errors import GraphError

KINDS = {
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "float16": TensorProto.FLOAT16,
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "bfloat16": TensorProto.BFLOAT16,
}


def taken(kind: str, value: object) -> np.ndarray:
    declared = {"x": helper.make_tensor_value_info("x", KINDS[kind], None)}
    result: np.ndarray = checked(declared, {"x": value})["x"]
    return result


@given(
    st.sampled_from(list(KINDS)),
    hnp.arrays(
        st.sampled_from([np.int8, np.uint8, np.int32, np.int64, np.float32, np.float64]), hnp.array_shapes(max_dims=2)
    ),
)
def test_no_value_is_changed(kind: str, value: np.ndarray) -> None:
    try:
        result = taken(kind, value)
    except GraphError as error:
        assert "holds" in str(error) or "is of type" in str(error)
        return
    assert result.shape == value.shape
    if value.dtype.kind == "f":
        assert "float" in result.dtype.name
        wide = result.astype(np.float64)
        np.testing.assert_array_equal(np.isnan(wide), np.isnan(value))
        np.testing.assert_array_equal(np.isinf(wide), np.isinf(value))
        finite = np.isfinite(value)
        limits: Any = ml_dtypes.finfo(result.dtype)  # type: ignore[no-untyped-call]
        spacing, tiny = float(limits.eps), float(limits.tiny)
        np.testing.assert_allclose(wide[finite], value[finite].astype(np.float64), rtol=spacing, atol=tiny)
    else:
        assert result.astype(object).tolist() == value.astype(object).tolist()


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("int32", np.array([1, 2**40]), "Input 'x' holds 1099511627776, which int32 cannot hold."),
        ("float16", np.array(1e6), "Input 'x' holds 1000000.0, which float16 cannot hold."),
        ("uint8", np.array([-1]), "Input 'x' holds -1, which uint8 cannot hold."),
        ("float32", np.array([2**24 + 1]), "Input 'x' holds 16777217, which float32 cannot hold."),
        ("float32", np.array(["1.5"]), "Input 'x' is of type text, but the graph takes float32."),
        ("int64", np.array([1.0]), "Input 'x' is of type float64, but the graph takes int64."),
        ("float32", np.array([1j]), "Input 'x' is of type complex128, but the graph takes float32."),
    ],
)
def test_what_would_change_is_refused(kind: str, value: np.ndarray, sentence: str) -> None:
    with pytest.raises(GraphError) as caught:
        taken(kind, value)
    assert str(caught.value) == sentence


def test_numbers_are_no_text() -> None:
    declared = {"x": helper.make_tensor_value_info("x", TensorProto.STRING, [1])}
    with pytest.raises(GraphError, match="is of type int64, but the graph takes text"):
        checked(declared, {"x": np.array([1])})
    assert checked(declared, {"x": np.array(["a"])})["x"].tolist() == ["a"]


def test_what_numpy_wrote_of_a_type_that_it_lacks_is_taken(tmp_path: Path) -> None:
    x = np.array([1.5, -0.1, 3e38], ml_dtypes.bfloat16)
    np.savez(tmp_path / "x.npz", x=x)
    with np.load(tmp_path / "x.npz") as stored:
        assert stored["x"].dtype == np.dtype("V2")
        np.testing.assert_array_equal(taken("bfloat16", stored["x"]).astype(np.float32), x.astype(np.float32))
        with pytest.raises(GraphError):
            taken("float32", stored["x"])


def test_what_a_trace_wrote_of_a_small_type_is_taken_back() -> None:
    x = np.array([1.5, -0.1, np.inf, np.nan], ml_dtypes.bfloat16)
    back = taken("bfloat16", x.astype(np.float32))
    assert back.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(back.astype(np.float32), x.astype(np.float32))
