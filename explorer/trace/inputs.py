"""A graph's inputs: what it declares, generated values, and a check of given values."""

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from explorer.graph.onnx_io.folded_weights import initializer_names
from explorer.graph.onnx_io.tensor_types import tensor_type
from models.errors import N_, GraphError
from models.text import shape_text

Array = npt.NDArray[Any]
SEED = 0
LARGEST_INPUT = 2**28  # elements; a larger generated input would only exhaust the memory
_KINDS = {"sequence_type": "sequence", "optional_type": "optional", "map_type": "map"}


def load_inputs(path: Path) -> dict[str, Array]:
    """A graph's inputs by name from an ``.npz``. Raises GraphError for anything else."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception:  # numpy raises many kinds for broken archives; a single .npy has no names at all
        raise GraphError(N_("The file {file} is not an .npz of named arrays."), file=Path(path).name) from None


def declared_inputs(graph: onnx.GraphProto) -> dict[str, onnx.ValueInfoProto]:
    """The inputs that must be given, by name: weights that an old file lists among them are not."""
    weights = initializer_names(graph)
    return {value.name: value for value in graph.input if value.name not in weights}


def generated(declared: Mapping[str, onnx.ValueInfoProto]) -> dict[str, Array]:
    """Random inputs of the declared shapes, symbolic dimensions as 1: normal floats, whole numbers 0 and 1, text "a".

    The same each time. Raises GraphError for an input that is too large or no tensor.
    """
    generator = np.random.default_rng(SEED)
    inputs: dict[str, Array] = {}
    for name, value in declared.items():
        dtype = _dtype(value)
        shape = tuple(size if isinstance(size, int) else 1 for size in tensor_type(value).shape or ())
        if prod(shape) > LARGEST_INPUT:
            raise GraphError(N_("No input {name} of shape {shape} can be generated."), name=repr(name), shape=shape)
        if dtype.kind in "iub":
            inputs[name] = generator.integers(0, 2, shape).astype(dtype)
        elif dtype.kind in "OUS":
            inputs[name] = np.full(shape, "a", dtype=object)
        else:
            inputs[name] = np.asarray(generator.standard_normal(shape)).astype(dtype)
    return inputs


def has_places(feed: Mapping[str, Any]) -> bool:
    """Whether generated inputs hold whole numbers other than 0, which may be places beyond a table's end."""
    return any(value.dtype.kind in "iu" and value.any() for value in feed.values())


def with_zeros(feed: Mapping[str, Any]) -> dict[str, Any]:
    """Generated inputs with 0 for every whole number."""
    return {name: np.zeros_like(value) if value.dtype.kind in "iu" else value for name, value in feed.items()}


