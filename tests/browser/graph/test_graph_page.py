"""The graph page: nodes by mouse and by key, the inspector's numbers against onnxruntime, and the downloaded file."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator

from explorer.graph.graph import Node
from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.checkpoint import OpenRun, open_run
from tests.browser.screen import Screen
from tests.browser.server import Server, wait_until

# The nodes that are not wholly on the stage.
OUTSIDE = """stage => {
  const frame = stage.getBoundingClientRect();
  return [...stage.querySelectorAll("g.node")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
  }).map((node) => node.id);
}"""


def nodes_of(one: OpenRun) -> dict[str, Node]:
    """The first node of each kind of operation."""
    found: dict[str, Node] = {}
    for node in read_onnx(one.run.onnx_path).all_nodes():
        found.setdefault(node.op_type, node)
    return found


def by_onnxruntime(path: Path, sample: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """Every tensor that the file's nodes give, computed by onnxruntime."""
    proto = onnx.load(path)
    given = {entry.name for entry in proto.graph.output}
    inner = [name for node in proto.graph.node for name in node.output if name and name not in given]
    proto.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inner)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_outputs()]
    values = session.run(names, {session.get_inputs()[0].name: sample})
    return dict(zip(names, values, strict=True))


def inspected(tab: Screen, part: str) -> NDArray[Any]:
    """The values (T, H, W) of the pictures of a part of the inspector."""
    drawn = tab.part(f"inspector-{part}").locator(".lab[data-shown]")
    drawn.wait_for()
    found: NDArray[np.float32] = tab.tiles(drawn)[0]
    return found


def charts(tab: Screen) -> Locator:
    """The charts of the inspector's open tab: bars, where there are some, and the histogram as the last one."""
    return tab.page.locator('[class*="st-key-inspector-tabs"] .stVegaLiteChart')


def assert_histogram(tab: Screen, values: NDArray[Any]) -> None:
    """The bars below the figure are as high as numpy counts."""
    bars = charts(tab).last.locator(".mark-rect path")  # empty ones too
    bars.first.wait_for()
    heights = np.asarray(bars.evaluate_all("bars => bars.map((bar) => bar.getBBox().height)"))
    assert len(heights) > 7
    assert heights.max() > 60
    # How many values lie below each edge; hundreds of equal ones may lie on one, and fall to either side of it.
    edges = np.linspace(values.min(), values.max(), len(heights) + 1)
    below = np.cumsum(heights)[:-1] / heights.sum()
    step = (edges[1] - edges[0]) / 100
    assert (below > np.searchsorted(np.sort(values.ravel()), edges[1:-1] - step) / values.size - 0.01).all()
    assert (below < np.searchsorted(np.sort(values.ravel()), edges[1:-1] + step) / values.size + 0.01).all()


def downloaded(tab: Screen, folder: Path) -> Path:
    """The ONNX file that the page gives away."""
    tab.page.get_by_role("tab", name="Export").click()
    button = tab.part("graph-download-onnx").get_by_role("button")
    button.wait_for()
    tab.settle()
    with tab.page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.mark.parametrize("model", ["digits", "bike", "sentiment"])
def test_the_downloaded_file_is_the_network(tab: Screen, server: Server, model: str, tmp_path: Path) -> None:
    run = server.run(model)
    tab.open("graph", run=run.id)
    tab.page.locator(".stage g.node").first.wait_for()
    path = downloaded(tab, tmp_path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    one = open_run(run)
    batch, _ = next(one.book.batches(one.book.load(one.config).test, 64, None))
    inputs = batch.to_dense()  # (64, …)
    with torch.no_grad():
        expected = one.network(inputs).numpy()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: inputs.numpy()})[0]
    assert np.abs(found - expected).max() < 1e-5


