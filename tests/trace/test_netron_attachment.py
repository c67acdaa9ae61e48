"""Our numbers as Netron's attachment: every entry against numpy, and read in Netron itself in a real browser."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Route
from torch import nn

from explorer.graph.graph import Graph, Node, SourceLine, TensorKey
from explorer.graph.onnx_io.export import export_onnx
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.weights import read_weight
from explorer.trace.netron_attachment import SIGNATURE, attachment, save_attachment
from explorer.trace.onnx_trace import Trace, trace
from explorer.trace.tensor_statistics import statistics_of, tensor_statistics
from models.errors import GraphError
from tests.bench.graph.screen import netron as netron_server

Entries = list[dict[str, Any]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("netron") / "net.onnx"
    export_onnx(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), torch.zeros(1, 3), path)
    return path


@pytest.fixture(scope="module")
def traced(model: Path) -> Trace:
    return trace(model)


def weights_of(model: Path) -> dict[TensorKey, NDArray[np.generic]]:
    return {each.key: read_weight(model, each.key) for node in read_onnx(model).nodes for each in node.weights}


def made(model: Path, traced: Trace) -> dict[str, Any]:
    return attachment(
        read_onnx(model), statistics_of(traced.values), statistics_of(weights_of(model)), {"n0": 1.5e-6, "n1": 2e-6}
    )


def of(entries: Entries, kind: str, target: str) -> dict[str, Any]:
    return {entry["name"]: entry["value"] for entry in entries if (entry["kind"], entry["target"]) == (kind, target)}


@pytest.mark.slow
def test_every_tensor_node_and_weight_has_its_numbers(model: Path, traced: Trace) -> None:
    result = json.loads(json.dumps(made(model, traced), allow_nan=False))
    assert result["signature"] == SIGNATURE
    graph, metrics = read_onnx(model), result["metrics"]
    weights = {key.name: value for key, value in weights_of(model).items()}
    for kind, arrays in (("value", traced.values), ("tensor", weights)):
        for name, value in arrays.items():
            numbers = of(metrics, kind, name)
            expected = {"min": value.min(), "max": value.max(), "mean": value.mean(), "zero share": (value == 0).mean()}
            assert {key: numbers[key] for key in expected} == pytest.approx(expected, rel=1e-5, abs=1e-7)
            assert "NaN" not in numbers
    first = of(metrics, "node", graph.nodes[0].name)
    assert (first["parameters"], first["time in µs"]) == (3 * 4 + 4, 1.5)
    assert first["max"] == pytest.approx(float(traced.values[graph.nodes[0].outputs[0]].max()), rel=1e-5)
    assert of(metrics, "model", "")["parameters"] == 3 * 4 + 4 + 4 * 2 + 2
    assert "torch/nn/modules/linear.py" in of(result["metadata"], "node", graph.nodes[0].name)["source"]
    assert of(result["metadata"], "node", graph.nodes[0].name)["module"] == "0"


def test_what_netron_cannot_find_by_name_stands_at_the_output() -> None:
    def node(place: int, name: str) -> Node:
        source = SourceLine("a.py", place, "y = x", "f")
        return Node(f"n{place}", "Relu", "", name, (), "other", ("x",), (f"t{place}",), {}, flops=place, source=source)

    graph = Graph("g", ("x",), ("t2",), (node(1, ""), node(2, "twice"), node(3, "twice"), node(4, "one\nmore")), {})
    result = attachment(graph, {})
    for place in (1, 2, 3):
        assert of(result["metrics"], "value", f"t{place}") == {"FLOPs": place}
    assert of(result["metrics"], "node", "one") == {"FLOPs": 4}
    assert of(result["metadata"], "value", "t1")["source"].startswith("a.py:1")
    nameless = replace(graph.nodes[0], outputs=("",))
    assert attachment(replace(graph, nodes=(nameless,)), {})["metadata"] == []


def test_numbers_that_are_none_are_left_out_or_counted() -> None:
    values = {"t": np.array([np.nan, np.inf, 1.0, 0.0], np.float32), "text": np.array(["a"]), "empty": np.zeros((0, 3))}
    result = attachment(Graph("g", (), (), (), {}), {name: tensor_statistics(value) for name, value in values.items()})
    numbers = of(result["metrics"], "value", "t")
    assert (numbers["NaN"], numbers["infinite"], numbers["max"], numbers["mean"]) == (1, 1, 1.0, 0.5)
    assert of(result["metrics"], "value", "text") == of(result["metrics"], "value", "empty") == {}
    json.dumps(result, allow_nan=False)


def test_a_place_that_cannot_be_written_is_told(no_place: Path) -> None:
    with pytest.raises(GraphError, match=r"'?a\.json'? cannot be written"):
        save_attachment({}, no_place / "a.json")


@pytest.fixture
def netron() -> Iterator[str]:
    """The address of a Netron without a model."""
    with netron_server() as address:
        yield address


def stay_here(page: Page, address: str) -> None:
    """Netron asks other hosts where we are and reports what we do; nothing of that leaves this machine."""

    def decide(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            route.abort()

    page.route("**/*", decide)
    page.context.add_cookies([{"name": "consent", "value": "1", "url": address}])  # else it asks first


def test_netron_shows_our_numbers(browser: Browser, netron: str, model: Path, traced: Trace, tmp_path: Path) -> None:
    result = made(model, traced)
    save_attachment(result, tmp_path / "numbers.json")
    first = read_onnx(model).nodes[0]
    with browser.new_context() as context:
        page = context.new_page()
        stay_here(page, netron)
        page.goto(netron)
        dialog, sidebar = page.locator("#open-file-dialog"), page.locator("#sidebar")
        page.locator("#open-file-button").wait_for()
        dialog.set_input_files(model)
        node = page.locator(".node-item-type", has_text=first.op_type).first
        node.wait_for()
        page.wait_for_timeout(300)  # the graph is still moving into place
        dialog.set_input_files(tmp_path / "numbers.json")
        page.wait_for_timeout(500)
        node.click()
        sidebar.get_by_text("Metrics", exact=True).wait_for()
        reported = sidebar.inner_text()
        for name, value in of(result["metrics"], "node", first.name).items():
            assert str(value) in reported, name
        assert of(result["metadata"], "node", first.name)["source"] in reported
        for kind, target in (("value", first.outputs[0]), ("tensor", first.weights[0].name)):
            sidebar.get_by_text(target, exact=True).first.click()
            sidebar.get_by_text("Metrics", exact=True).wait_for()
            reported = sidebar.inner_text()
            numbers = of(result["metrics"], kind, target)
            assert str(numbers["min"]) in reported and str(numbers["mean"]) in reported
            page.keyboard.press("Escape")
            node.click()
