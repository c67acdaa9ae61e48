"""Random models with nested bodies and local functions whose names clash, and what every tensor in them is worth.

``evaluated`` runs a model node by node with ONNX's reference evaluator, looking names up as ONNX's specification says:
it shares nothing with the product's own way of doing so.
"""

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

Array = NDArray[Any]
Values = ChainMap[str, Array]
Names = ChainMap[str, str]
NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")
OPSETS = [helper.make_opsetid("", 20), helper.make_opsetid("own", 1)]
DEEPEST = 3


@dataclass
class Evaluated:
    """What a model computes. values: of each body by its id and the iterations of the loops around it, then by name.

    weights: of each node that reads any, by its id, by name. learned: numbers in all weights that some node reads.
    """

    values: dict[tuple[str, tuple[int, ...]], dict[str, Array]] = field(default_factory=dict)
    weights: dict[str, dict[str, Array]] = field(default_factory=dict)
    learned: int = 0


@dataclass
class _Builder:
    """Draws one graph or body after the other. functions: those that may still be called."""

    draw: st.DrawFn
    functions: list[onnx.FunctionProto] = field(default_factory=list)

    def numbers(self) -> list[float]:
        return [self.draw(st.integers(-4, 4)) / 2 for _ in range(2)]

    def body(self, visible: Sequence[str], own: Sequence[str], depth: int) -> tuple[list[Any], list[Any], str]:
        """Nodes, initializers and the result of a body. visible: names outside; own: names of its inputs."""
        taken = set(own)
        known = [*visible, *own]
        free = [name for name in NAMES if name not in taken]
        weights: list[onnx.TensorProto] = []
        if self.draw(st.booleans()) and free:
            name = self.draw(st.sampled_from(free))
            free.remove(name)
            weights.append(helper.make_tensor(name, TensorProto.FLOAT, [2], self.numbers()))
            known = [each for each in known if each != name] + [name]
        # A name that this body will define is not read from outside before: ONNX would read the wrong one.
        outputs = self.draw(st.permutations(free))[: self.draw(st.integers(1, 3))]
        known = [name for name in known if name not in outputs] or [weights[0].name if weights else ""]
        nodes = []
        for output in outputs:
            nodes.append(self.node(output, [name for name in known if name], depth))
            known.append(output)
        return nodes, weights, outputs[-1]

    def node(self, output: str, known: Sequence[str], depth: int) -> onnx.NodeProto:
        kinds = ["constant"] if not known else ["Add", "Mul", "Neg", "constant"]
        if known:
            kinds += ["call"] * bool(self.functions)
        if known and depth < DEEPEST:
            kinds += ["If", "Loop"]
        kind = self.draw(st.sampled_from(kinds))
        if kind == "constant":
            tensor = helper.make_tensor("value", TensorProto.FLOAT, [2], self.numbers())
            return helper.make_node("Constant", [], [output], value=tensor)
        first, second = (self.draw(st.sampled_from(known)) for _ in range(2))
        if kind == "Neg":
            return helper.make_node("Neg", [first], [output])
        if kind in ("Add", "Mul"):
            return helper.make_node(kind, [first, second], [output])
        if kind == "call":
            function = self.draw(st.sampled_from(self.functions))
            return helper.make_node(function.name, [first], [output], domain="own")
        if kind == "If":
            branches = {name: self.graph(known, [], depth, name) for name in ("then_branch", "else_branch")}
            return helper.make_node("If", ["yes" if self.draw(st.booleans()) else "no"], [output], **branches)
        times = f"times{self.draw(st.integers(0, 3))}"
        return helper.make_node("Loop", [times, "", first], [output], body=self.loop(known, depth))

    def graph(self, known: Sequence[str], own: Sequence[str], depth: int, name: str) -> onnx.GraphProto:
        nodes, weights, result = self.body(known, own, depth + 1)
        return helper.make_graph(nodes, name, [], [_value(result)], weights)

    def loop(self, known: Sequence[str], depth: int) -> onnx.GraphProto:
        carried = self.draw(st.sampled_from(NAMES))
        nodes, weights, result = self.body([name for name in known if name != carried], [carried], depth + 1)
        inputs = [
            helper.make_tensor_value_info("iteration", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            _value(carried),
        ]
        nodes.append(helper.make_node("Identity", ["go_on"], ["still"]))
        outputs = [helper.make_tensor_value_info("still", TensorProto.BOOL, []), _value(result)]
        return helper.make_graph(nodes, "loop", inputs, outputs, weights)


def _value(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [2])


@st.composite
def nested_models(draw: st.DrawFn) -> onnx.ModelProto:
    """A model of input x: (2,) with up to two functions; everything in it is (2,) but the loops' and branches' own."""
    builder = _Builder(draw)
    for name in ("F", "G")[: draw(st.integers(0, 2))]:
        parameter = draw(st.sampled_from(NAMES))
        nodes, weights, result = builder.body([], [parameter], DEEPEST)  # without If and Loop
        nodes = [helper.make_node("Constant", [], [each.name], value=each) for each in weights] + nodes
        builder.functions.append(helper.make_function("own", name, [parameter], [result], nodes, OPSETS))
    flags = [helper.make_tensor(n, TensorProto.BOOL, [], [v]) for n, v in (("yes", True), ("no", False))]
    times = [helper.make_tensor(f"times{n}", TensorProto.INT64, [], [n]) for n in range(4)]
    nodes, weights, result = builder.body([], ["x"], 0)
    graph = helper.make_graph(nodes, "main", [_value("x")], [_value(result)], [*weights, *flags, *times])
    return helper.make_model(graph, opset_imports=OPSETS, functions=builder.functions, ir_version=10)


def evaluated(model: onnx.ModelProto, x: Array) -> Evaluated:
    """Every value and weight of the model for ``x``: (2,)."""
    result = Evaluated()
    functions = {function.name: function for function in model.functions}
    counted: set[tuple[str, str]] = set()

    def weight(node_id: str, name: str, value: Array, definition: str) -> None:
        result.weights.setdefault(node_id, {})[name] = value
        if value.dtype == np.float32 and value.ndim and (definition, name) not in counted:
            counted.add((definition, name))
            result.learned += value.size

    def run(
        graph: Any, env: Values, where: Names, body: str, times: tuple[int, ...], definition: str, runs: bool
    ) -> None:
        """where: the definition of each weight that is visible, '' for what is none. runs: whether the input does."""
        own, own_where = env.maps[0], where.maps[0]
        for tensor in getattr(graph, "initializer", ()):
            own[tensor.name], own_where[tensor.name] = numpy_helper.to_array(tensor), definition
        for node in graph.node:
            if node.op_type == "Constant":
                own[node.output[0]], own_where[node.output[0]] = numpy_helper.to_array(node.attribute[0].t), definition
        for index, node in enumerate(graph.node):
            node_id = f"{body}.n{index}".lstrip(".")
            for name in node.input:
                if name and where.get(name):
                    weight(node_id, name, env[name], where[name])
            bodies = [(attribute.name, attribute.g) for attribute in node.attribute if attribute.HasField("g")]
            if node.op_type == "If":
                for place, (name, branch) in enumerate(bodies):
                    chosen = bool(env[node.input[0]]) == (name == "then_branch")
                    inside = env.new_child({}), where.new_child({})
                    run(branch, *inside, f"{node_id}.b{place}", times, f"{node_id}.b{place}", runs and chosen)
                    if chosen:
                        own[node.output[0]] = inside[0][branch.output[0].name]
            elif node.op_type == "Loop":
                ((_, loop),) = bodies
                carried, count = env[node.input[2]], int(env[node.input[0]])
                for iteration in range(count or 1):  # one that the input does not run still has weights
                    given: tuple[Any, ...] = (np.int64(iteration), np.bool_(True), carried)
                    names = [value.name for value in loop.input]
                    inside = (
                        env.new_child(dict(zip(names, given, strict=True))),
                        where.new_child(dict.fromkeys(names, "")),
                    )
                    run(loop, *inside, f"{node_id}.b0", (*times, iteration), f"{node_id}.b0", runs and count > 0)
                    carried = inside[0][loop.output[1].name] if count else carried
                own[node.output[0]] = carried
            elif node.op_type in functions:
                function = functions[node.op_type]
                call = ChainMap({function.input[0]: env[node.input[0]]}), ChainMap({function.input[0]: ""})
                run(function, *call, f"{node_id}.b0", times, f"function {function.name}", runs)
                own[node.output[0]] = call[0][function.output[0]]
            elif node.op_type != "Constant":
                own[node.output[0]] = _single(node, [env[name] for name in node.input])
            own_where.setdefault(node.output[0], "")
        if runs:
            result.values[body, times] = dict(own)

    run(model.graph, ChainMap({"x": x}), ChainMap({"x": ""}), "", (), "main", True)
    return result


def _single(node: onnx.NodeProto, inputs: Sequence[Array]) -> Array:
    """One node alone, by ONNX's reference evaluator."""
    names = [f"i{place}" for place in range(len(inputs))]
    alone = helper.make_node(node.op_type, names, ["o"])
    kinds = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.asarray(value).dtype), np.shape(value))
        for name, value in zip(names, inputs, strict=True)
    ]
    graph = helper.make_graph([alone], "one", kinds, [onnx.ValueInfoProto(name="o")])
    model = helper.make_model(graph, opset_imports=OPSETS[:1], ir_version=10)
    results: Any = ReferenceEvaluator(model).run(None, dict(zip(names, inputs, strict=True)))
    output: Array = results[0]
    return output
