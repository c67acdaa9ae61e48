"""What runs an ONNX graph: onnxruntime with every node's output kept, and ONNX's own reference evaluator.

Nothing is checked here: ``explorer/trace/onnx_trace.py`` has refused what is too large and what lies outside the file.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator


def session(model: bytes, *, profile: Path | None = None) -> onnxruntime.InferenceSession:
    """``model`` opened by onnxruntime as written: no node is fused or left out. profile: beginning of a file's name."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def with_all_outputs(model: bytes, graph: onnx.GraphProto) -> bytes:
    """The serialised ``model`` with every node's outputs as outputs of its graph. graph: the same, without its data.

    Two messages of one kind one behind the other are one message with the fields of both: no weight is looked at.
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
    """Every output by name. Raises TimeoutError when it took too long."""
    names = [output.name for output in opened.get_outputs()]
    options = onnxruntime.RunOptions()
    options.log_severity_level = 4
    late = threading.Event()

    def stop() -> None:
        late.set()
        options.terminate = True

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        return dict(zip(names, opened.run(names, dict(feed), options), strict=True))
    except Exception as error:
        if late.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()


def reference(model: onnx.ModelProto, feed: Mapping[str, Any]) -> dict[str, Any]:
    """Every node's outputs by name, from ONNX's reference evaluator; it raises many kinds of error."""
    found: Any = ReferenceEvaluator(model).run(None, dict(feed), intermediate=True)
    made = {name for node in model.graph.node for name in node.output if name}
    return {name: value for name, value in found.items() if name in made}