def checked(declared: Mapping[str, onnx.ValueInfoProto], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """``inputs`` in the types that the graph declares. Raises GraphError for what is missing, unknown or misshapen.

    A sequence is given as a list of arrays, a missing optional as None; those are returned as they are.
    """
    for name in inputs:
        if name not in declared:
            raise GraphError(
                N_("The graph has no input {name}; it has: {known}."), name=repr(name), known=", ".join(declared) or "–"
            )
    result: dict[str, Any] = {}
    for name, value in declared.items():
        if name not in inputs:
            raise GraphError(N_("Input {name} is missing."), name=repr(name))
        given = inputs[name]
        is_tensor = value.type.WhichOneof("value") == "tensor_type"
        result[name] = _checked(name, value, np.asarray(given)) if is_tensor else given
    return result


def declared_as(name: str, value: Any) -> onnx.ValueInfoProto:
    """A declaration of the type of ``value``, of any shape: an array, a list of arrays, or a map. Raises GraphError."""
    declared = onnx.ValueInfoProto(name=name)
    _declare(declared.type, value)
    return declared


def _declare(kind: onnx.TypeProto, value: Any) -> None:
    if isinstance(value, (list, tuple)):
        _declare(kind.sequence_type.elem_type, value[0] if value else np.zeros(0, np.float32))
    elif isinstance(value, dict):
        key = next(iter(value), 0)
        kind.map_type.key_type = onnx.TensorProto.STRING if isinstance(key, str) else onnx.TensorProto.INT64
        _declare(kind.map_type.value_type, np.asarray(next(iter(value.values()), np.float32(0))))
    else:
        dtype = np.asarray(value).dtype
        text = dtype.kind in "OUS"
        kind.tensor_type.elem_type = onnx.TensorProto.STRING if text else onnx.helper.np_dtype_to_tensor_dtype(dtype)


def arrays_in(name: str, value: Any) -> Iterator[tuple[str, Array]]:
    """A value as named arrays: the parts of a sequence as ``name[0]`` …, nothing for a missing optional.

    >>> [name for name, _ in arrays_in("y", [np.zeros(2), [np.ones(3)]])]
    ['y[0]', 'y[1][0]']
    """
    if value is None:
        return
    if isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            yield from arrays_in(f"{name}[{index}]", part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from arrays_in(f"{name}[{key}]", part)
    else:
        yield name, np.asarray(value)


def _dtype(value: onnx.ValueInfoProto) -> np.dtype[Any]:
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        raise GraphError(
            N_("Input {name} is a {kind}; only tensors can be made up."),
            name=repr(value.name),
            kind=_KINDS.get(kind or "", kind or "?"),
        )
    try:
        return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type))
    except KeyError:
        raise GraphError(N_("Input {name} has an unknown type."), name=repr(value.name)) from None


def _checked(name: str, value: onnx.ValueInfoProto, given: Array) -> Array:
    dtype, shape = _dtype(value), tensor_type(value).shape
    fits = shape is None or (
        len(shape) == given.ndim
        and all(not isinstance(want, int) or want == size for want, size in zip(shape, given.shape, strict=True))
    )
    if not fits:
        raise GraphError(
            N_("Input {name} has shape {found}, but the graph takes {needed}."),
            name=repr(name),
            found=shape_text(given.shape) or "()",
            needed=shape_text(shape or ()) or "()",
        )
    return np.ascontiguousarray(_cast(name, given, dtype)).reshape(given.shape)


def _cast(name: str, given: Array, dtype: np.dtype[Any]) -> Array:
    """``given`` in the type that the graph takes. Raises GraphError where that would change what it says.

    Real numbers may be rounded to the nearest of the type; everything else must keep its value.
    """
    if given.dtype == dtype:
        return given
    if given.dtype.type is np.void and dtype.isbuiltin == 2 and given.dtype.itemsize == dtype.itemsize:
        return given.view(dtype)  # numpy writes a type that it lacks, such as bfloat16, as bytes without a meaning
    is_text, takes_text = given.dtype.kind in "OUS", dtype.kind in "OUS"
    no_number = given.dtype.kind in "cmM" or given.dtype.type is np.void
    if is_text != takes_text or no_number or (_is_real(given.dtype) and not _is_real(dtype)):
        raise GraphError(
            N_("Input {name} is of type {found}, but the graph takes {needed}."),
            name=repr(name),
            found=N_("text") if is_text else given.dtype,
            needed=N_("text") if takes_text else dtype,
        )
    if is_text:
        return given.astype(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        cast = given.astype(dtype)
        if _is_real(given.dtype):
            changed = np.isfinite(given.astype(np.float64)) & ~np.isfinite(cast.astype(np.float64))
        else:
            changed = cast.astype(object) != given.astype(object)
    if np.any(changed):
        raise GraphError(
            N_("Input {name} holds {value}, which {needed} cannot hold."),
            name=repr(name),
            value=given[np.nonzero(changed)][0] if given.ndim else given,
            needed=dtype,
        )
    return cast


def _is_real(dtype: np.dtype[Any]) -> bool:
    """Whether a type holds real numbers, those that numpy lacks included."""
    return dtype.kind == "f" or "float" in dtype.name
