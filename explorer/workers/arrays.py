"""numpy arrays as bytes and back, in numpy's own .npy format and without pickle."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def storable(value: Array) -> Array:
    """``value`` as an .npy file holds it without pickle: text as numpy's own, small floats as float32."""
    if value.dtype == object:
        return decoded_text(value)
    if value.dtype.isbuiltin != 1 and value.dtype.kind not in "SU":  # bfloat16, float8, int4: not numpy's own
        return value.astype(np.float32)
    return value


def decoded_text(value: Array) -> Array:
    """Text, which onnx gives as bytes and onnxruntime as Python's strings, as numpy's own."""
    texts = [text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text) for text in value.reshape(-1)]
    return np.asarray(texts, dtype=str).reshape(value.shape)


def npy(value: Array) -> bytes:
    """``value`` as the content of an .npy file."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, storable(np.asarray(value)), allow_pickle=False)
    return buffer.getvalue()


def from_npy(data: bytes) -> Array:
    """The array that ``npy`` wrote. Raises ValueError."""
    array: Array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return array
