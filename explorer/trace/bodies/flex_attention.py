"""What the two bodies of a FlexAttention are fed: its scores, and the shares that a softmax makes of them.

As ONNX's documentation of the operation (domain ai.onnx.preview) defines them. Nothing is run here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from explorer.graph.onnx_io.body_paths import BodyStep, attribute_bodies

SCORES, SHARES = "score_mod", "prob_mod"
Runner = Callable[[BodyStep], Callable[[Mapping[str, Any]], dict[str, Any]]]
"""How a body is run: the results by name for its inputs by name."""


def fed(step: BodyStep, inputs: Sequence[Any], runner: Runner) -> NDArray[Any]:
    """The input (B, heads, L, S) of the body ``step``. inputs: query (B, heads, L, E), key (B, groups, S, E), value."""
    assert step.node is not None
    attributes = {entry.name: entry for entry in step.node.attribute}
    query, key = (np.asarray(value) for value in inputs[:2])
    dtype = np.promote_types(query.dtype, np.float32) if query.dtype.kind == "f" else np.dtype(np.float32)
    if "softmax_precision" in attributes:
        dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(attributes["softmax_precision"].i))
    scale = attributes["scale"].f if "scale" in attributes else query.shape[-1] ** -0.5
    key = np.repeat(key.astype(dtype), query.shape[1] // key.shape[1], axis=1)  # (B, heads, S, E)
    scores: NDArray[Any] = (query.astype(dtype) @ key.swapaxes(-1, -2) * np.asarray(scale, dtype)).astype(dtype)
    if step.title == SCORES:
        return scores
    for place, (title, graph) in enumerate(attribute_bodies(step.node)):
        if title == SCORES:
            other = replace(step, id=f"{step.id.rpartition('.')[0]}.b{place}", graph=graph, title=title)
            scores = runner(other)({graph.input[0].name: scores})[graph.output[0].name]
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: NDArray[Any] = powers / powers.sum(axis=-1, keepdims=True)
    return shares.astype(dtype)
