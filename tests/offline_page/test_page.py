"""The page without a server, opened from a file in a real browser: it folds, searches and runs nothing foreign."""

import base64
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from playwright.sync_api import Browser, Page
from torch import nn

from explorer.graph.graph import Graph, Node, TensorKey, TensorType, Weight
from explorer.graph.onnx_io.export import export_onnx
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.weights import read_weight
from explorer.offline_page.node_records import Details, tensor_records
from explorer.offline_page.page import graph_html, save_graph_html
from explorer.trace.onnx_trace import trace
from explorer.trace.tensor_statistics import tensor_statistics
from explorer.translations.language_words import translation
from models.errors import GraphError

HOSTILE = "</script><script>window.ran=1</script><img src=x onerror='window.ran=1'>"


def held(page: str) -> dict[str, Any]:
    found = json.loads(page.split('id="held">')[1].split("</script>")[0])
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)

    def block(width: int) -> nn.Module:
        return nn.Sequential(nn.Conv2d(2, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, 2, 1))

    network = nn.Sequential(block(3), block(5), nn.Flatten(), nn.Linear(2 * 64, 4), nn.LogSoftmax(1))
    path = tmp_path_factory.mktemp("page") / "net.onnx"
    export_onnx(network, torch.zeros(1, 2, 8, 8), path)
    return path


@pytest.fixture(scope="module")
def details(model: Path) -> Details:
    weights = {each.key for node in read_onnx(model).nodes for each in node.weights}
    numbers = {key: tensor_statistics(read_weight(model, key)) for key in weights}
    return Details(
        {TensorKey("", name): value for name, value in trace(model).values.items()},
        numbers,
        {"n0": 1e-6},
        generated=True,
    )


@pytest.fixture
def tab(browser: Browser, tmp_path: Path) -> Iterator["Tab"]:
    context = browser.new_context(viewport={"width": 1200, "height": 800}, color_scheme="dark")
    found = Tab(context.new_page(), tmp_path)
    yield found
    context.close()
    assert found.problems == []
    assert {address.split(":")[0] for address in found.asked} <= {"file", "blob", "data"}


