"""Every intermediate value of an ONNX graph, from onnxruntime, or from ONNX's reference evaluator where that fails.

Values of nested bodies are not traced. External data is never followed. Nothing is drawn here.
"""

import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator

from explorer.graph.read import load_model
from explorer.graph.tensor_types import tensor_type
from explorer.graph.weights import tensor_values
from models.errors import N_, GraphError

Array = npt.NDArray[Any]
SEED = 0
LARGEST_INPUT = 2**28  # elements; a larger generated input would only exhaust the memory


@dataclass(frozen=True)
class Trace:
    """values: every tensor by its name in the graph, inputs included; the parts of a sequence as ``name[0]`` ….

    generated: the inputs were made up, not given. engine: which program computed them.
    """

    values: Mapping[str, Array]
    generated: bool
    engine: str = "onnxruntime"


def trace(
    model: Path | onnx.ModelProto,
    inputs: Mapping[str, Array] | None = None,
    *,
    seconds: float = 60,
    weights: bool = False,
) -> Trace:
    """Run the graph and keep every node's output.

    inputs: the graph's inputs by name; None generates them (fixed seed, declared shape, symbolic dimensions 1).
    seconds: onnxruntime is stopped after so long. weights: add the initializers' values too. Raises GraphError for
    inputs that are missing, unknown or of a wrong shape, and for a graph that cannot run.
    """
    proto = model if isinstance(model, onnx.ModelProto) else load_model(Path(model))
    _refuse_external(proto)
    declared = _declared(proto)
    feed = _generated(declared) if inputs is None else _checked(declared, inputs)
    try:
        results, engine = _with_onnxruntime(proto, feed, seconds), "onnxruntime"
    except TimeoutError:
        raise GraphError(
            N_("The graph took longer than {seconds} s to run and was stopped."), seconds=f"{seconds:g}"
        ) from None
    except Exception as first:  # onnxruntime raises many kinds; the reference evaluator may still manage
        results, engine = _with_reference(proto, feed, first), "reference"
    values: dict[str, Array] = {}
    if weights:
        values.update((tensor.name, tensor_values(tensor)) for tensor in proto.graph.initializer)
    values.update(feed)
    for name, result in results.items():
        values.update(_arrays(name, result))
    return Trace(values, inputs is None, engine)


def save_npz(trace: Trace, path: Path) -> None:
    """Write the values to ``path``; ``numpy.load(path)[name]`` gives one back. Raises GraphError."""
    # numpy.savez takes names as keywords, and so no tensor called "file"; an archive of .npy files is all it writes.
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for name, value in trace.values.items():
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, _storable(value), allow_pickle=False)
    except OSError as error:
        raise GraphError(
            N_("The file {file} cannot be written: {reason}."), file=Path(path).name, reason=error.strerror or error
        ) from None


def load_inputs(path: Path) -> dict[str, Array]:
    """A graph's inputs by name from an ``.npz``. Raises GraphError for anything else."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception:  # numpy raises many kinds for broken archives; a single .npy has no names at all
        raise GraphError(N_("The file {file} is not an .npz of named arrays."), file=Path(path).name) from None


def _storable(value: Array) -> Array:
    """Strings as numpy's own text type: an npz without pickle holds no Python objects."""
    return value.astype(str) if value.dtype == object else value


def _declared(proto: onnx.ModelProto) -> dict[str, onnx.ValueInfoProto]:
    weights = {tensor.name for tensor in proto.graph.initializer}
    return {value.name: value for value in proto.graph.input if value.name not in weights}


def _dtype(value: onnx.ValueInfoProto) -> np.dtype[Any]:
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        raise GraphError(
            N_("Input {name} is a {kind}; only tensors can be given."), name=repr(value.name), kind=kind or "?"
        )
    try:
        return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type))
    except KeyError:
        raise GraphError(N_("Input {name} has an unknown type."), name=repr(value.name)) from None


def _generated(declared: Mapping[str, onnx.ValueInfoProto]) -> dict[str, Array]:
    """Normal floats, small whole numbers, of the declared shapes."""
    generator = np.random.default_rng(SEED)
    made: dict[str, Array] = {}
    for name, value in declared.items():
        dtype = _dtype(value)
        shape = tuple(size if isinstance(size, int) else 1 for size in tensor_type(value).shape or ())
        if min(shape, default=0) < 0 or prod(shape) > LARGEST_INPUT:
            raise GraphError(N_("No input {name} of shape {shape} can be generated."), name=repr(name), shape=shape)
        if dtype.kind in "iub":
            made[name] = generator.integers(0, 2, shape).astype(dtype)
        elif dtype.kind in "OUS":
            made[name] = np.full(shape, "a", dtype=object)
        else:
            made[name] = np.asarray(generator.standard_normal(shape)).astype(dtype)
    return made


