"""Values, weights and counts inside bodies and functions whose names clash, against ONNX's reference evaluator."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings

from explorer.graph.graph import Graph, way_to
from explorer.graph.onnx_io.body_paths import REPEATING
from explorer.graph.onnx_io.read import graph_of, read_onnx
from explorer.graph.onnx_io.weights import read_weight
from explorer.trace.bodies.body_trace import trace_body
from explorer.trace.onnx_trace import Tracer
from models.errors import NotRunError
from tests.trace.backend_cases import backend_cases
from tests.trace.bodies.nested_models import evaluated, nested_models

pytestmark = pytest.mark.slow
X = np.array([0.5, -1.25], np.float32)


def bodies(graph: Graph) -> list[Graph]:
    """Every body, those of the calls of functions included."""
    inner = [body for node in graph.nodes for body in node.bodies.values()]
    return [each for body in inner for each in (body, *bodies(body))]


def loops(graph: Graph, body: str) -> list[str]:
    """The ids of the bodies on the way to ``body`` that are repeated."""
    holders = {each: graph.find(each.rpartition(".")[0]) for each in way_to(body)}
    return [each for each, node in holders.items() if node is not None and node.op_type in REPEATING]


@settings(max_examples=60, deadline=None)
@given(nested_models())
def test_every_value_weight_and_count(model: onnx.ModelProto) -> None:
    graph, expected, tracer = graph_of(model, "nested"), evaluated(model, X), Tracer(model)
    assert sum(node.params for node in graph.all_nodes()) == expected.learned
    for body in bodies(graph):
        repeated = loops(graph, body.id)
        runs = {times: values for (each, times), values in expected.values.items() if each == body.id}
        if not runs:
            with pytest.raises(NotRunError):
                trace_body(tracer, body.id, {"x": X})
        for times, values in runs.items():
            traced = trace_body(tracer, body.id, {"x": X}, chosen=dict(zip(repeated, times, strict=True)))
            assert tuple(place for _, place in traced.iterations.values()) == times
            for name in {output for node in body.nodes for output in node.outputs} | set(body.inputs):
                np.testing.assert_allclose(
                    traced.values[name], values[name], rtol=1e-5, atol=1e-6, err_msg=f"{body.id} {name}"
                )


@settings(max_examples=30, deadline=None)
@given(model=nested_models())
def test_weights_are_those_of_the_body_that_defines_them(
    tmp_path_factory: pytest.TempPathFactory, model: onnx.ModelProto
) -> None:
    path = tmp_path_factory.mktemp("weights") / "nested.onnx"
    onnx.save(model, path)
    graph, expected = read_onnx(path), evaluated(model, X)
    for node in graph.all_nodes():
        for weight in node.weights:
            value = weight.value if weight.value is not None else read_weight(path, weight.key)
            np.testing.assert_array_equal(value, expected.weights[node.id][weight.name])
        shown = {weight.name for level in graph.visible_from(node.body) for weight in level.constants}
        shown |= {weight.name for weight in node.weights}
        shown |= {
            name
            for level in graph.visible_from(node.body)
            for each in level.nodes
            if each.op_type == "Constant"
            for name in each.outputs
        }
        assert set(expected.weights.get(node.id, ())) <= shown


def test_flex_attention_ends_with_what_its_bodies_give() -> None:
    """Softmax of the modified scores, modified, times V: the case's own output."""
    cases = [case for case in backend_cases() if case.name.startswith("test_flexattention")]
    nodes = [(case, graph_of(case.model, "flex").nodes[0]) for case in cases]
    modified = [(case, node) for case, node in nodes if node.op_type == "FlexAttention" and node.bodies]
    assert len(modified) >= 5
    for case, node in modified:
        tracer, feed, expected = Tracer(case.model), case.feeds[0], case.expected[0]
        values = {title: trace_body(tracer, body.id, feed).values for title, body in node.bodies.items()}
        outputs = {title: values[title][body.outputs[0]] for title, body in node.bodies.items()}
        if "prob_mod" in outputs:
            shares = outputs["prob_mod"]
        else:
            powers = np.exp(outputs["score_mod"] - outputs["score_mod"].max(axis=-1, keepdims=True))
            shares = powers / powers.sum(axis=-1, keepdims=True)
        value = feed[node.inputs[2]]
        value = np.repeat(value, shares.shape[1] // value.shape[1], axis=1)
        np.testing.assert_allclose(shares @ value, expected[node.outputs[0]], rtol=1e-4, atol=1e-5)