class Tab:
    """One page, opened from a file. problems: errors of its scripts; asked: every address that it wanted."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.problems: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, text: str) -> None:
        path = self.folder / "page.html"
        save_graph_html(text, path)
        self.page.goto(path.as_uri())
        self.drawn(1)

    def drawn(self, times: int) -> None:
        self.page.locator(f".stage[data-drawn='{times}']").wait_for()

    def ids(self) -> set[str]:
        found: list[str] = self.page.eval_on_selector_all("g.node", "all => all.map(each => each.id)")
        return {each.removeprefix("node-") for each in found}

    def panel(self, heading: str) -> str:
        """What the panel says, once it tells of ``heading``."""
        self.page.locator("#panel h2", has_text=heading).wait_for()
        return self.page.locator("#panel").inner_text()


@pytest.mark.slow
def test_each_drawing_is_there_once_in_both_themes(model: Path, details: Details) -> None:
    found = held(graph_html(read_onnx(model), details))
    drawings = found["drawings"]
    assert next(each["title"] for each in drawings) == "overview"
    assert len({tuple(sorted((*each["boxes"], *each["folds"]))) for each in drawings}) == len(drawings)
    for each in drawings:
        light, dark = (gzip.decompress(base64.b64decode(each[theme])).decode() for theme in ("light", "dark"))
        assert light != dark
        assert set(re.findall(r'id="node-([^"]+)"', light)) == set(each["boxes"])
    assert {node["operation"] for node in found["nodes"].values()} >= {"Conv", "Relu", "Gemm", "LogSoftmax"}


def test_nothing_from_the_model_becomes_markup(tmp_path: Path) -> None:
    page = graph_html(hostile(), Details({TensorKey("", "y"): np.ones((1, 3))}))
    assert page.count("<script") == 3
    assert "<img" not in page
    assert held(page)["nodes"]["n0"]["name"] == HOSTILE
    with pytest.raises(GraphError, match="cannot be written"):
        save_graph_html(page, tmp_path / "gone" / "a.html")


def hostile() -> Graph:
    weight = Weight("w" + HOSTILE, HOSTILE, "float32", (2,))
    node = Node(
        "n0",
        HOSTILE,
        HOSTILE,
        HOSTILE,
        (HOSTILE, "<b>"),
        "other",
        ("x" + HOSTILE, weight.name),
        ("y",),
        {HOSTILE: HOSTILE},
        (weight,),
    )
    other = Node("n1", "Relu", "", "</title><script>window.ran=1</script>", (HOSTILE, "c"), "other", ("y",), ("z",), {})
    tensors = {"y": TensorType("y", "float32", (HOSTILE, 3))}
    return Graph(HOSTILE, ("x" + HOSTILE,), ("z",), (node, other), tensors)


small = st.sampled_from([np.float32, np.float64, np.int64, np.bool_, np.float16]).flatmap(
    lambda kind: arrays(kind, array_shapes(min_dims=0, max_dims=5, max_side=9, min_side=0))
)


@given(small)
def test_pictures_lie_between_the_smallest_and_the_largest(value: "np.ndarray[Any, Any]") -> None:
    graph = Graph("g", ("x",), (), (), {})
    record = json.loads(json.dumps(tensor_records(graph, Details({TensorKey("", "x"): value})), allow_nan=False))["x"]
    if "picture" not in record:
        return
    picture = record["picture"]
    data = np.frombuffer(base64.b64decode(picture["data"]), np.uint8)
    assert data.size == np.prod(picture["shape"])
    finite = np.nan_to_num(value.astype(np.float64), nan=0, posinf=0, neginf=0)
    room = 1e-6 * max(1.0, float(np.abs(finite).max()))
    assert finite.min() - room <= picture["low"] <= picture["high"] <= finite.max() + room


def test_a_picture_is_the_mean_of_neighbours() -> None:
    value = np.arange(48 * 48, dtype=np.float32).reshape(1, 1, 48, 48)
    record = tensor_records(Graph("g", ("x",), (), (), {}), Details({TensorKey("", "x"): value}))["x"]["picture"]
    expected = value[0, 0].reshape(24, 2, 24, 2).mean((1, 3))
    data = np.frombuffer(base64.b64decode(record["data"]), np.uint8).reshape(24, 24)
    found = record["low"] + data / 255 * (record["high"] - record["low"])
    np.testing.assert_allclose(found, expected, atol=(expected.max() - expected.min()) / 500)


def test_the_page_folds_opens_and_tells_of_a_node(tab: Tab, model: Path, details: Details) -> None:
    graph = read_onnx(model)
    tab.open(graph_html(graph, details))
    assert tab.page.title() == "net"
    folded = tab.page.locator("#drawings option", has_text="All folded").get_attribute("value")
    tab.page.select_option("#drawings", folded)
    tab.drawn(2)
    module_box = tab.page.locator("g.node.opens").first
    id = str(module_box.get_attribute("id")).removeprefix("node-")
    place = module_box.bounding_box()
    module_box.click()
    tab.drawn(3)
    assert id not in tab.ids()
    frame = tab.page.locator(f"[id='frame-{id}']")
    now = frame.bounding_box()
    assert place is not None
    assert now is not None
    assert now["y"] == pytest.approx(place["y"], abs=3)
    assert now["x"] + now["width"] / 2 == pytest.approx(place["x"] + place["width"] / 2, abs=3)

    tab.page.locator("g.node[aria-label^=Conv]").first.click()
    told = tab.panel("Conv")
    node = next(each for each in graph.nodes if each.op_type == "Conv")
    value = details.values[TensorKey("", node.outputs[0])]
    assert f"{float(f'{value.max():.6g}'):.4g}" in told
    for text in (node.name, node.weights[0].name, "pads", "1, 1, 1, 1", "torch/nn/modules/conv.py", "A kernel slides"):
        assert text in told, text
    assert "\\" not in told
    assert tab.page.locator("#panel math").evaluate("math => math.getBoundingClientRect().height") > 20  # Σ over c,u,v
    assert tab.page.locator("#panel canvas").count() == 2
    frame.locator("text").first.click()
    tab.drawn(4)
    assert id in tab.ids()

    # A formula that a small window does not hold scrolls, and the keyboard gets there.
    tab.page.set_viewport_size({"width": 260, "height": 800})
    tab.page.emulate_media(color_scheme="light")
    tab.drawn(5)
    formula = tab.page.locator("#panel .formula[tabindex='0']")
    assert formula.evaluate("each => each.scrollWidth > each.clientWidth")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 260


def test_search_keys_and_zoom_work_without_a_server(tab: Tab, model: Path, details: Details) -> None:
    tab.open(graph_html(read_onnx(model), details))
    stage = tab.page.locator(".stage")
    folded = tab.page.locator("#drawings option", has_text="All folded").get_attribute("value")
    tab.page.select_option("#drawings", folded)
    tab.drawn(2)
    stage.focus()
    tab.page.keyboard.press("/")
    tab.page.keyboard.type("8x8")
    tab.page.locator(".search .count", has_text="6").wait_for()  # a shape: two Conv and a Relu in each block
    tab.page.locator(".search input").fill("relu")
    tab.page.locator(".search .count", has_text="2").wait_for()
    tab.page.keyboard.press("Enter")  # a node inside a folded module: another drawing shows it
    tab.drawn(3)
    tab.page.locator("g.node.selected[aria-label^=Relu]").wait_for()
    assert "Relu" in tab.panel("Relu")
    percent = tab.page.locator("[data-do=actual]")
    before = percent.inner_text()
    stage.focus()
    tab.page.keyboard.press("+")
    assert percent.inner_text() != before
    tab.page.keyboard.press("[")
    tab.drawn(4)


def test_themes_and_languages(tab: Tab, model: Path, details: Details) -> None:
    words = translation("zh").gettext
    tab.open(graph_html(read_onnx(model), details, language="zh", words=words))
    assert tab.page.evaluate("document.documentElement.lang") == "zh-CN"
    ground = "getComputedStyle(document.body).backgroundColor"
    assert tab.page.evaluate(ground) == "rgb(20, 24, 31)"
    tab.page.emulate_media(color_scheme="light")
    tab.drawn(2)
    assert tab.page.evaluate(ground) == "rgb(255, 255, 255)"
    assert re.search("[一-鿿]", tab.page.locator("#panel").inner_text())


def test_no_script_of_a_model_ever_runs(tab: Tab) -> None:
    tab.open(graph_html(hostile(), Details({TensorKey("", "y"): np.ones((1, 3))})))
    for node in tab.page.locator("g.node").all():
        node.click()
    tab.page.locator("g.node[id='node-n0']").first.click()
    assert tab.panel(HOSTILE).count(HOSTILE) > 3
    assert tab.page.evaluate("window.ran") is None
    assert tab.page.locator("img, #panel script").count() == 0
    # What got in nevertheless could neither run nor ask: the page's own policy.
    tab.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran=1'}))")
    assert tab.page.evaluate("window.ran") is None
    refused = [problem for problem in tab.problems if "Content Security Policy" in problem]
    assert len(refused) == len(tab.problems) >= 1
    tab.problems.clear()
