"""The graph page on a large model and on a run: folding, search, colours, checkpoints, comparison, files."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from explorer.files.uploads import keep_upload
from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.checkpoint import open_run
from tests.browser.graph.conftest import BLOCKS
from tests.browser.screen import Screen
from tests.browser.server import Server, wait_until


def drawings(tab: Screen) -> int:
    """How often the graph has been drawn anew in this tab."""
    return int(tab.page.locator(".stage").get_attribute("data-drawn") or 0)


def drawn_again(tab: Screen, before: int) -> None:
    wait_until(lambda: drawings(tab) > before, 30, "another drawing")
    tab.settle()


def shown_file(tab: Screen, server: Server, path: Path) -> None:
    """Open the graph page on a file that the server holds."""
    kept = keep_upload(server.store, path.read_bytes(), path.name)
    tab.open("graph", run=kept.id)
    tab.page.locator(".stage g.node").first.wait_for()
    tab.settle()


def choose(tab: Screen, key: str, option: str) -> None:
    """Take ``option`` from the menu ``key``."""
    field = tab.part(key).locator("input")
    field.wait_for()
    field.scroll_into_view_if_needed()  # scrolling would close the menu
    tab.settle()
    field.click()
    tab.page.get_by_role("option", name=option).click()


def boxes(tab: Screen) -> int:
    return tab.page.locator(".stage g.node").count()


def test_folding_by_click_by_key_and_by_level(tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    first = boxes(tab)
    assert first <= 60 < 2 * 4 * BLOCKS
    before = drawings(tab)
    tab.page.locator(".stage g.node.opens").first.click()
    drawn_again(tab, before)
    assert boxes(tab) > first
    before = drawings(tab)
    tab.page.locator(".stage g.frame.folds > text").first.click()
    drawn_again(tab, before)
    for button, count in (("Fold all", 4), ("Open all", 8 * BLOCKS + 2)):  # input, two stages, output; all operations
        before = drawings(tab)
        tab.page.get_by_role("button", name=button).click()
        drawn_again(tab, before)
        assert boxes(tab) == count
    before = drawings(tab)
    tab.page.get_by_role("button", name="Overview").click()
    drawn_again(tab, before)
    assert boxes(tab) == first


def test_search_opens_what_hides_a_hit_and_selects_it(tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    tab.page.get_by_role("button", name="Fold all").click()
    wait_until(lambda: boxes(tab) == 4, 20, "everything folded")
    tab.page.locator(".search input").fill("stage1 op:MatMul")
    tab.page.locator(".search li").first.wait_for()
    assert tab.page.locator(".search .count").inner_text() == "24"
    tab.page.locator(".search input").press("Enter")
    products = (node for node in read_onnx(blocks).nodes if node.op_type == "MatMul")
    wanted = next(node for node in products if node.scope[:1] == ("stage1",))
    tab.page.locator(f"#node-{wanted.id}.selected").wait_for()
    tab.page.locator("h2", has_text="MatMul").wait_for()
    tab.page.locator(".search input").fill("op:Sin")
    tab.page.locator(".search .count", has_text="no hits").wait_for()
    tab.page.locator(".search input").fill("op:")
    wait_until(lambda: "op:" in tab.page.locator(".search.wrong .count").inner_text(), 20, "why it is not understood")


def test_colours_table_and_operations(tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    before = drawings(tab)
    choose(tab, "graph-colour", "Mean size of the activation")
    tab.page.locator(".scale .title", has_text="Mean size").wait_for()
    assert drawings(tab) == before  # coloured, not drawn anew
    tab.page.get_by_role("tab", name="Operations").click()
    panel = tab.page.get_by_role("tabpanel").locator("visible=true").last
    panel.locator("[data-testid=stDataFrame] td").first.wait_for(state="attached")
    cells = panel.locator("[data-testid=stDataFrame] td").all_text_contents()
    assert {"MatMul", "Relu"} <= set(cells)
    assert str(4 * BLOCKS) in cells


def test_the_film_of_the_checkpoints_needs_no_new_layout(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    node = next(node for node in read_onnx(run.onnx_path).nodes if node.op_type == "Conv")
    tab.open("graph", run=run.id, node=node.id, sample="test/5")
    tab.page.locator(".stage g.node").first.wait_for()
    tab.page.get_by_role("tab", name="Weights").click()
    tab.settle()
    before = drawings(tab)

    def kernels() -> list[float]:
        drawn = tab.part("inspector-weight0").locator(".lab[data-shown]")
        drawn.wait_for()
        return sorted(tab.tiles(drawn)[0].ravel().tolist())

    last = kernels()
    tab.part("bar-play").get_by_role("button").click()
    second = str(run.checkpoints[2])
    wait_until(lambda: tab.query().get("checkpoint") == second, 30, "the film to go on", pause=0.02)
    tab.part("bar-play").get_by_role("button", name="Pause").click()
    tab.settle()
    step = int(tab.query()["checkpoint"])
    name = next(weight.name for weight in node.weights if weight.role == "W")
    expected = np.sort(open_run(run, step).network.get_parameter(name).detach().numpy().ravel())
    wait_until(lambda: np.allclose(kernels(), expected, atol=1e-6), 20, f"the kernels of step {step}")
    assert not np.allclose(last, expected, atol=1e-3)
    assert drawings(tab) == before


def test_comparing_with_an_earlier_checkpoint(tab: Screen, server: Server) -> None:
    run = server.run("bike")
    tab.open("graph", run=run.id)
    tab.page.locator(".stage g.node").first.wait_for()
    tab.page.get_by_role("tab", name="Compare").click()
    tab.settle()
    choose(tab, "graph-compared_with", "This run at step 0")
    tab.page.locator(".scale .title", has_text="Change of the weights").wait_for()
    cells = tab.page.get_by_role("tabpanel").locator("visible=true").last.locator("[data-testid=stDataFrame] td")
    cells.first.wait_for(state="attached")
    before, after = (open_run(run, step).network.get_submodule("fc1") for step in (run.checkpoints[0], None))
    moved = max(float((after.get_parameter(n) - p).abs().max()) for n, p in before.named_parameters())
    assert f"{moved:.4g}" in cells.all_text_contents()


def test_what_is_taken_away(tab: Screen, server: Server, blocks: Path, tmp_path: Path) -> None:
    shown_file(tab, server, blocks)
    tab.page.get_by_role("tab", name="Export").click()
    tab.part("graph-download-json").get_by_role("button").wait_for()
    tab.settle()
    taken: dict[str, bytes] = {}
    for ending in ("svg", "png", "pdf", "dot", "json", "onnx", "netron-json", "html"):
        with tab.page.expect_download(timeout=60_000) as download:
            tab.part(f"graph-download-{ending}").get_by_role("button").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        taken[ending] = path.read_bytes()
    assert taken["svg"].lstrip().startswith(b"<")
    assert taken["png"].startswith(b"\x89PNG")
    assert taken["pdf"].startswith(b"%PDF")
    assert b"digraph" in taken["dot"]
    assert len(json.loads(taken["json"])["nodes"]) == 8 * BLOCKS
    assert taken["onnx"] == blocks.read_bytes()
    assert json.loads(taken["netron-json"])["signature"] == "netron:attachment"
    assert b"stage1" in taken["html"]


def test_a_given_input_takes_the_place_of_the_made_up_one(tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    tab.page.get_by_role("button", name="Open all").click()
    tab.page.locator("#node-n0").wait_for()
    tab.page.locator("#node-n0").click()
    tab.shown("For a made-up input")
    given = np.asarray([[1.0, 2.0, 3.0, 4.0]], np.float32)
    content = io.BytesIO()
    np.save(content, given)
    tab.part("graph-input").get_by_role("button").first.click()
    field = tab.page.get_by_test_id("stPopoverBody").locator("input[type=file]")
    field.set_input_files({"name": "x.npy", "mimeType": "application/octet-stream", "buffer": content.getvalue()})
    expected = (given @ np.full((4, 4), 0.1, np.float32))[0]
    bars = tab.page.locator('[class*="st-key-inspector-tabs"] .stVegaLiteChart').first
    wait_until(lambda: np.allclose(tab.bars(bars), expected, atol=1e-5), 30, f"the product {expected}")


def send(tab: Screen, name: str, content: bytes) -> None:
    field = tab.page.locator("input[type=file]").last
    field.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


def three_sines() -> bytes:
    """A model whose three operations differ in nothing but their places."""
    nodes = [helper.make_node("Sin", [f"t{i}"], [f"t{i + 1}"]) for i in range(3)]
    first, last = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in ("t0", "t3"))
    graph = helper.make_graph(nodes, "sines", [first], [last])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(made.SerializeToString())


def test_examples_are_offered_and_a_refused_file_leaves_the_drawing(tab: Screen, server: Server) -> None:
    tab.open("graph", run=server.run("bike").id)
    tab.page.get_by_text("A model of torchvision", exact=True).click()
    tab.page.get_by_role("button", name="For example resnet18").wait_for()
    tab.page.get_by_text("An ONNX file", exact=True).click()
    tab.page.get_by_role("button", name="For example the file of").click()
    tab.page.locator(".stage g.node.operation").first.wait_for()
    tab.settle()
    shown = tab.page.locator("div.graph").evaluate("graph => graph.view.drawing.text")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("model.onnx", b"\0" * 100)
    send(tab, "bad.onnx", content.getvalue())
    tab.shown("bad.onnx is not an ONNX file")
    tab.settle()
    assert tab.page.locator("div.graph").evaluate("graph => graph.view.drawing.text") == shown
    assert tab.page.locator(".stage g.node.operation").first.is_visible()
    before = drawings(tab)
    send(tab, "sines.onnx", three_sines())  # equal names are told apart by their order
    drawn_again(tab, before)
    tab.page.locator("#node-n1").click()
    tab.shown("Node: Sin 2 of 3")