def _checked(declared: Mapping[str, onnx.ValueInfoProto], inputs: Mapping[str, Array]) -> dict[str, Array]:
    for name in inputs:
        if name not in declared:
            raise GraphError(
                N_("The graph has no input {name}; it has: {known}."), name=repr(name), known=", ".join(declared) or "–"
            )
    checked: dict[str, Array] = {}
    for name, value in declared.items():
        if name not in inputs:
            raise GraphError(N_("Input {name} is missing."), name=repr(name))
        given, dtype, shape = np.asarray(inputs[name]), _dtype(value), tensor_type(value).shape
        fits = shape is None or (
            len(shape) == given.ndim
            and all(not isinstance(want, int) or want == size for want, size in zip(shape, given.shape, strict=True))
        )
        if not fits:
            needed = "×".join("?" if size is None else str(size) for size in shape or ())
            raise GraphError(
                N_("Input {name} has shape {found}, but the graph takes {needed}."),
                name=repr(name), found="×".join(map(str, given.shape)) or "()", needed=needed or "()",
            )
        if given.dtype != dtype and not (np.can_cast(given.dtype, dtype, "same_kind") or given.dtype.kind in "US"):
            raise GraphError(
                N_("Input {name} is of type {found}, but the graph takes {needed}."),
                name=repr(name), found=given.dtype, needed=dtype,
            )
        checked[name] = np.ascontiguousarray(given.astype(dtype)).reshape(given.shape)
    return checked


def _with_onnxruntime(proto: onnx.ModelProto, feed: Mapping[str, Array], seconds: float) -> dict[str, Any]:
    """Every output of every node; TimeoutError when it took too long."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    everything = _with_all_outputs(proto)
    session = onnxruntime.InferenceSession(
        everything.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    run = onnxruntime.RunOptions()
    run.log_severity_level = 4
    late = threading.Event()

    def stop() -> None:
        late.set()
        run.terminate = True

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        return dict(zip(names, session.run(names, dict(feed), run), strict=True))
    except Exception as error:
        if late.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()


def _with_all_outputs(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with every node's outputs as outputs of the graph; ``proto`` itself is left alone."""
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    known = {value.name: value for value in (*copy.graph.value_info, *copy.graph.output)}
    present = {value.name for value in copy.graph.output}
    for node in copy.graph.node:
        for name in node.output:
            if name and name not in present:
                present.add(name)
                copy.graph.output.append(known.get(name) or onnx.ValueInfoProto(name=name))
    return copy


def _with_reference(proto: onnx.ModelProto, feed: Mapping[str, Array], first: Exception) -> dict[str, Any]:
    try:
        evaluator = ReferenceEvaluator(proto)
        found = dict(evaluator.run(None, dict(feed), intermediate=True))
    except Exception:  # the reference has errors of its own; onnxruntime's tells the user more
        raise GraphError(N_("The graph cannot run: {reason}."), reason=_reason(first)) from first
    made = {name for node in proto.graph.node for name in node.output if name}
    return {name: value for name, value in found.items() if name in made}


def _reason(error: Exception) -> str:
    """onnxruntime's message without its prefix of codes, in one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(" : ")[-1].rstrip(". ")


def _arrays(name: str, value: Any) -> Iterator[tuple[str, Array]]:
    """A result as arrays: a sequence gives its parts, a missing optional gives nothing."""
    if value is None:
        return
    if isinstance(value, (list, tuple)):
        for place, part in enumerate(value):
            yield from _arrays(f"{name}[{place}]", part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _arrays(f"{name}[{key}]", part)
    else:
        yield name, np.asarray(value)


def _refuse_external(proto: onnx.ModelProto) -> None:
    """Raise GraphError where some weight lies outside the file: such a path may point anywhere."""
    _each_tensor(proto.graph, _refuse)


def _refuse(tensor: onnx.TensorProto) -> None:
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise GraphError(
            N_("The values of weight {name} lie outside the file and are not read."), name=repr(tensor.name)
        )


def _each_tensor(graph: onnx.GraphProto, visit: Callable[[onnx.TensorProto], None]) -> None:
    """Call ``visit`` with every tensor stored in ``graph``: initializers, attributes, bodies."""
    waiting = [graph]
    while waiting:
        each = waiting.pop()
        for tensor in each.initializer:
            visit(tensor)
        for node in each.node:
            for attribute in node.attribute:
                waiting.extend(attribute.graphs)
                if attribute.HasField("g"):
                    waiting.append(attribute.g)
                if attribute.HasField("t"):
                    visit(attribute.t)
                for tensor in attribute.tensors:
                    visit(tensor)