def test_every_operation_is_drawn(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    tab.open("graph", run=run.id)
    tab.page.locator(".stage g.node").first.wait_for()
    drawn = " ".join(tab.page.locator(".stage g.node").all_text_contents())
    for operation in nodes_of(open_run(run)):
        assert operation in drawn
    assert "28×28" in tab.page.locator(".stage").inner_text()
    # All of it fits its box, and the first layer is shown though nobody has chosen it.
    tab.page.locator(f"#node-{nodes_of(open_run(run))['Conv'].id}.selected").wait_for()
    tab.page.locator("h2", has_text="Conv").wait_for()
    assert "node" not in tab.query()
    assert tab.page.locator(".stage").evaluate(OUTSIDE) == []


def test_a_click_shows_the_node_and_its_numbers(tab: Screen, server: Server, tmp_path: Path) -> None:
    run = server.run("digits")
    one = open_run(run)
    node = nodes_of(one)["Conv"]
    tab.open("graph", run=run.id, sample="test/5")
    tab.page.locator(f"#node-{node.id}").click()
    wait_until(lambda: tab.query().get("node") == node.id, 20, "the node in the address")
    tab.page.locator("h2", has_text="Conv").wait_for()
    path = downloaded(tab, tmp_path)
    value = by_onnxruntime(path, one.sample("test/5").inputs.numpy())[node.outputs[0]][0]  # (C, H, W)
    assert np.allclose(inspected(tab, "out0"), value, atol=1e-5)
    assert_histogram(tab, value)
    tab.page.get_by_role("tab", name="Weights").click()
    tab.settle()
    weight = {found.role: found for found in node.weights}["W"]
    kernel = one.network.get_parameter(weight.name).detach().numpy()
    # A row for each input channel, a column for each output channel.
    assert np.allclose(inspected(tab, "weight0"), kernel.swapaxes(0, 1).reshape(-1, *kernel.shape[2:]), atol=1e-6)
    tab.page.get_by_role("tab", name="Attributes").click()
    panel = tab.page.get_by_role("tabpanel").locator("visible=true")
    cells = panel.locator("[data-testid=stDataFrame] td")
    cells.first.wait_for(state="attached")
    texts = cells.all_text_contents()
    assert "ai.onnx Conv" in texts
    for name, setting in node.attributes.items():
        assert texts[texts.index(name) + 1] == str(setting)
    tab.page.get_by_role("tab", name="Source").click()
    tab.shown("models/digits/network.py")


def test_a_map_tells_its_numbers_and_can_be_enlarged(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    one = open_run(run)
    tab.open("graph", run=run.id, sample="test/5", node=nodes_of(one)["Conv"].id)
    shown = inspected(tab, "out0")
    with torch.no_grad():
        expected = one.network.get_submodule("conv1")(one.sample("test/5").inputs)[0].numpy()  # (C, H, W)
    assert np.allclose(shown, expected, atol=1e-5)
    tile = tab.part("inspector-out0").locator(".tile").nth(2)
    box = tile.bounding_box()
    assert box is not None
    row, column = 4, 20
    tile.hover(position={"x": box["width"] * (column + 0.5) / 28, "y": box["height"] * (row + 0.5) / 28})
    told = tab.part("inspector-out0").locator(".tip").inner_text().replace("−", "-").split(" · ")
    assert told[:2] == ["Map 2", f"row {row}, column {column}"]
    assert float(told[2]) == pytest.approx(expected[2, row, column], rel=1e-3)
    tab.part("inspector-out0-large").get_by_role("button").first.click()
    plot = tab.page.get_by_role("dialog").locator(".js-plotly-plot")
    plot.locator(".main-svg").first.wait_for(state="attached")
    drawn = np.asarray(tab.read(plot)[0]["z"], float)
    assert np.allclose(np.sort(drawn[np.isfinite(drawn)]), np.sort(expected.ravel()), atol=1e-5)


def test_keys_reach_a_node(tab: Screen, server: Server) -> None:
    run = server.run("bike")
    one = open_run(run)
    node = nodes_of(one)["Sigmoid"]
    tab.open("graph", run=run.id)
    first = tab.page.locator(".stage g.node").first
    first.wait_for()
    tab.settle()
    first.focus()
    for step in ("n0", node.id):  # the input has no values of its own; the dense layer comes next
        tab.page.keyboard.press("ArrowDown")
        wait_until(lambda step=step: tab.query().get("node") == step, 20, step)  # type: ignore[misc]
    tab.page.locator("h2", has_text="Sigmoid").wait_for()
    sample = one.sample("")
    hidden = torch.sigmoid(one.network.get_submodule("fc1")(sample.inputs))[0].detach().numpy()
    wait_until(lambda: np.allclose(tab.bars(charts(tab).first), hidden, atol=1e-5), 20, f"the hidden neurons {hidden}")


def test_the_order_of_the_book_turns_the_arrows(tab: Screen, server: Server) -> None:
    tab.open("graph", run=server.run("bike").id)

    def points_down() -> bool | None:
        """Whether the arrow between the input and the first operation ends at the operation; None while redrawn."""
        places = []
        for part in (".stage g.node.input", ".stage g.edge[data-source=in0] polygon", "#node-n0"):
            box = tab.page.locator(part).first.bounding_box()
            if box is None:
                return None
            places.append((box["y"], box["y"] + box["height"]))
        (_, above), (top, bottom), (below, _) = places
        return (top + bottom) / 2 > (above + below) / 2

    tab.page.locator(".stage g.node").first.wait_for()
    wait_until(points_down, 20, "arrows that point down")
    tab.part("graph-look").get_by_role("button").first.click()
    tab.part("graph-order").locator("label").first.click()
    wait_until(lambda: points_down() is False, 20, "arrows that point up")


def test_a_line_of_the_source_leads_to_its_other_nodes(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    one, other = (node for node in read_onnx(run.onnx_path).all_nodes() if node.op_type == "Conv")
    tab.open("graph", run=run.id, node=one.id)
    tab.page.locator(f"#node-{one.id}.selected").wait_for()
    tab.page.get_by_role("tab", name="Source").click()
    tab.page.get_by_role("button", name="conv2 › Conv").click()  # one line of the loop makes both
    tab.page.locator(f"#node-{other.id}.selected").wait_for()
    assert tab.query()["node"] == other.id
    tab.page.locator("[data-testid=stMain]").get_by_text(other.name, exact=False).first.wait_for()
