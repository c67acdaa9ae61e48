"""Every intermediate value of an ONNX graph, from onnxruntime, or from ONNX's reference evaluator where that fails.

Those inside bodies are in ``explorer/trace/bodies/body_trace.py``. External data is never followed, and nothing drawn.
"""

import hashlib
import mmap
import re
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from explorer.graph.onnx_io.external_data import is_outside, outside_error, tensors_of
from explorer.graph.onnx_io.read import with_shapes
from explorer.graph.onnx_io.skeleton_file import load_model, load_skeleton, stored_tensor
from explorer.graph.onnx_io.weights import tensor_values
from explorer.storage import atomic_path
from explorer.trace import engines
from explorer.trace.inputs import arrays_in, checked, declared_inputs, generated, has_places, with_zeros
from explorer.trace.inputs import load_inputs as load_inputs
from explorer.trace.runnable_model import make_runnable, needs_changes
from explorer.workers.arrays import storable
from models.errors import N_, GraphError

Array = npt.NDArray[Any]
LONGEST_NAME = 4000  # characters of a tensor's name in an .npz
LARGEST_TRACE = 2**32  # bytes of all values of one trace together
MOST_REFERENCE_NODES = 20  # the reference evaluator is slow: in a larger graph it is only used where onnxruntime fails
_NOISE = (
    re.compile(r"^\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : "),
    re.compile(r"^.* Status Message: "),
    re.compile(r"^.*/\S+\.(cc|h|cpp):\d+ .* was false\.? (?=\S)"),  # its own code; what it says of it follows
    re.compile(r"/\S+\.(cc|h|cpp):\d+ [^()]*\([^)]*\)( const)?( \[with [^\]]*\])? ?"),
    re.compile(r"\b\w+\.(cc|h|cpp):\d+ \w+ (?=\S)"),
    re.compile(r"^This is an invalid model\. (In Node, .*?, Error |Error: )?"),
)
_NO_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate", "allocate memory", "Available memory of")


@dataclass(frozen=True)
class Trace:
    """values: every tensor by its name in the graph, inputs included; the parts of a sequence as ``name[0]`` ….

    generated: whether the inputs were generated. engine: what computed the values, "onnxruntime" or "reference".
    """

    values: Mapping[str, Array]
    generated: bool
    engine: str = "onnxruntime"


