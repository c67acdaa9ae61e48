"""Every test case of the ONNX project: read with all its nodes, drawn, and traced to the values it must give."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from google.protobuf.message import Message

from explorer.drawing.dot import to_dot
from explorer.drawing.layout import draw
from explorer.drawing.visible import visible
from explorer.graph.graph import Graph
from explorer.graph.graph_json import graph_to_json
from explorer.graph.onnx_io.body_paths import FUNCTION
from explorer.graph.onnx_io.read import read_onnx
from explorer.trace.bodies.body_trace import trace_body
from explorer.trace.inputs import arrays_in
from explorer.trace.onnx_trace import Trace, Tracer
from models.errors import GraphError, NotRunError
from tests.trace.backend_cases import Case, backend_cases

# Neither onnxruntime nor ONNX's reference evaluator has an implementation of these.
CANNOT_RUN = {
    "simple/test_gradient_of_add": "Gradient",
    "simple/test_gradient_of_add_and_mul": "Gradient",
    "test_gradient_of_add": "Gradient",
    "test_gradient_of_add_and_mul": "Gradient",
}
# Drawn at random: what can be said of the values is said in ``_is_random_result``.
RANDOM = {
    "test_bernoulli",
    "test_bernoulli_expanded",
    "test_bernoulli_double",
    "test_bernoulli_double_expanded",
    "test_bernoulli_seed",
    "test_bernoulli_seed_expanded",
    "test_training_dropout_default",
    "test_training_dropout_default_mask",
    "test_training_dropout",
    "test_training_dropout_mask",
}
# onnxruntime sums half-precision numbers in another order: the last bits differ by more than the case allows.
HALF_PRECISION = {
    "test_attention_4d_gqa_with_past_and_present_fp16_expanded",
    "test_attention_4d_causal_fp16",
    "test_attention_4d_causal_fp16_expanded",
}
# Outputs inside bodies that are an optional without a value.
OPTIONAL: dict[str, set[str]] = {}
FEWEST_BODIES = 20
FEWEST = 2000  # cases; fewer would mean that they were not found


@pytest.mark.slow
def test_every_node_of_every_case_is_in_the_json_and_drawn(tmp_path: Path) -> None:
    cases, path = backend_cases(), tmp_path / "case.onnx"
    assert len(cases) >= FEWEST
    bad, faulty = [], []
    for case in cases:
        path.write_bytes(case.model.SerializeToString())
        graph = read_onnx(path)
        missing = Counter(_nodes_in_file(case.model)) - Counter(_nodes_in_json(graph_to_json(graph)))
        view = visible(graph)
        faulty += [case.name] * bool(graph.faults)
        if missing or b"<svg" not in draw(to_dot(view)):
            bad.append((case.name, missing))
    assert not bad
    assert not faulty


@pytest.mark.slow
def test_every_case_traces_to_its_reference_values(tmp_path: Path) -> None:
    path, engines = tmp_path / "case.onnx", Counter[str]()
    wrong: list[str] = []
    refused: dict[str, str] = {}
    bodies: list[tuple[str, bool]] = []
    for case in backend_cases():
        path.write_bytes(case.model.SerializeToString())
        tracer = Tracer(path)
        for feed, expected in zip(case.feeds, case.expected, strict=True):
            try:
                result = tracer.trace(feed, weights=True)
            except GraphError as error:
                refused[case.name] = str(error)
                continue
            engines[result.engine] += 1
            wrong += _differences(case, result, feed, expected)
            bodies += inside(case, tracer, read_onnx(path), result, feed)
    assert not wrong
    assert not [text for text, is_right in bodies if not is_right]
    assert len(bodies) > FEWEST_BODIES
    assert set(refused) == set(CANNOT_RUN)
    for name, message in refused.items():
        assert message.startswith("The graph cannot run: ")
        assert CANNOT_RUN[name] in message
    assert engines["onnxruntime"] > engines["reference"] > 0


def inside(case: Case, tracer: Tracer, graph: Graph, result: Trace, feed: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each body of the graph, and whether it has values that agree with those around it.

    A branch and a function end with the outputs of their node; every output of a node inside has a value.
    """
    for node in graph.nodes:
        for title, body in node.bodies.items():
            try:
                traced = trace_body(tracer, body.id, feed).values
            except NotRunError:
                continue
            except GraphError as error:
                yield f"{case.name} {body.id}: {error}", False
                continue
            bases = {name.partition("[")[0] for name in traced}
            missing = (
                {name for each in body.nodes for name in each.outputs if name} - bases - OPTIONAL.get(case.name, set())
            )
            yield f"{case.name} {body.id}: {sorted(missing)} have no values", not missing
            if (title != FUNCTION and node.op_type != "If") or case.name in RANDOM:
                continue
            for inner, outer in zip(body.outputs, node.outputs, strict=False):
                if inner in traced and outer in result.values and traced[inner].dtype.kind not in "OUST":
                    same = np.allclose(
                        _wide(traced[inner]), _wide(result.values[outer]), rtol=1e-3, atol=1e-5, equal_nan=True
                    )
                    yield f"{case.name} {body.id}: {inner} differs from {outer}", same


