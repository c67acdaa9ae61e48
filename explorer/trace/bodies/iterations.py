"""What a body is fed in each of its iterations: If and a call run once at most, Loop, Scan and SequenceMap repeat.

Each function runs a body with ``run`` as often as its node does, as ONNX's documentation of the operation says, and
keeps the results of one iteration. Nothing is evaluated here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from explorer.graph.onnx_io.body_paths import FUNCTION, BodyStep
from explorer.trace.bodies import flex_attention
from models.errors import N_, NotRunError

MOST_ITERATIONS = 100_000
Results = dict[str, Any]
Run = Callable[[Mapping[str, Any]], Results]
"""The results of a body by name for its inputs by name; a value of None is an input that is left out."""

NOT_RUN = N_("This branch was not run for this input.")
NO_ITERATION = N_("This body was not run for this input: there is nothing to repeat.")


@dataclass(frozen=True)
class BodyRun:
    """results: of the chosen iteration, by name. iterations: how often it was run; chosen: which one it is, from 0."""

    results: Results
    iterations: int = 1
    chosen: int = 0


def run_body(step: BodyStep, inputs: Sequence[Any], runner: Callable[[BodyStep], Run], chosen: int) -> BodyRun:
    """The chosen iteration of the body ``step``, the last one where it was run less often.

    inputs: of its node. runner: gives what runs a body of that node.
    Raises NotRunError where the body was not run, or where it is not known how its node runs it.
    """
    node, run = step.node, runner(step)
    assert node is not None
    if step.title == FUNCTION:
        return BodyRun(run(dict(zip(_names(step.graph.input), inputs, strict=False))))
    if node.op_type == "If":
        if bool(np.asarray(inputs[0]).reshape(-1)[0]) != (step.title == "then_branch"):
            raise NotRunError(NOT_RUN)
        return BodyRun(run({}))
    if node.op_type == "FlexAttention":
        return BodyRun(run({step.graph.input[0].name: flex_attention.fed(step, inputs, runner)}))
    repeat = {"Loop": _loop, "Scan": _scan, "SequenceMap": _sequence_map}.get(node.op_type)
    if repeat is None:
        raise NotRunError(N_("How {operation} runs its body is not known."), operation=node.op_type)
    return repeat(step, inputs, run, chosen)


def _loop(step: BodyStep, inputs: Sequence[Any], run: Run, chosen: int) -> BodyRun:
    """Inputs: most iterations, condition (either may be left out), then what is carried from one to the next."""
    most, condition, *carried = [*inputs, None, None][: max(len(inputs), 2)]
    limit = MOST_ITERATIONS if most is None else min(int(np.asarray(most).reshape(-1)[0]), MOST_ITERATIONS)
    goes_on = condition is None or bool(np.asarray(condition).reshape(-1)[0])
    names, outputs = _names(step.graph.input), _names(step.graph.output)
    kept: Results = {}
    count = 0
    while goes_on and count < limit:
        given = np.asarray(count, np.int64), np.asarray(True), *carried
        results = run(dict(zip(names, given, strict=False)))
        if count <= chosen:
            kept = results
        goes_on = bool(np.asarray(results[outputs[0]]).reshape(-1)[0])
        carried = [results[name] for name in outputs[1 : 1 + len(carried)]]
        count += 1
    return _chosen(kept, count, chosen)


def _scan(step: BodyStep, inputs: Sequence[Any], run: Run, chosen: int) -> BodyRun:
    """Inputs: what is carried from one iteration to the next, then the tensors of which each gets one slice.

    Before version 9 all had a first axis for the samples, and an input for their lengths came first; the first sample
    is run.
    """
    attributes = (
        {entry.name: onnx.helper.get_attribute_value(entry) for entry in step.node.attribute} if step.node else {}
    )
    sliced = int(attributes["num_scan_inputs"])
    names, outputs = _names(step.graph.input), _names(step.graph.output)
    if len(inputs) == len(names) + 1:
        inputs = [np.asarray(value)[0] for value in inputs[1:]]
    carried, scanned = list(inputs[: len(inputs) - sliced]), inputs[len(inputs) - sliced :]
    axes = attributes.get("scan_input_axes") or [0] * sliced
    backwards = attributes.get("scan_input_directions") or attributes.get("directions") or [0] * sliced
    count = np.shape(scanned[0])[axes[0]] if scanned else 0
    kept: Results = {}
    for place in range(min(count, chosen + 1)):
        slices = [
            np.take(value, count - 1 - place if back else place, axis)
            for value, axis, back in zip(scanned, axes, backwards, strict=True)
        ]
        kept = run(dict(zip(names, (*carried, *slices), strict=False)))
        carried = [kept[name] for name in outputs[: len(carried)]]
    return _chosen(kept, count, chosen)


def _sequence_map(step: BodyStep, inputs: Sequence[Any], run: Run, chosen: int) -> BodyRun:
    """Inputs: a sequence, and further ones or tensors; each iteration gets one element of each sequence."""
    count = len(inputs[0])
    if not count:
        raise NotRunError(NO_ITERATION)
    place = min(chosen, count - 1)
    given = [value[place] if isinstance(value, list) else value for value in inputs]
    return BodyRun(run(dict(zip(_names(step.graph.input), given, strict=False))), count, place)


def _chosen(kept: Results, count: int, chosen: int) -> BodyRun:
    if not count:
        raise NotRunError(NO_ITERATION)
    return BodyRun(kept, count, min(chosen, count - 1))


def _names(values: Sequence[onnx.ValueInfoProto]) -> list[str]:
    return [value.name for value in values]
