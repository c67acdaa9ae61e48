"""A model that is larger than a first view shows."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

BLOCKS = 12


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve equal blocks of eight operations in two stages: more than a first view shows."""
    nodes, tensors, last = [], [], "input"
    for block in range(BLOCKS):
        scope = f"stage{block // 6}/{block}"
        for step in range(4):
            weight = numpy_helper.from_array(np.full((4, 4), 0.1 * (step + 1), np.float32), f"w{block}_{step}")
            tensors.append(weight)
            product, last_one, layer = f"m{block}_{step}", last, f"{scope}/dense{step}"
            last = f"r{block}_{step}"
            nodes.append(helper.make_node("MatMul", [last_one, weight.name], [product], f"{layer}/matmul"))
            nodes.append(helper.make_node("Relu", [product], [last], f"{layer}/relu"))
    value = helper.make_tensor_value_info
    given, made = (value(name, TensorProto.FLOAT, ["batch", 4]) for name in ("input", last))
    graph = helper.make_graph(nodes, "blocks", [given], [made], tensors)
    path = tmp_path_factory.mktemp("models") / "blocks.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path
