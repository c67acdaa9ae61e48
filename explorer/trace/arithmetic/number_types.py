"""What a number becomes in the type of a tensor: rounded to its precision, or wrapped around as whole numbers are."""

import ml_dtypes
import numpy as np

COARSE = 1e-5  # types whose numbers differ by more than this from one to the next, relative to 1, are coarse


def is_whole(dtype: str) -> bool:
    """Whether tensors of this type hold whole numbers.

    >>> is_whole("uint4"), is_whole("bfloat16")
    (True, False)
    """
    return dtype.startswith(("int", "uint"))


def wrapped(value: int, dtype: str) -> int:
    """The number of this type that ``value`` becomes: modulo 2 to the power of its bits.

    >>> wrapped(462, "uint8"), wrapped(128, "int8"), wrapped(9, "int4")
    (206, -128, -7)
    """
    size = bits(dtype)
    value %= 1 << size
    return value - (1 << size) if not dtype.startswith("u") and value >> (size - 1) else value


def bits(dtype: str) -> int:
    """Of a type of whole numbers."""
    return int(dtype.removeprefix("u").removeprefix("int"))


def rounded(value: float, dtype: str) -> float:
    """The nearest number of this type, infinite where it is too large; as it is for a type that is not known.

    >>> rounded(0.1, "float16"), rounded(1e6, "float16")
    (0.0999755859375, inf)
    """
    kind = _float_type(dtype)
    if kind is None:
        return value
    with np.errstate(over="ignore"):
        return float(np.asarray(value, np.float64).astype(kind))


def spacing(dtype: str) -> float:
    """How far the next number after 1 is: the relative precision; 0 for a type of whole numbers or an unknown one."""
    kind = _float_type(dtype)
    return 0.0 if kind is None else float(ml_dtypes.finfo(kind).eps)  # type: ignore[no-untyped-call]


def _float_type(dtype: str) -> "np.dtype[np.generic] | None":
    """numpy's type of an ONNX type of real numbers."""
    if "float" not in dtype:
        return None
    try:
        return np.dtype(getattr(ml_dtypes, _ML_NAMES.get(dtype, dtype), dtype))
    except TypeError:
        return None


# ONNX's names where ml_dtypes has others.
_ML_NAMES = {
    "float8e4m3fn": "float8_e4m3fn",
    "float8e4m3fnuz": "float8_e4m3fnuz",
    "float8e5m2": "float8_e5m2",
    "float8e5m2fnuz": "float8_e5m2fnuz",
    "float8e8m0": "float8_e8m0fnu",
    "float4e2m1": "float4_e2m1fn",
}
