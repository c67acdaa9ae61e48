"""Every architecture of the zoo, exported, read and drawn: half an hour and more, so ``make verify`` runs it."""

from pathlib import Path

import pytest

from explorer.drawing.dot import to_dot
from explorer.drawing.layout import draw
from explorer.drawing.visible import visible
from explorer.files.zoo import LARGEST, architecture, architectures, exported, zoo_id
from explorer.graph.onnx_io.read import read_onnx

FITTING = [name for name in architectures() if architecture(name).parameters * 4 <= LARGEST]


@pytest.mark.long
@pytest.mark.parametrize("name", FITTING)
def test_an_architecture_is_exported_and_drawn(name: str, tmp_path: Path) -> None:
    graph = read_onnx(exported(tmp_path, zoo_id(name)))  # checked against torch by the export itself
    counted = sum(node.params for node in graph.all_nodes())
    # Batch normalisation is folded into convolutions, whose biases come in its place.
    assert 0.9 < counted / architecture(name).parameters < 1.1
    assert draw(to_dot(visible(graph, "auto"))).startswith(b"<svg")
