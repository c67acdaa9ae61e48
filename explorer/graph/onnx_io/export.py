"""A torch network as an ONNX file, checked against torch, and an ONNX file with other weights put in.

Uses the dynamo exporter, which records each node's module and source line; absolute paths in them become relative
to the project or to the library. Nothing is read into a ``Graph`` here.
"""

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from explorer.graph.onnx_io.derived_weights import derived_weights, keep_derivation
from explorer.graph.onnx_io.read import load_model
from explorer.project import PROJECT
from explorer.storage import write_atomically
from models.errors import N_, GraphError
from models.inputs import Inputs, NetworkInput, apply, tensors

LARGEST_EMBEDDED = 2**31 - 2**20  # bytes of weights that fit into one file
LARGEST_DERIVED = 2**26  # bytes of weights of a network whose folded weights can be computed anew: two copies are held
ONE_INPUT = (NetworkInput(),)  # "input", (B, …)
Array = npt.NDArray[np.generic]


def export_onnx(
    network: nn.Module,
    example: Inputs,
    path: Path,
    *,
    inputs: Sequence[NetworkInput] = ONE_INPUT,
    optimize: bool = True,
) -> None:
    """Write ``network`` as ONNX to ``path``, replacing a file there only when all went well.

    example: real inputs (B, …). inputs: their names, and which of their axes become symbolic. optimize: let the
    exporter fold constants and batch normalisation; False gives the unoptimised graph. The network's mode is as before
    afterwards. Raises GraphError where torch cannot export it.
    """
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        with _quiet(), _fresh_dispatch():
            arguments = tuple(_widened(x, entry) for x, entry in zip(tensors(example), inputs, strict=True))
            model = _exported(network, arguments, inputs, optimize)
    except GraphError:
        raise
    except Exception as error:  # the exporter raises many kinds; each is a network it cannot express
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise GraphError(N_("The network cannot be exported: {reason}."), reason=reason) from error
    finally:
        for module, mode in modes.items():
            module.training = mode
    _relative_paths(model)
    save_model(model, path)


def _exported(
    network: nn.Module, arguments: tuple[Tensor, ...], inputs: Sequence[NetworkInput], optimize: bool
) -> onnx.ModelProto:
    """The exporter's model of a network in evaluation mode; it raises many kinds of errors."""
    program = torch.onnx.export(
        network,
        arguments,
        dynamo=True,
        optimize=False,
        verbose=False,
        external_data=False,
        input_names=[entry.name for entry in inputs],
        output_names=["output"],
        dynamic_shapes=tuple(dict(entry.dynamic) for entry in inputs),
    )
    if program is None:
        raise GraphError(N_("The network cannot be exported: {reason}."), reason="torch gave no program")
    if not optimize:
        return program.model_proto
    small = sum(tensor.nbytes for tensor in network.state_dict().values()) <= LARGEST_DERIVED
    unoptimized = program.model_proto if small else None
    program.optimize()
    model = program.model_proto
    if unoptimized is not None:
        feed = {entry.name: x.cpu().numpy() for entry, x in zip(inputs, arguments, strict=True)}
        keep_derivation(model, unoptimized, feed)
    return model


def save_model(model: onnx.ModelProto, path: Path) -> None:
    """Write ``model`` atomically. Raises GraphError."""
    path = Path(path)
    try:
        write_atomically(path, model.SerializeToString())
    except OSError as error:
        raise GraphError(N_("The file {file} cannot be written: {reason}."), file=path.name, reason=error) from None


def _widened(tensor: Tensor, of: NetworkInput) -> Tensor:
    """``tensor`` with at least two along each dynamic axis: the exporter would take a size of one for a constant."""
    for axis in of.dynamic:
        if tensor.shape[axis] == 1:
            tensor = torch.cat([tensor, tensor], dim=axis)
    return tensor


