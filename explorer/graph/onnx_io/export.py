"""A torch network as an ONNX file, checked against torch, and an ONNX file with other weights put in.

Written with the dynamo exporter, which notes each node's module and source line; their absolute paths are made relative
to the project or to the library. Nothing is read into a ``Graph`` here.
"""

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from explorer.graph.onnx_io.read import load_model
from explorer.project import PROJECT
from explorer.storage import write_atomically
from models.errors import N_, GraphError

LARGEST_EMBEDDED = 2**31 - 2**20  # bytes of weights that fit into one file
Array = npt.NDArray[np.generic]


def export_onnx(network: nn.Module, example: Tensor, path: Path, *, optimize: bool = True) -> None:
    """Write ``network`` as ONNX to ``path``, replacing a file there only when all went well.

    example: (B, …) one input; its first dimension becomes the symbolic "batch". optimize: let the exporter fold
    constants and batch normalisation; False gives the graph as written. The network's mode is as before afterwards.
    Raises GraphError where torch cannot export it.
    """
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        with _quiet():
            # A batch of one would be taken for a constant; two show that the dimension varies.
            batch = example if example.shape[0] > 1 else torch.cat([example, example])
            program = torch.onnx.export(
                network,
                (batch,),
                dynamo=True,
                optimize=optimize,
                verbose=False,
                external_data=False,
                input_names=["input"],
                output_names=["output"],
                dynamic_shapes=({0: "batch"},),
            )
            if program is None:
                raise GraphError(N_("The network cannot be exported: {reason}."), reason="torch gave no program")
            model = program.model_proto
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


def save_model(model: onnx.ModelProto, path: Path) -> None:
    """Write ``model`` in one go: a reader sees the old file or the new one, never half. Raises GraphError."""
    path = Path(path)
    try:
        write_atomically(path, model.SerializeToString())
    except OSError as error:
        raise GraphError(
            N_("The file {file} cannot be written: {reason}."), file=path.name, reason=error.strerror or error
        ) from None


def largest_difference(path: Path, network: nn.Module, inputs: Tensor) -> float:
    """The largest absolute difference between onnxruntime's and torch's outputs for ``inputs`` (B, …)."""
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        with torch.no_grad():
            expected = network(inputs).cpu().numpy()
    finally:
        for module, mode in modes.items():
            module.training = mode
    session = onnxruntime.InferenceSession(Path(path).read_bytes(), providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: inputs.cpu().numpy()})[0]
    if found.shape != expected.shape:
        raise GraphError(
            N_("The exported graph gives shape {found} where torch gives {expected}."),
            found=tuple(found.shape),
            expected=tuple(expected.shape),
        )
    return float(np.abs(found - expected).max(initial=0.0))


def with_weights(path: Path, weights: Mapping[str, Array]) -> onnx.ModelProto:
    """The model in ``path`` with the initializers called as in ``weights`` replaced: another checkpoint, same graph.

    weights: as a state dict names them. Raises GraphError where one of them is not in the file (the exporter has folded
    batch normalisation into a convolution: such a file cannot take other weights) or has another shape there.
    """
    model = load_model(path)
    replaced = 0
    for tensor in model.graph.initializer:
        if tensor.name not in weights:
            continue
        value = np.asarray(weights[tensor.name])
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
    missing = sorted(set(weights) - {tensor.name for tensor in model.graph.initializer})
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or not replaced:
        name = repr(missing[0]) if missing else "?"
        raise GraphError(N_("The graph in {file} has no weight {name}."), file=Path(path).name, name=name)
    return model


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter prints, logs and warns about things that no reader can act on."""
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
    """Absolute paths in the stack traces become relative: they would tell where this machine keeps its files."""
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
