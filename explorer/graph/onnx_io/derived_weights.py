"""Initializers that the exporter computes from a network's weights, and how: so that other weights can be put in.

Torch's exporter folds constants: a linear layer's weight may be in the file only transposed, an LSTM's only in ONNX's
order of gates. The nodes that were folded away are kept in the file's metadata as a model of their own, with the
network's weights as its inputs and the folded initializers as its outputs; it holds no weights itself.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from google.protobuf.message import DecodeError
from onnx import numpy_helper

KEY = "toushi.derived_weights"
Array = npt.NDArray[Any]


def keep_derivation(model: onnx.ModelProto, exported: onnx.ModelProto, feed: Mapping[str, Array]) -> None:
    """Add to ``model`` how its folded initializers follow from the weights.

    exported: the model before folding. feed: inputs that it runs on. An initializer is left out where its derivation
    does not give its exact value, and then ``derived_weights`` does not give it either.
    """
    weights = {tensor.name: tensor for tensor in exported.graph.initializer}
    dependent = set(weights)
    for node in exported.graph.node:
        if dependent.intersection(node.input):
            dependent.update(node.output)
    folded = [t for t in model.graph.initializer if t.name in dependent and t.name not in weights]
    if not folded:
        return
    values = {name: numpy_helper.to_array(tensor) for name, tensor in weights.items()}
    try:
        whole = _derivation(exported, [tensor.name for tensor in folded], dependent, feed)
        results = _evaluated(whole, values)
    except Exception:  # onnxruntime raises many kinds; without a derivation, other weights need another export
        return
    kept = [t.name for t in folded if np.array_equal(results[t.name], numpy_helper.to_array(t))]
    if kept:
        content = _derivation(exported, kept, dependent, feed).SerializeToString()
        model.metadata_props.add(key=KEY, value=base64.b64encode(content).decode())


def derived_weights(model: onnx.ModelProto, weights: Mapping[str, Array]) -> tuple[dict[str, Array], frozenset[str]]:
    """The folded initializers of ``model`` for other ``weights``, and the names of the weights that they stand for.

    Both are empty where the file does not say how, where its derivation is damaged, or where a weight is missing.
    """
    encoded = next((entry.value for entry in model.metadata_props if entry.key == KEY), "")
    derivation = onnx.ModelProto()
    try:
        derivation.ParseFromString(base64.b64decode(encoded, validate=True))
    except (binascii.Error, DecodeError):
        return {}, frozenset()
    names = frozenset(value.name for value in derivation.graph.input)
    if not names or not names <= set(weights):
        return {}, frozenset()
    try:
        return _evaluated(derivation, weights), names
    except Exception:  # onnxruntime raises many kinds, for weights of other shapes as for a damaged derivation
        return {}, frozenset()


def _derivation(
    exported: onnx.ModelProto, names: Sequence[str], dependent: set[str], feed: Mapping[str, Array]
) -> onnx.ModelProto:
    """A model that computes the tensors called ``names`` from the weights that they need, its inputs.

    dependent: the tensors that depend on weights. Others that are needed, such as sizes, become constants.
    """
    needed, nodes = set(names), []
    for node in reversed(exported.graph.node):
        if needed.intersection(node.output) and dependent.intersection(node.output):
            needed.update(name for name in node.input if name)
            nodes.append(onnx.NodeProto())
            nodes[-1].CopyFrom(node)
            nodes[-1].ClearField("metadata_props")
    inputs = [
        onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
        for tensor in exported.graph.initializer
        if tensor.name in needed
    ]
    constants = _values_of(exported, sorted(needed - dependent), feed)
    graph = onnx.helper.make_graph(
        nodes[::-1],
        "derived weights",
        inputs,
        [onnx.ValueInfoProto(name=name) for name in names],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return onnx.helper.make_model(graph, opset_imports=list(exported.opset_import), ir_version=exported.ir_version)


def _values_of(model: onnx.ModelProto, names: Sequence[str], feed: Mapping[str, Array]) -> dict[str, Array]:
    """The values of some tensors of ``model`` for the inputs ``feed``."""
    if not names:
        return {}
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    del opened.graph.output[:]
    opened.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    return _evaluated(opened, feed)


def _evaluated(model: onnx.ModelProto, feed: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs of ``model`` by name. feed: at least its inputs."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    inputs = {value.name: np.asarray(feed[value.name]) for value in session.get_inputs()}
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))
