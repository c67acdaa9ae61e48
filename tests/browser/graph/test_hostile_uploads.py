"""Files from strangers in the page: nothing in them runs, each tells one sentence, and other people notice nothing."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from playwright.sync_api import Browser, FilePayload

from tests.browser.screen import Screen, screen
from tests.browser.server import Server, wait_until

SCRIPT = "<img src=x onerror='window.hacked=1'><script>window.hacked=2</script>"
LINK = "![a](http://example.com/a.png) [b](javascript:window.hacked=3) <a href='http://example.com'>c</a>"


def model(*nodes: onnx.NodeProto, tensors: tuple[onnx.TensorProto, ...] = (), out: str = "out") -> bytes:
    value = helper.make_tensor_value_info
    given, result = value("in", TensorProto.FLOAT, [2, 3]), value(out, TensorProto.FLOAT, None)
    graph = helper.make_graph(list(nodes), SCRIPT, [given], [result], list(tensors))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(made.SerializeToString())


def markup() -> bytes:
    """Markup, scripts, links, control characters and 100 kB wherever a file may hold text."""
    weight = numpy_helper.from_array(np.ones((3, 3), np.float32), f"{SCRIPT}weight")
    product = helper.make_node("MatMul", ["in", weight.name], [LINK], f"{SCRIPT}/{LINK}/product")
    note = product.metadata_props.add()
    note.key, note.value = "pkg.torch.onnx.stack_trace", f'File "{SCRIPT}", line 1, in {SCRIPT}\n{SCRIPT}'
    strange = helper.make_node(SCRIPT, [LINK], ["strange"], "\x00\x1b[31m\u202e" + "x" * 100_000, domain=LINK)
    strange.attribute.append(helper.make_attribute(SCRIPT, LINK))
    last = helper.make_node("Relu", [LINK], ["out"], f"{SCRIPT}/last")
    return model(product, strange, last, tensors=(weight,))


def cycle() -> bytes:
    return model(helper.make_node("Add", ["in", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"]), out="b")


def hungry() -> bytes:
    """A terabyte of zeros."""
    size = numpy_helper.from_array(np.asarray([2**38], np.int64), "size")
    return model(helper.make_node("ConstantOfShape", ["size"], ["out"]), tensors=(size,))


def outside() -> bytes:
    """Weights that are said to lie in a file of the server."""
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3, 3], data_location=TensorProto.EXTERNAL)
    entry = weight.external_data.add()
    entry.key, entry.value = "location", "../../../../../../etc/passwd"
    return model(helper.make_node("MatMul", ["in", "w"], ["out"]), tensors=(weight,))


def upload(tab: Screen, name: str, content: bytes, *others: tuple[str, bytes]) -> None:
    """Give the page a model, and files that go with it."""
    tab.open("graph")
    tab.page.get_by_text("An ONNX file", exact=True).click()
    field = tab.page.locator("input[type=file]").last
    field.wait_for(state="attached")
    tab.settle()
    files: list[FilePayload] = [
        {"name": each, "mimeType": "application/octet-stream", "buffer": data}
        for each, data in ((name, content), *others)
    ]
    field.set_input_files(files)


def test_no_script_of_a_file_ever_runs(tab: Screen, server: Server) -> None:
    upload(tab, "markup.onnx", markup())
    tab.page.locator(".stage g.node").first.wait_for()
    tab.settle()
    for node in ("n0", "n1", "n2"):
        tab.page.locator(f"#node-{node}").click()
        wait_until(lambda node=node: tab.query().get("node") == node, 20, node)  # type: ignore[misc]
        for title in ("Activation", "Weights", "Gradient", "Arithmetic", "Attributes", "Source"):
            tab.page.get_by_role("tab", name=title).click()
            tab.settle()
    for title in ("Table", "Operations", "Compare"):
        tab.page.get_by_role("tab", name=title).click()
        tab.settle()
    tab.page.locator(".search input").fill("img")
    tab.page.locator(".search li").first.hover()
    tab.settle()
    assert tab.page.evaluate("window.hacked") is None
    assert tab.page.locator("[data-testid=stMain] img[src=x], [data-testid=stMain] a[href*=example]").count() == 0
    assert len(tab.text()) < 60_000  # of 100 kB names only the ends are sent


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("text.onnx", b"this is no model" * 50, "text.onnx is not an ONNX file"),
        ("half.onnx", markup()[:-5000], "half.onnx is not an ONNX file"),
        ("empty.onnx", b"", "empty.onnx"),
    ],
)
def test_what_is_no_model_gets_a_sentence(tab: Screen, name: str, content: bytes, sentence: str) -> None:
    upload(tab, name, content)
    tab.shown(sentence)


@pytest.mark.parametrize(
    ("name", "content", "node", "sentence"),
    [
        ("cycle.onnx", cycle(), "n0", "cannot run"),
        ("hungry.onnx", hungry(), "n0", "GB"),
        ("outside.onnx", outside(), "n0", "lie outside the file"),
    ],
)
def test_what_cannot_run_is_drawn_and_says_why(
    tab: Screen, browser: Browser, server: Server, name: str, content: bytes, node: str, sentence: str
) -> None:
    upload(tab, name, content)
    tab.page.locator(f"#node-{node}").wait_for(timeout=60_000)
    tab.page.locator(f"#node-{node}").click()
    tab.page.get_by_role("tab", name="Activation").wait_for()
    tab.shown(sentence, 60)
    with screen(browser, server.url) as other:  # somebody else, at the same time
        other.open("graph", run=server.run("bike").id)
        other.page.locator("#node-n0").click()
        other.page.locator("h2", has_text="Gemm").wait_for()


def test_what_lies_outside_is_not_told(tab: Screen, server: Server) -> None:
    """Not one line of the server's file reaches the page, nor the file itself as a weight."""
    upload(tab, "outside.onnx", outside())
    tab.page.locator("#node-n0").click()
    tab.page.get_by_role("tab", name="Weights").click()
    tab.shown("lie outside the file")
    assert Path("/", "etc", "passwd").read_text().splitlines()[0] not in tab.text()


def test_weights_in_a_file_of_their_own_are_given_together_with_the_model(tab: Screen, tmp_path: Path) -> None:
    """Alone the model is drawn and says what is missing; with its file, in whatever order, it has values."""
    weight = numpy_helper.from_array(np.full((3, 3), 0.25, np.float32), "w")
    made = onnx.load_from_string(model(helper.make_node("MatMul", ["in", "w"], ["out"]), tensors=(weight,)))
    path = tmp_path / "net.onnx"
    onnx.save(made, path, save_as_external_data=True, location="net.bin", size_threshold=0)
    content, values = path.read_bytes(), (tmp_path / "net.bin").read_bytes()
    upload(tab, "net.onnx", content)
    tab.page.locator("#node-n0").click()
    tab.shown("Give that file together with the model")
    upload(tab, "net.bin", values, ("net.onnx", content))
    tab.page.locator("#node-n0").click()
    tab.page.get_by_role("tab", name="Weights").click()
    tab.shown("0.25")
    assert "Give that file" not in tab.text()