class Tracer:
    """An open model, so that a second trace costs only the run. skeleton: it without the data of a file's weights.

    model: a file, whose weights only onnxruntime reads, or a loaded model. Raises GraphError for a file that cannot be
    read, and for weights that lie outside the file.
    """

    def __init__(self, model: Path | onnx.ModelProto) -> None:
        self._source = model if isinstance(model, onnx.ModelProto) else Path(model)
        self.skeleton = model if isinstance(model, onnx.ModelProto) else load_skeleton(Path(model))
        _refuse_external(self.skeleton)
        self._runnable: Path | onnx.ModelProto = self._source
        if needs_changes(self.skeleton):
            self._runnable = self.full_model()
            make_runnable(self._runnable)
        self.inputs = declared_inputs(self.skeleton.graph)
        self._session: onnxruntime.InferenceSession | None = None
        self._open_error: Exception | None = None  # why onnxruntime does not open this model
        self._allowed_shapes: set[tuple[object, ...]] = set()  # of inputs whose trace is known to fit

    def trace(self, inputs: Mapping[str, Any] | None = None, *, seconds: float = 60, weights: bool = False) -> Trace:
        """Run the graph and keep every node's output, as the function ``trace`` does."""
        results, engine = self.results_of(inputs, seconds=seconds)
        values = {name: self.weight(name) for name in self.weights} if weights else {}
        for name, result in results.items():
            values.update(arrays_in(name, result))
        return Trace(values, inputs is None, engine)

    def results_of(self, inputs: Mapping[str, Any] | None, *, seconds: float = 60) -> tuple[dict[str, Any], str]:
        """``results`` of ``inputs``, or of generated ones where that is None.

        Generated whole numbers are 0 where the graph does not run with others: they may be places in a table.
        """
        began = time.monotonic()
        try:
            return self.results(self.feed(inputs), seconds=seconds)
        except GraphError:
            left = seconds - (time.monotonic() - began)
            if inputs is not None or left <= 0 or not has_places(self._generated):
                raise
            zeros = with_zeros(self._generated)
            with suppress(GraphError):
                results = self.results(zeros, seconds=left)
                self._generated = zeros  # from now on: times and bodies are of the same inputs
                return results
            raise

    def results(self, feed: Mapping[str, Any], *, seconds: float = 60) -> tuple[dict[str, Any], str]:
        """The inputs ``feed`` and every node's outputs by name, sequences as lists; and which engine gave them.

        Raises GraphError as ``trace`` does.
        """
        self.refuse_large(feed)
        try:
            results, engine = self._run(feed, seconds)
        except TimeoutError:
            raise GraphError(
                N_("The graph took longer than {seconds} s to run and was stopped."), seconds=f"{seconds:g}"
            ) from None
        return {**feed, **results}, engine

    def feed(self, inputs: Mapping[str, Any] | None) -> dict[str, Any]:
        """The inputs of a run: ``inputs``, checked, or generated ones. Raises GraphError."""
        return self._generated if inputs is None else checked(self.inputs, inputs)

    @cached_property
    def _generated(self) -> dict[str, Any]:
        return dict(generated(self.inputs))

    def full_model(self) -> onnx.ModelProto:
        """A new copy of the model with all its weights, which the caller may change."""
        return _copy(self._source)

    def runnable_model(self) -> onnx.ModelProto:
        """The same with other names inside bodies, where onnxruntime could not run it otherwise."""
        return _copy(self._runnable)

    def _run(self, feed: Mapping[str, Any], seconds: float) -> tuple[dict[str, Any], str]:
        """Every node's outputs and which engine gave them."""
        if self._prefers_reference():
            with suppress(Exception):  # of many kinds; then onnxruntime is tried
                return engines.reference(self.runnable_model(), feed), "reference"
        try:
            return engines.run(self._opened(), feed, seconds), "onnxruntime"
        except TimeoutError:
            raise
        except Exception as first:  # of many kinds; the reference evaluator may still succeed
            return self._with_reference(feed, first), "reference"

    def _opened(self) -> onnxruntime.InferenceSession:
        if self._open_error is not None:
            raise self._open_error
        if self._session is None:
            data = self._with_all_outputs()
            try:
                self._session = engines.session(data)
            except Exception as error:
                self._open_error = error
                raise
        return self._session

    def _with_all_outputs(self) -> bytes:
        """The serialised model with every node's output as an output; of a file, the only copy in memory."""
        if isinstance(self._runnable, onnx.ModelProto):
            return engines.with_all_outputs(self._runnable.SerializeToString(), self.skeleton.graph)
        with self._runnable.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return engines.with_all_outputs(data, self.skeleton.graph)

    @cached_property
    def weights(self) -> Mapping[str, onnx.TensorProto]:
        """The main graph's initializers by name, of a file without the data of large ones."""
        return {tensor.name: tensor for tensor in self.skeleton.graph.initializer}

    def weight(self, name: str) -> Array:
        """The value of an initializer of the main graph, read now."""
        tensor = self.weights[name]
        return tensor_values(stored_tensor(self._source, tensor) if isinstance(self._source, Path) else tensor)

    def _with_reference(self, feed: Mapping[str, Any], first: Exception) -> dict[str, Any]:
        if any(word in str(first) for word in _NO_MEMORY):
            raise GraphError(N_("The graph needs more memory to run than there is.")) from first
        try:
            return engines.reference(self.runnable_model(), feed)
        except Exception:  # onnxruntime's error says more to the user
            raise run_error(first) from first

    def _prefers_reference(self) -> bool:
        """Whether a small graph has an operation for which onnxruntime is known to deviate from ONNX's definition."""
        nodes = self.skeleton.graph.node
        return len(nodes) <= MOST_REFERENCE_NODES and any(_deviates(node) for node in nodes)

    def refuse_large(self, feed: Mapping[str, Any]) -> None:
        """Raise GraphError where the shapes show beforehand that the values would need too much memory."""
        shapes = tuple((name, np.shape(value)) for name, value in feed.items() if isinstance(value, np.ndarray))
        if shapes in self._allowed_shapes:
            return
        needed = bytes_of_values(self.skeleton, dict(shapes))
        if needed > LARGEST_TRACE:
            raise GraphError(
                N_("The values of this graph need {needed} GB, more than the {most} GB that a trace may take."),
                needed=f"{needed / 2**30:.4g}",
                most=LARGEST_TRACE >> 30,
            )
        self._allowed_shapes.add(shapes)


