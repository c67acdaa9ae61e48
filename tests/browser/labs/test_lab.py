"""The laboratory as a person uses it: draws, slides, clicks and scrubs, and what is drawn is what torch computes."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator
from torch.nn import functional as F

from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.checkpoint import OpenRun, open_run, weights_at
from explorer.runs.folder import Run
from models.data import mnist
from models.digits.changes import Change, changed, suffix
from models.digits.own_digit import as_mnist, own_key, own_pixels
from tests.browser.screen import Screen, screen
from tests.browser.server import Server, wait_until

Stroke = Sequence[tuple[float, float]]
SEVEN: Stroke = ((0.27, 0.25), (0.5, 0.25), (0.72, 0.24), (0.62, 0.45), (0.53, 0.65), (0.46, 0.85))
ONE: Stroke = ((0.53, 0.12), (0.52, 0.35), (0.51, 0.6), (0.5, 0.88))
SCRIBBLE: Stroke = ((0.2, 0.9), (0.8, 0.7))

# The opacity of each point of what the sheet has sent last.
INK = """pad => [...pad.view.small.getContext("2d").getImageData(0, 0, 112, 112).data].filter((_, i) => i % 4 === 3)"""


def reach(tab: Screen, run: Run, sample: str, step: int | None = None) -> None:
    """Wait until the network of this sample is drawn."""
    shown = f"{run.id} {run.checkpoints[-1] if step is None else step} {sample}"
    wait_until(lambda: tab.lab().get_attribute("data-shown") == shown, 30, shown)


def choose(tab: Screen, name: str) -> None:
    """Press one of several words that stand side by side."""
    tab.page.get_by_role("radio", name=name, exact=True).or_(
        tab.page.get_by_role("button", name=name, exact=True)
    ).first.click()


def follow(tab: Screen, points: Stroke) -> None:
    """Draw a line on the sheet with the mouse; points in shares of its side."""
    box = tab.part("lab_pad").locator("canvas.sheet").bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    tab.page.mouse.move(*places[0])
    tab.page.mouse.down()
    for place in places[1:]:
        tab.page.mouse.move(*place, steps=6)
    tab.page.mouse.up()


def own(tab: Screen, run: Run) -> str:
    """The key of what is on the sheet, once its network is drawn; while a line is drawn, others come before it."""
    ink = np.reshape(tab.part("lab_pad").locator(".pad").evaluate(INK), (112, 112)) / 255
    key = own_key(as_mnist(ink).centred)
    reach(tab, run, key)
    tab.settle()
    assert tab.query()["sample"] == key
    return key


def agrees(tab: Screen, one: OpenRun, inputs: torch.Tensor) -> NDArray[np.float32]:
    """That the page shows these inputs (1, 1, 28, 28) and torch's answer to them; the ten probabilities."""
    found = tab.stages()
    np.testing.assert_allclose(found["input"]["values"], inputs[0].numpy(), atol=1e-6)
    with torch.no_grad():
        truth: NDArray[np.float32] = one.network(inputs).exp()[0].numpy()
    np.testing.assert_allclose(found["fc2"]["values"], truth, atol=1e-5)
    return truth


def opened(tab: Screen, server: Server, **query: str) -> tuple[Run, OpenRun]:
    """The laboratory, open on the store's trained run, when nothing trains any more: progress that ends moves all."""
    server.wait_for_first_runs()
    run = server.run("digits")
    tab.open("digits", run=run.id, **query).lens("digits")
    return run, open_run(run)