def _differences(case: Case, result: Trace, feed: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    """What is not as it must be. A trace lists a sequence's parts one by one, and no missing optional."""
    wanted = dict(part for name, value in expected.items() for part in arrays_in(name, value))
    for name, want in wanted.items():
        got = result.values.get(name)
        if got is None:
            yield f"{case.name}: {name} is missing"
        elif got.shape != want.shape or (got.dtype != want.dtype and want.dtype.kind not in "OUST"):
            yield f"{case.name}: {name} is {got.dtype} {got.shape} instead of {want.dtype} {want.shape}"
        elif case.name in RANDOM:
            if not _is_random_result(got, feed):
                yield f"{case.name}: {name} cannot be drawn from its input"
        elif want.dtype.kind in "OUST":
            if got.astype(str).tolist() != want.astype(str).tolist():
                yield f"{case.name}: {name} has other texts"
        elif not np.allclose(_wide(got), _wide(want), rtol=case.rtol, atol=_atol(case), equal_nan=True):
            yield f"{case.name}: {name} differs by {np.nanmax(np.abs(_wide(got) - _wide(want)))}"


def _atol(case: Case) -> float:
    """Two units in the last place of a half-precision number just below 1, for the cases that need them."""
    return 2.0**-10 if case.name in HALF_PRECISION else case.atol


def _wide(value: Any) -> Any:
    return value.astype(np.complex128)


def _is_random_result(got: Any, feed: dict[str, Any]) -> bool:
    """Zeros and ones, a mask, or the input with some elements dropped and the others scaled alike."""
    x = np.asarray(next(iter(feed.values())))
    if got.dtype == bool or set(np.unique(got)) <= {0, 1}:
        return bool(got.shape == x.shape)
    kept = got != 0
    scale = got[kept] / x[kept]
    return bool(kept.sum() > 0 and np.allclose(scale, scale[0], rtol=1e-4))


Seen = tuple[str, tuple[str, ...], tuple[str, ...]]


def _nodes_in_file(message: Message) -> Iterator[Seen]:
    """Every NodeProto anywhere in the message, found by protobuf's own reflection."""
    if isinstance(message, onnx.NodeProto):
        yield message.op_type, tuple(message.input), tuple(message.output)
    for field, value in message.ListFields():
        if field.message_type is not None:
            for each in value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]:
                yield from _nodes_in_file(each)


def _nodes_in_json(value: Any) -> Iterator[Seen]:
    """Every entry of a list called "nodes", at any depth."""
    if isinstance(value, dict):
        for node in value.get("nodes", ()):
            yield node["op_type"], tuple(node["inputs"]), tuple(node["outputs"])
        for each in value.values():
            yield from _nodes_in_json(each)
    elif isinstance(value, list):
        for each in value:
            yield from _nodes_in_json(each)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CANNOT_RUN))
def test_what_cannot_run_is_still_drawn(name: str, tmp_path: Path) -> None:
    case = next(case for case in backend_cases() if case.name == name)
    path = tmp_path / "case.onnx"
    path.write_bytes(case.model.SerializeToString())
    assert b"Gradient" in draw(to_dot(visible(read_onnx(path))))