def _copy(model: Path | onnx.ModelProto) -> onnx.ModelProto:
    if isinstance(model, Path):
        return load_model(model)
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy


def trace(
    model: Path | onnx.ModelProto,
    inputs: Mapping[str, Any] | None = None,
    *,
    seconds: float = 60,
    weights: bool = False,
) -> Trace:
    """Run the graph and keep every node's output.

    inputs: the graph's inputs by name; None generates them (fixed seed, declared shape, symbolic dimensions 1).
    seconds: onnxruntime is stopped after so long. weights: add the initializers' values too. Raises GraphError for
    inputs that are missing, unknown or of a wrong shape, and for a graph that cannot run or would need too much memory.
    """
    return Tracer(model).trace(inputs, seconds=seconds, weights=weights)


def save_npz(values: Mapping[str, Array], path: Path) -> None:
    """Write the values to ``path``; ``numpy.load(path)[name]`` gives one back. Raises GraphError.

    Text is numpy's own, and numbers of types that numpy lacks, such as bfloat16, are float32, which holds them exactly.
    A name of more than ``LONGEST_NAME`` characters is shortened.
    """
    # numpy.savez takes names as keywords, and so no tensor called "file"; an archive of .npy files is all it writes.
    try:
        with (
            atomic_path(Path(path)) as partial,
            zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
        ):
            for name, value in values.items():
                with archive.open(zipfile.ZipInfo(f"{_member_name(name)}.npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, storable(value), allow_pickle=False)
    except OSError as error:
        raise GraphError(
            N_("The file {file} cannot be written: {reason}."), file=Path(path).name, reason=error
        ) from None


def _member_name(name: str) -> str:
    """A name that an archive can hold: of bounded length, and without the character that would end it."""
    printable = name.replace("\0", "\\0")
    if len(printable) <= LONGEST_NAME:
        return printable
    return f"{printable[:LONGEST_NAME]}… {hashlib.sha256(name.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}"


def bytes_of_values(model: onnx.ModelProto, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Bytes of the outputs of the graph's own nodes, as far as inferred. shapes: of the inputs, by name."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    declared = {value.name: value for value in fixed.graph.value_info}
    for value in fixed.graph.input:
        if value.name in shapes and value.type.WhichOneof("value") == "tensor_type":
            shape = value.type.tensor_type.shape
            shape.SetInParent()
            del shape.dim[:]
            for size in shapes[value.name]:
                shape.dim.add(dim_value=size)
    del fixed.graph.value_info[:]
    inferred = with_shapes(fixed).graph
    known = {value.name: value for value in (*declared.values(), *inferred.output, *inferred.value_info)}
    return sum(_bytes(known[name]) for node in model.graph.node for name in node.output if name in known)


def _bytes(value: onnx.ValueInfoProto) -> int:
    """Bytes of one tensor; unknown dimensions count as 1."""
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        return 0
    sizes = [dim.dim_value if dim.HasField("dim_value") else 1 for dim in kind.shape.dim]
    try:
        dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type))
    except KeyError:
        return 0
    return prod(max(size, 0) for size in sizes) * dtype.itemsize


def run_error(error: Exception) -> GraphError:
    """Why a graph cannot run: onnxruntime's message in one line, without its codes and its own source lines."""
    text = " ".join(str(error).split()) or type(error).__name__
    for noise in _NOISE:
        text = noise.sub("", text, count=1)
    return GraphError(N_("The graph cannot run: {reason}."), reason=text.rstrip(". ") or type(error).__name__)


def _deviates(node: onnx.NodeProto) -> bool:
    """Whether onnxruntime's results deviate from ONNX's definition, as ONNX's own test cases showed."""
    modes = [attribute.s for attribute in node.attribute if attribute.name == "coordinate_transformation_mode"]
    return (
        (node.op_type == "MaxUnpool" and len(node.input) > 2)  # it ignores that output_shape moves the indices
        or (node.op_type == "Resize" and modes == [b"align_corners"])  # it rounds the new length before scaling
        or (node.op_type == "Attention" and len(node.output) > 3)  # -inf in masked scores where ONNX adds the mask
        or node.op_type in ("DFT", "STFT")  # its sums in single precision are off by some 1e-4
    )


def _refuse_external(model: onnx.ModelProto) -> None:
    """Raise GraphError where some tensor lies outside the file: such a path may point anywhere."""
    for tensor in tensors_of(model):
        if is_outside(tensor):
            raise outside_error(tensor)