def test_a_drawn_digit_is_recognised(browser: Browser, tab: Screen, server: Server) -> None:
    run, one = opened(tab, server)
    choose(tab, "Draw")
    follow(tab, SEVEN)
    seven = own(tab, run)
    assert agrees(tab, one, drawn(seven)).argmax() == 7
    choose(tab, "Clear")  # an empty sheet is no digit: the last one stays
    tab.settle()
    assert tab.query()["sample"] == seven
    follow(tab, ONE)
    plain = own(tab, run)
    assert agrees(tab, one, drawn(plain)).argmax() == 1
    assert (tab.part("digits-number").locator("input").input_value()) == ""  # no test digit any more

    follow(tab, SCRIBBLE)
    own(tab, run)
    choose(tab, "Undo")
    assert own(tab, run) == plain
    choose(tab, "Eraser")
    follow(tab, ((0.2, 0.85), (0.8, 0.85)))
    erased = own(tab, run)
    agrees(tab, one, drawn(erased))
    assert drawn(erased)[0, 0].sum() != drawn(plain)[0, 0].sum()
    tab.part("lab_pad").locator("canvas.sheet").press("Control+z")
    assert own(tab, run) == plain

    with screen(browser, server.url) as other:
        other.page.goto(tab.page.evaluate("location.href"))
        reach(other, run, plain)
        agrees(other, one, drawn(plain))


def drawn(key: str) -> torch.Tensor:
    """What a network is fed for an own digit, (1, 1, 28, 28)."""
    return torch.from_numpy(own_pixels(key)).view(1, 1, 28, 28).float() / 255


def test_every_slider_changes_what_the_network_is_fed(tab: Screen, server: Server) -> None:
    run, one = opened(tab, server)
    plain = one.sample("test/0").inputs
    change = Change()
    for key, text, change in (
        ("lab-x", "3 px", Change(3)),
        ("lab-y", "-2 px", Change(3, -2)),
        ("lab-angle", "15°", Change(3, -2, 15)),
        ("lab-scale", "1.2×", Change(3, -2, 15, 1.2)),
        ("lab-noise", "0.2", Change(3, -2, 15, 1.2, 0.2)),
        ("lab-invert", "", Change(3, -2, 15, 1.2, 0.2, True)),
    ):
        if text:
            until(tab, key, text)
        else:
            tab.part(key).locator("label").click()
        reach(tab, run, f"test/0{suffix(change)}")
        agrees(tab, one, changed(plain, change))
    tab.page.get_by_role("button", name="Unchanged").click()
    reach(tab, run, "test/0")
    agrees(tab, one, plain)
    tab.settle()
    texts = [slider(tab, f"lab-{name}").get_attribute("aria-valuetext") for name in ("x", "y", "angle", "scale")]
    assert texts == ["0 px", "0 px", "0°", "1.00×"]
    assert tab.query()["sample"] == "test/0"


def slider(tab: Screen, key: str) -> Locator:
    return tab.part(key).locator("input[type=range]").first


def until(tab: Screen, key: str, text: str) -> None:
    """Press a slider's arrow, as quickly as one can, until it has the number that ``text`` begins with."""
    thumb = slider(tab, key)
    goal = float(text.rstrip("px°× "))

    def now() -> float:
        return float((thumb.get_attribute("aria-valuetext") or "").rstrip("px°× "))

    for _ in range(40):
        if abs(now() - goal) < 1e-6:
            return
        thumb.press("ArrowRight" if now() < goal else "ArrowLeft")
    raise AssertionError(f"{key} never said {text}")


def test_the_next_image_of_a_class(tab: Screen, server: Server) -> None:
    run, _one = opened(tab, server)
    sevens = np.flatnonzero(mnist.embedded().test_labels[5000:] == 7)
    for place in sevens[:3]:
        choose(tab, "7")
        reach(tab, run, f"test/{place}")
        tab.settle()
        assert tab.part("digits-number").locator("input").input_value() == str(place)
    assert tab.lab().locator(".output.truth .name").all_inner_texts() == ["7"]


