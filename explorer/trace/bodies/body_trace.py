"""The values inside bodies: of a local function's call, of the branch that was run, of one iteration of a loop.

A body is run as a model of its own: what it reads from the graphs around it, which have been traced, becomes its input.
The way to a nested body leads through those around it, each run for the chosen iteration. Nothing is drawn here.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from explorer.graph.graph import Graph, TensorKey
from explorer.graph.onnx_io.body_paths import BodyStep, path_to
from explorer.graph.onnx_io.folded_weights import NameUses, initializer_names
from explorer.graph.onnx_io.skeleton_file import nested_graphs
from explorer.graph.onnx_io.weights import tensor_values
from explorer.trace.bodies.iterations import Run, run_body
from explorer.trace.inputs import arrays_in, declared_as
from explorer.trace.onnx_trace import Tracer
from models.errors import N_, GraphError, NotRunError

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class BodyTrace:
    """values: the body's own tensors by name, its inputs included; the parts of a sequence as ``name[0]`` ….

    iterations: of each body on the way that is repeated, by its id: how often it was run, and which one these values
    are of, from 0. generated: whether the main graph's inputs were. engine: what computed the values.
    """

    values: Mapping[str, Array]
    iterations: Mapping[str, tuple[int, int]]
    generated: bool
    engine: str


@dataclass(frozen=True)
class _Level:
    """The values of one graph on the way. opsets: of its operations. outer: the graph around, not of a function."""

    values: Mapping[str, Any]
    graph: onnx.GraphProto
    opsets: Sequence[onnx.OperatorSetIdProto]
    outer: "_Level | None" = None

    @cached_property
    def weights(self) -> Mapping[str, onnx.TensorProto]:
        """The graph's initializers by name."""
        return {tensor.name: tensor for tensor in self.graph.initializer}

    def value(self, name: str) -> tuple[Any, bool]:
        """A tensor's value, and whether it is a weight. Raises GraphError where it has none."""
        level: _Level | None = self
        while level is not None:
            if name in level.values:
                return level.values[name], False
            if name in level.weights:
                return tensor_values(level.weights[name]), True
            level = level.outer
        raise GraphError(N_("Tensor {name} was not traced."), name=repr(name))

    def inputs(self, node: onnx.NodeProto) -> list[Any]:
        """The values of a node's inputs, None for one that is left out."""
        return [self.value(name)[0] if name else None for name in node.input]


def trace_body(
    tracer: Tracer,
    body: str,
    inputs: Mapping[str, Any] | None = None,
    *,
    chosen: Mapping[str, int] | None = None,
    seconds: float = 60,
) -> BodyTrace:
    """Run the graph and then the bodies on the way to ``body``, and keep every value of that one.

    body: its id, as in ``Graph.id``. inputs: as for ``Tracer.trace``. chosen: the iteration of each body on the way, by
    its id, counted from 0; the first where none is given, the last where there are fewer. seconds: for everything.
    Raises GraphError for a body that is not there or was not run, and as ``Tracer.trace`` does.
    """
    deadline = time.monotonic() + seconds
    source = tracer.full_model()
    first, *rest = path_to(source, body)
    if first.function is not None:
        raise NotRunError(N_("No node calls this function, so that it has no values."))
    values, engine = tracer.results_of(inputs, seconds=seconds)
    level = _Level(values, source.graph, source.opset_import)
    iterations: dict[str, tuple[int, int]] = {}
    for step in rest:
        opsets = level.opsets if step.function is None else step.function.opset_import
        engines: list[str] = []

        def runner(each: BodyStep, opsets: Any = opsets, level: _Level = level, engines: list[str] = engines) -> Run:
            return _BodyModel(source, each, opsets, level, deadline, engines).run

        assert step.node is not None
        done = run_body(step, level.inputs(step.node), runner, (chosen or {}).get(step.id, 0))
        if step.repeats:
            iterations[step.id] = done.iterations, done.chosen
        engine = engines[-1] if engines else engine
        level = _Level(done.results, step.graph, opsets, None if step.function is not None else level)
    own = {name: array for raw, value in level.values.items() for name, array in arrays_in(raw, value)}
    return BodyTrace(own, iterations, inputs is None, engine)


def trace_bodies(
    tracer: Tracer, graph: Graph, inputs: Mapping[str, Any] | None = None, *, seconds: float = 60
) -> dict[TensorKey, Array]:
    """The values inside all bodies of ``graph``, the first iteration of each, as far as ``seconds`` allow.

    Bodies that the input does not run are left out, and so is what cannot be run alone.
    """
    values: dict[TensorKey, Array] = {}
    end = time.monotonic() + seconds
    bodies = dict.fromkeys(node.body for node in graph.all_nodes() if node.body)
    for body in bodies:
        left = end - time.monotonic()
        if left <= 0:
            break
        with suppress(GraphError):
            traced = trace_body(tracer, body, inputs, seconds=left)
            values |= {TensorKey(body, name): value for name, value in traced.values.items()}
    return values


@dataclass
class _BodyModel:
    """A body as a model of its own. level: the values around it; deadline: by ``time.monotonic``.

    engines: what has computed the values, one entry a run.
    """

    source: onnx.ModelProto
    step: BodyStep
    opsets: Sequence[onnx.OperatorSetIdProto]
    level: _Level
    deadline: float
    engines: list[str]
    _tracers: dict[tuple[object, ...], Tracer] = field(default_factory=dict)

    def run(self, feed: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the body's tensors for its inputs by name, None for one that is left out."""
        given = {name: value for name, value in feed.items() if value is not None}
        declared = {name: declared_as(name, value) for name, value in given.items()}
        key = tuple(declaration.SerializeToString() for declaration in declared.values())
        if key not in self._tracers:
            self._tracers[key] = Tracer(self._model(declared))
        tracer = self._tracers[key]
        if not tracer.skeleton.graph.node:
            return given
        outer = {name: self.level.value(name)[0] for name in tracer.inputs if name not in given}
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise GraphError(N_("The graph took too long to run and was stopped."))
        results, engine = tracer.results({**given, **outer}, seconds=seconds)
        self.engines.append(engine)
        return {name: value for name, value in results.items() if name not in outer}

    def _model(self, declared: Mapping[str, onnx.ValueInfoProto]) -> onnx.ModelProto:
        """declared: the body's inputs that are given."""
        graph = onnx.GraphProto()
        graph.CopyFrom(self.step.graph)
        graph.name = graph.name or "body"
        uses = NameUses.of(graph, is_root=False)
        left_out = {value.name for value in graph.input} - set(declared) - set(initializer_names(graph))
        for nested in nested_graphs(graph):
            for node in nested.node:
                for place, name in enumerate(node.input):
                    if name in left_out:
                        node.input[place] = ""
        del graph.input[:], graph.value_info[:], graph.output[:]
        graph.input.extend(declared.values())
        if self.step.function is None:
            for name in (*uses.reads, *uses.results):
                if name and name not in uses.defined and name not in declared:
                    self._capture(graph, name)
        return onnx.ModelProto(
            ir_version=self.source.ir_version,
            opset_import=self.opsets,
            graph=graph,
            functions=self.source.functions,
        )

    def _capture(self, graph: onnx.GraphProto, name: str) -> None:
        """Let the body read a tensor of the graphs around it: a weight stays one, since some operations need that."""
        value, is_weight = self.level.value(name)
        if is_weight:
            graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
        else:
            graph.input.append(declared_as(name, value))
