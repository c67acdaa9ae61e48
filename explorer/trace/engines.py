"""The two engines that run an ONNX graph: onnxruntime, and ONNX's own reference evaluator; all nodes' outputs are kept.

Nothing is checked here: ``explorer/trace/onnx_trace.py`` refuses what is too large and what lies outside the file.
"""

import ctypes
import threading
from collections.abc import Mapping
from math import prod
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator

# Bits of an element, for the types that numpy lacks.
_BITS: dict[int, int] = {
    TensorProto.BFLOAT16: 16,
    **dict.fromkeys((TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E4M3FNUZ, TensorProto.FLOAT8E5M2), 8),
    **dict.fromkeys((TensorProto.FLOAT8E5M2FNUZ, TensorProto.FLOAT8E8M0), 8),
    **dict.fromkeys((TensorProto.INT4, TensorProto.UINT4, TensorProto.FLOAT4E2M1), 4),
    **dict.fromkeys((TensorProto.INT2, TensorProto.UINT2), 2),
}
_UNUSUAL = frozenset(f"tensor({TensorProto.DataType.Name(kind).lower()})" for kind in _BITS)


def session(model: bytes, *, profile: Path | None = None) -> onnxruntime.InferenceSession:
    """``model`` opened by onnxruntime without optimisation, so that no node is fused or left out.

    profile: path that the name of the profile begins with; None to write none.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def with_all_outputs(model: bytes | mmap, graph: onnx.GraphProto) -> bytes:
    """The serialised ``model`` with every node's outputs as outputs of its graph. graph: its skeleton.

    Two concatenated messages of one type are one message with the fields of both, so no weight is parsed.
    """
    known = {value.name: value for value in graph.value_info}
    present = {value.name for value in graph.output}
    more = onnx.ModelProto()
    for node in graph.node:
        for name in node.output:
            if name and name not in present:
                present.add(name)
                more.graph.output.append(known.get(name) or onnx.ValueInfoProto(name=name))
    return b"".join((model, more.SerializeToString()))


def run(opened: onnxruntime.InferenceSession, feed: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Every output by name. Raises TimeoutError after ``seconds``."""
    names = [output.name for output in opened.get_outputs()]
    options = onnxruntime.RunOptions()
    options.log_severity_level = 4
    timed_out = threading.Event()

    def stop() -> None:
        timed_out.set()
        options.terminate = True

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        if _has_unusual(opened, feed):
            return dict(zip(names, _run_raw(opened, names, feed, options), strict=True))
        return dict(zip(names, opened.run(names, dict(feed), options), strict=True))
    except Exception as error:
        if timed_out.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()


def _has_unusual(opened: onnxruntime.InferenceSession, feed: Mapping[str, Any]) -> bool:
    """Whether some input or output is of a type that onnxruntime cannot convert to an array."""
    return any(output.type in _UNUSUAL for output in opened.get_outputs()) or any(
        isinstance(value, np.ndarray) and value.dtype.isbuiltin == 2 for value in feed.values()
    )


def _run_raw(
    opened: onnxruntime.InferenceSession, names: list[str], feed: Mapping[str, Any], options: onnxruntime.RunOptions
) -> list[Any]:
    """The outputs of a graph with bfloat16, float8 or four-bit tensors; sequences raise an error."""
    ort_values = {name: _ort_value(np.asarray(value)) for name, value in feed.items() if value is not None}
    return [_array(value) for value in opened.run_with_ort_values(names, ort_values, options)]


def _ort_value(value: npt.NDArray[Any]) -> onnxruntime.OrtValue:
    if value.dtype.isbuiltin != 2:
        return onnxruntime.OrtValue.ortvalue_from_numpy(value)
    kind = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    if _BITS.get(kind, 0) < 8:
        raise TypeError(f"onnxruntime takes no input of type {value.dtype}")
    return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(value, kind)


def _array(value: onnxruntime.OrtValue) -> npt.NDArray[Any]:
    kind, shape = value.element_type(), value.shape()
    bits = _BITS.get(kind)
    if bits is None:
        return np.asarray(value.numpy())
    data = ctypes.string_at(value.data_ptr(), (prod(shape) * bits + 7) // 8)
    return np.asarray(numpy_helper.to_array(onnx.TensorProto(data_type=kind, dims=shape, raw_data=data)))


def reference(model: onnx.ModelProto, feed: Mapping[str, Any]) -> dict[str, Any]:
    """Every node's outputs by name, from ONNX's reference evaluator, which raises many kinds of errors."""
    results: Any = ReferenceEvaluator(model).run(None, dict(feed), intermediate=True)
    outputs = {name for node in model.graph.node for name in node.output if name}
    return {name: value for name, value in results.items() if name in outputs}