def test_a_sweep_over_a_deep_map_writes_the_sum_out(tab: Screen, server: Server) -> None:
    sent: list[object] = []
    tab.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    run, one = opened(tab, server)
    assert sent
    maps = tab.lab().get_by_role("button", name="conv2 · relu2, map 3 of 8")
    maps.click(position={"x": 4, "y": 4})
    panel = tab.lab().locator(".window-panel")
    panel.get_by_text("conv2 · relu2, map 3 of 8").wait_for()
    wait_until(lambda: tab.query().get("node"), 20, "the layer in the address")
    tab.settle()

    network = one.network
    with torch.no_grad():
        pooled = F.max_pool2d(F.relu(network.get_submodule("conv1")(one.sample("test/0").inputs)), 2)
        weight, bias = network.get_parameter("conv2.weight"), network.get_parameter("conv2.bias")
        parts = torch.cat([F.conv2d(pooled[:, c : c + 1], weight[2:3, c : c + 1], padding=2) for c in range(4)])[:, 0]
        after = F.relu(F.conv2d(pooled, weight, bias, padding=2))[0, 2]
    output = panel.locator(".outputs .map").last
    output.scroll_into_view_if_needed()
    box = output.bounding_box()
    assert box is not None
    cell = box["width"] / 14
    before = len(sent)
    for row, column in ((0, 0), (3, 9), (6, 6), (13, 2), (13, 13)):
        tab.page.mouse.move(box["x"] + (column + 0.5) * cell, box["y"] + (row + 0.5) * cell, steps=4)
        panel.get_by_text(f"Row {row + 1}, column {column + 1}", exact=True).wait_for()
        sums = [number(text) for text in panel.locator(".chip b").all_inner_texts()]
        np.testing.assert_allclose(sums, parts[:, row, column].numpy(), rtol=1e-3, atol=1e-6)
        result = number(panel.locator(".sum .result").inner_text())
        np.testing.assert_allclose(result, float(after[row, column]), rtol=1e-3, atol=1e-6)
    assert len(sent) == before  # hovering asks nothing of the server

    node = tab.query()["node"]  # the layer's operation in the graph, which the graph page then shows
    tab.page.get_by_role("link", name="Graph explorer").click()
    tab.page.locator(f"#node-{node}.selected").wait_for()
    operation = read_onnx(run.onnx_path).find(node)
    assert operation is not None
    assert (operation.op_type, operation.scope) == ("Conv", ("conv2",))
    assert tab.query()["node"] == node


def number(text: str) -> float:
    """A number of the page, which has a minus sign of its own."""
    return float(text.replace("−", "-"))


def test_maps_by_keyboard(tab: Screen, server: Server) -> None:
    opened(tab, server)
    tab.lab().get_by_role("button", name="pool1, map 1 of 4").focus()
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("Enter")
    title = tab.lab().locator(".window-panel .title")
    wait_until(lambda: title.inner_text() == "pool1, map 2 of 4", 10, "the map's arithmetic")
    found = tab.stages()
    tab.lab().locator(".window-panel .outputs").focus()
    tab.page.keyboard.press("Control+Home")
    for _ in range(7):
        tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("ArrowRight")
    tab.lab().get_by_text("Row 8, column 2", exact=True).wait_for()
    block = found["conv1"]["values"][1, 14:16, 2:4]
    result = number(tab.lab().locator(".sum .result").inner_text())
    assert result == pytest.approx(float(block.max()), rel=1e-3)


def test_scrubbing_the_checkpoints(tab: Screen, server: Server) -> None:
    run, one = opened(tab, server)
    thumb = slider(tab, "bar-checkpoint")
    thumb.press("Home")
    for step in run.checkpoints[:4]:
        reach(tab, run, "test/0", step)
        weights, found = weights_at(run, step), tab.stages()
        for layer in ("conv1", "conv2"):
            np.testing.assert_array_equal(
                np.reshape(found[layer]["kernel"], weights[f"{layer}.weight"].shape), weights[f"{layer}.weight"].numpy()
            )
        maps = F.conv2d(one.sample("test/0").inputs, weights["conv1.weight"], weights["conv1.bias"], padding=2)
        np.testing.assert_allclose(found["conv1"]["before"], maps[0].numpy(), atol=1e-5)
        agrees(tab, open_run(run, step), one.sample("test/0").inputs)
        thumb.press("ArrowRight")
    tab.settle()
    for _ in range(len(run.checkpoints) - 4 - 4):
        thumb.press("ArrowRight")
    reach(tab, run, "test/0", run.checkpoints[-4])
    tab.part("bar-play").get_by_role("button").click()
    for step in run.checkpoints[-3:]:  # as a film, up to the last
        reach(tab, run, "test/0", step)
    wait_until(lambda: "checkpoint" not in tab.query(), 10, "the last checkpoint, not fixed to a step")
    agrees(tab, one, one.sample("test/0").inputs)