@contextlib.contextmanager
def _fresh_dispatch() -> Iterator[None]:
    """While the block lasts, torch asks anew how LSTM and GRU are traced.

    Its exporter replaces that for sequences of any length, but what an earlier export has cached would go before
    (torch 2.13), and the second network of a process could not be exported.
    """
    operators: Any = (torch.ops.aten.lstm.input, torch.ops.aten.gru.input)
    for operator in operators:
        operator._dispatch_cache.clear()
    try:
        yield
    finally:
        for operator in operators:
            operator._dispatch_cache.clear()


def model_with_weights(
    network: nn.Module, path: Path, example: Inputs, inputs: Sequence[NetworkInput] = ONE_INPUT
) -> onnx.ModelProto:
    """The graph in ``path`` with the weights of ``network``, exported anew where that graph cannot take them.

    The exporter may have folded batch normalisation into a convolution: see ``with_weights``. example, inputs: as
    ``export_onnx`` takes them. Raises GraphError.
    """
    try:
        return with_weights(path, {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()})
    except GraphError:
        with TemporaryDirectory(prefix="toushi-") as folder:
            fresh = Path(folder) / "model.onnx"
            export_onnx(network, example, fresh, inputs=inputs)
            return load_model(fresh)


def largest_difference(path: Path, network: nn.Module, inputs: Inputs) -> float:
    """The largest absolute difference between onnxruntime's and torch's outputs for ``inputs``, each (B, …)."""
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        with torch.no_grad():
            expected = apply(network, inputs).cpu().numpy()
    finally:
        for module, mode in modes.items():
            module.training = mode
    session = onnxruntime.InferenceSession(Path(path).read_bytes(), providers=["CPUExecutionProvider"])
    names = (entry.name for entry in session.get_inputs())
    feed = {name: tensor.cpu().numpy() for name, tensor in zip(names, tensors(inputs), strict=True)}
    result = session.run(None, feed)[0]
    if result.shape != expected.shape:
        raise GraphError(
            N_("The exported graph gives shape {found} where torch gives {expected}."),
            found=tuple(result.shape),
            expected=tuple(expected.shape),
        )
    return float(np.abs(result - expected).max(initial=0.0))


def with_weights(path: Path, weights: Mapping[str, Array]) -> onnx.ModelProto:
    """The model in ``path`` with the initializers called as in ``weights`` replaced: another checkpoint, same graph.

    weights: as a state dict names them; initializers that were computed from them follow (``derived_weights.py``).
    Raises GraphError where one of them is not in the file (the exporter has folded batch normalisation into a
    convolution: such a file cannot take other weights) or has another shape there.
    """
    model = load_model(path)
    derived, sources = derived_weights(model, weights)
    values = {**weights, **derived}
    replaced = 0
    for tensor in model.graph.initializer:
        if tensor.name not in values:
            continue
        value = np.asarray(values[tensor.name])
        if tuple(tensor.dims) != value.shape:
            raise GraphError(
                N_("Weight {name} has shape {found}, but the graph needs {needed}."),
                name=repr(tensor.name),
                found=value.shape,
                needed=tuple(tensor.dims),
            )
        kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value.astype(kind)), tensor.name))
        replaced += 1
    missing = sorted(set(weights) - {tensor.name for tensor in model.graph.initializer} - sources)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or not replaced:
        name = repr(missing[0]) if missing else "?"
        raise GraphError(N_("The graph in {file} has no weight {name}."), file=Path(path).name, name=name)
    return model


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter, which prints, logs and warns about nothing that a user can change."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "torch.export", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _relative_paths(model: onnx.ModelProto) -> None:
    """Make the paths in stack traces relative: absolute ones would reveal this machine's folders."""
    torch_file = Path(torch.__file__)  # an environment may be reached through a link
    roots = (torch_file.parents[1], torch_file.resolve().parents[1], PROJECT)

    def relative(match: re.Match[str]) -> str:
        path = Path(match["path"])
        inside = next((root for root in roots if path.is_relative_to(root)), path.parent)
        return f'File "{path.relative_to(inside).as_posix()}"'

    for node in model.graph.node:
        for entry in node.metadata_props:
            if entry.key == "pkg.torch.onnx.stack_trace":
                entry.value = re.sub(r'File "(?P<path>[^"\n]+)"', relative, entry.value)
