"""One operation as an ONNX graph of one node, and the comparison of every calculated number with onnxruntime's."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from onnx import TensorProto, helper, numpy_helper

from explorer.graph.categories import category
from explorer.graph.graph import Node
from explorer.offline_page.formula import mathml
from explorer.trace.arithmetic import Calculation, calculate
from explorer.trace.onnx_trace import trace
from tests.offline_page.formulas import is_whole

Array = npt.NDArray[Any]


def traced(
    op_type: str, inputs: Sequence[Array | None], attributes: Mapping[str, Any], opset: int, domain: str = ""
) -> tuple[Node, dict[str, Array]]:
    """A graph of one node: our node and every tensor by name. The first input is fed, the others are weights."""
    names = [f"t{place}" if value is not None else "" for place, value in enumerate(inputs)]
    proto = helper.make_node(op_type, names, ["y"], domain=domain, **attributes)
    first = inputs[0]
    assert first is not None
    weights = zip(names[1:], inputs[1:], strict=True)
    graph = helper.make_graph(
        [proto],
        "one",
        [helper.make_tensor_value_info("t0", helper.np_dtype_to_tensor_dtype(first.dtype), first.shape)],
        [helper.make_tensor_value_info("y", TensorProto.UNDEFINED, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights if value is not None],
    )
    graph.output[0].ClearField("type")
    versions = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    results = trace(helper.make_model(graph, opset_imports=versions, ir_version=8), {"t0": first}, weights=True)
    assert results.engine == "onnxruntime"
    node = Node("n0", op_type, domain, "", (), category(op_type), tuple(names), ("y",), attributes)
    return node, dict(results.values)


def compared(
    op_type: str,
    inputs: Sequence[Array | None],
    attributes: Mapping[str, Any] | None = None,
    opset: int = 20,
    domain: str = "",
) -> list[Calculation]:
    """Work out every element of the output (at most 200) and compare it with onnxruntime's."""
    node, values = traced(op_type, inputs, attributes or {}, opset, domain)
    output = values["y"]
    elements = list(np.ndindex(output.shape))[:: max(1, output.size // 200)]
    results = [of(node, values, element) for element in elements]
    for element, work in zip(elements, results, strict=True):
        stored = float(output[element])
        np.testing.assert_equal(work.stored, stored)
        assert work.result == pytest.approx(stored, rel=1e-5, abs=1e-5, nan_ok=True), (element, work.formula)
        assert work.agrees
        assert is_whole(mathml(work.formula))
        coheres(work, values)
    return results


def of(node: Node, values: Mapping[str, Array], element: tuple[int, ...]) -> Calculation:
    work = calculate(node, values, element)
    assert work is not None
    return work


def coheres(work: Calculation, values: Mapping[str, Array]) -> None:
    """The terms give the total, the total or the steps the result, and each element is what the tensor holds there."""
    parts = [term.value for term in work.terms]
    wholes = {"sum": sum(parts), "max": np.max(parts), "min": np.min(parts), "product": np.prod(parts)}
    np.testing.assert_allclose(work.total, wholes[work.combine], rtol=1e-9, atol=1e-12)
    if work.steps:
        np.testing.assert_allclose(work.steps[-1].value, work.result, rtol=1e-9, atol=1e-12)
    else:
        np.testing.assert_allclose(work.total, work.result, rtol=1e-9, atol=1e-12)
    for term in work.terms[:50]:
        for element in (term.left, term.right):
            if element is not None and not element.padding:
                np.testing.assert_equal(float(values[element.tensor][element.index]), element.value)


def numbers(seed: int, *shape: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def integers(*values: int) -> Array:
    return np.array(values, np.int64)
