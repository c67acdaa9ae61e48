"""Small networks and ONNX files for the graph's tests."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from explorer.graph.onnx_io.export import export_onnx


class Cnn(nn.Module):
    """The book's digit network: 207,258 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, padding=2)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(4, 8, 5, padding=2)
        self.fc1 = nn.Linear(7 * 7 * 8, 512)
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(512, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(torch.relu(self.conv1(x)))  # (B, 4, 14, 14)
        x = self.pool(torch.relu(self.conv2(x)))  # (B, 8, 7, 7)
        x = self.dropout(torch.relu(self.fc1(x.flatten(1))))  # (B, 512)
        return torch.log_softmax(self.fc2(x), dim=1)


class Nested(nn.Module):
    """A module within a module, with batch normalisation and a way around."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()),
            nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()),
        )
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head((x + self.features(x)).mean((2, 3)))
        return found


@pytest.fixture(scope="session")
def cnn() -> Cnn:
    torch.manual_seed(0)
    return Cnn()


@pytest.fixture(scope="session")
def cnn_file(cnn: Cnn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cnn") / "cnn.onnx"
    export_onnx(cnn, torch.zeros(1, 1, 28, 28), path)
    return path


@pytest.fixture(scope="session")
def nested() -> Nested:
    torch.manual_seed(0)
    return Nested()


@pytest.fixture(scope="session")
def nested_file(nested: Nested, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nested") / "nested.onnx"
    export_onnx(nested, torch.zeros(1, 1, 8, 8), path, optimize=False)
    return path


Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write nodes (and initializers) as an ONNX file with inputs x: (N, 3) and c: bool, and output y."""

    def saved(nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto] | None = None, name: str = "made") -> Path:
        graph = helper.make_graph(
            nodes,
            "made",
            [
                helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3]),
                helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            ],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            weights or [],
        )
        path = tmp_path / f"{name}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
        return path

    return saved


def branches() -> onnx.NodeProto:
    """An If whose branches read x from outside."""
    out = [helper.make_tensor_value_info("t", TensorProto.FLOAT, None)]
    two = helper.make_tensor("two", TensorProto.FLOAT, [], [2.0])
    return helper.make_node(
        "If",
        ["c"],
        ["y"],
        then_branch=helper.make_graph([helper.make_node("Mul", ["h", "two"], ["t"])], "twice", [], out, [two]),
        else_branch=helper.make_graph([helper.make_node("Neg", ["h"], ["t"])], "minus", [], out),
    )
