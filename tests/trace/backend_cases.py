"""The ONNX project's own test cases: models with inputs and the outputs that they must give."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

RTOL, ATOL = 1e-3, 1e-7  # of the packaged models; the generated cases bring their own


@dataclass(frozen=True)
class Case:
    """One model; feeds and expected: by name, one for each of its data sets."""

    name: str
    model: onnx.ModelProto
    feeds: tuple[dict[str, Any], ...]
    expected: tuple[dict[str, Any], ...]
    rtol: float
    atol: float


@lru_cache(maxsize=1)
def backend_cases() -> tuple[Case, ...]:
    """Every packaged model and every generated one, about 2,000; those named by an address only are not there."""
    return (*_packaged(), *_generated())


def _generated() -> Iterator[Case]:
    from onnx.backend.test.case import model, node

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = [*node.collect_testcases(None), *model.collect_testcases()]
    for case in cases:
        if case.model is not None:
            sets = case.data_sets or ()
            yield Case(
                case.name,
                case.model,
                tuple(_named(case.model.graph.input, inputs) for inputs, _ in sets),
                tuple(_named(case.model.graph.output, outputs) for _, outputs in sets),
                case.rtol,
                case.atol,
            )


def _packaged() -> Iterator[Case]:
    root = Path(onnx.__file__).parent / "backend" / "test" / "data"
    for path in sorted(root.rglob("*.onnx")):
        model = onnx.load(path, load_external_data=False)
        name = path.relative_to(root).with_suffix("").as_posix().removesuffix("/model")
        if path.parent.name == "light":
            yield _light(name, path, model)
            continue
        sets = sorted(path.parent.glob("test_data_set_*"))
        yield Case(
            name,
            model,
            tuple(_stored(folder, "input", model.graph.input) for folder in sets),
            tuple(_stored(folder, "output", model.graph.output) for folder in sets),
            RTOL,
            ATOL,
        )


def _light(name: str, path: Path, model: onnx.ModelProto) -> Case:
    """A well-known network with made-up weights: ONNX's own runner gives it a ramp from 0 to 1."""
    held = {tensor.name for tensor in model.graph.initializer}
    feed: dict[str, Any] = {}
    for value in model.graph.input:
        if value.name not in held:
            shape = tuple(dim.dim_value if dim.HasField("dim_value") else 1 for dim in value.type.tensor_type.shape.dim)
            feed[value.name] = (np.arange(prod(shape)).reshape(shape) / prod(shape)).astype(np.float32)
    wanted = {
        value.name: numpy_helper.to_array(onnx.load_tensor(path.with_name(f"{path.stem}_output_{place}.pb")))
        for place, value in enumerate(model.graph.output)
    }
    return Case(name, model, (feed,), (wanted,), 2 * RTOL if "densenet" in name else RTOL, ATOL)


def _named(declared: Any, values: Any) -> dict[str, Any]:
    return {value.name: _array(given) for value, given in zip(declared, values, strict=False)}


def _array(value: Any) -> Any:
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def _stored(folder: Path, kind: str, declared: Any) -> dict[str, Any]:
    """The ``input_0.pb`` … of a folder; each is a message of the kind that the graph declares."""
    result: dict[str, Any] = {}
    for place, value in enumerate(declared):
        path = folder / f"{kind}_{place}.pb"
        if not path.exists():
            continue
        data, form = path.read_bytes(), value.type.WhichOneof("value")
        if form == "sequence_type":
            result[value.name] = numpy_helper.to_list(onnx.SequenceProto.FromString(data))
        elif form == "optional_type":
            result[value.name] = numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
        else:
            result[value.name] = numpy_helper.to_array(onnx.TensorProto.FromString(data))
    return result
