"""The address of the graph page: a link restores all that is on the screen, and the browser's back and forward too."""

import base64
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from explorer.graph.onnx_io.read import read_onnx
from tests.browser.graph.test_graph_explorer import boxes, choose, drawings, drawn_again, shown_file
from tests.browser.screen import Screen, screen
from tests.browser.server import Server, wait_until

DRAWN = "graph => [...graph.view.drawing.nodes.keys(), ...graph.view.drawing.frames.keys()].sort()"
# Whether the input is left of the output, whether the arrow of its edge is beside it, and the widths of all edges.
PLACES = """graph => {
  const middle = (element) => {
    const box = element.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const edge = graph.querySelector("g.edge[data-source=in0]");
  const ids = ["in0", edge.dataset.target, "out0"];
  const [input, next, output] = ids.map((id) => middle(graph.view.drawing.nodes.get(id)));
  const head = middle(edge.querySelector("polygon"));
  const far = (point) => Math.hypot(point[0] - head[0], point[1] - head[1]);
  const paths = [...graph.querySelectorAll("g.edge path")];
  return { leftOfOutput: input[0] < output[0] - 50, arrowAtInput: far(input) < far(next),
    widths: [...new Set(paths.map((path) => getComputedStyle(path).strokeWidth))].sort() };
}"""


def seen(tab: Screen) -> dict[str, Any]:
    """What a person sees that the address has to restore, read from the page and not from the address."""
    tab.settle()
    graph = tab.page.locator("div.graph")
    return {
        "boxes": graph.evaluate(DRAWN),
        "places": graph.evaluate(PLACES),
        "colour": tab.part("graph-colour").locator("input").input_value(),
        "scale": tab.page.locator(".scale .title").inner_text(),
        "search": tab.page.locator(".search input").input_value(),
        "count": tab.page.locator(".search .count").inner_text(),
        "tab": tab.part("graph-below").get_by_role("tab", selected=True).inner_text(),
        "selected": graph.evaluate("graph => graph.view.selection.id"),
    }


def shows(tab: Screen, wanted: dict[str, Any]) -> None:
    """Wait until the page looks like that."""
    tab.page.locator(".stage g.node").first.wait_for()
    last: dict[str, Any] = {}

    def is_shown() -> bool:
        last.update(seen(tab))
        return last == wanted

    try:
        wait_until(is_shown, 30, "what was on the screen")
    except AssertionError:
        assert last == wanted


def look(tab: Screen, key: str) -> None:
    """Press a switch of the popover beside the drawing, which stays open."""
    switch = tab.part(key).locator("label").first
    if not switch.is_visible():
        tab.part("graph-look").get_by_role("button").first.click()
    switch.click()
    tab.settle()


def test_a_link_restores_what_is_on_the_screen(browser: Browser, tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    plain = tab.query()
    assert list(plain) == ["run"]
    before = drawings(tab)
    tab.page.locator(".stage g.node.opens").first.click()
    drawn_again(tab, before)
    choose(tab, "graph-colour", "Bytes of the output")
    tab.page.locator(".scale .title", has_text="Bytes").wait_for()
    tab.page.locator(".search input").fill("op:Relu")
    tab.page.locator(".search li").first.wait_for()
    tab.part("graph-below").get_by_role("tab", name="Table").click()
    tab.settle()
    look(tab, "graph-order")
    look(tab, "graph-widths")
    tab.page.get_by_text("Left to right", exact=True).click()
    tab.settle()
    tab.page.keyboard.press("Escape")
    wait_until(lambda: tab.query().get("direction") == "LR", 20, "the direction in the address")
    wanted = seen(tab)
    assert wanted["places"]["leftOfOutput"]
    assert wanted["places"]["arrowAtInput"]
    assert wanted["count"] == str(sum(node.op_type == "Relu" for node in read_onnx(blocks).nodes))
    assert (wanted["search"], wanted["tab"]) == ("op:Relu", "Table")
    with screen(browser, server.url) as other:
        other.page.goto(tab.page.url)
        shows(other, wanted)
        other.page.reload()
        shows(other, wanted)
        other.page.get_by_role("link", name="Bike").click()
        other.page.get_by_role("heading", level=1, name="Bike").wait_for()
        other.settle()
        other.page.goto(f"{server.url}/graph?run={plain['run']}")
        wait_until(lambda: other.page.locator(".search input").input_value() == "", 30, "a plain link")


def test_a_change_of_page_keeps_the_drawing(tab: Screen, server: Server) -> None:
    run = server.run("digits").id
    tab.open(
        "graph", run=run, direction="LR", order="book", widths="size", colour="params", search="conv", tab="export"
    )
    tab.page.locator(".search li").first.wait_for()
    wanted = seen(tab)
    assert wanted["places"]["leftOfOutput"]
    assert wanted["places"]["arrowAtInput"]
    assert len(wanted["places"]["widths"]) > 2
    tab.page.get_by_role("link", name="Digits").click()
    tab.lens("digits")
    tab.page.get_by_role("link", name="Graph explorer").click()
    shows(tab, wanted)


def test_back_and_forward_step_through_what_was_done(tab: Screen, server: Server) -> None:
    outside = f"{server.url}/_stcore/health"
    tab.page.goto(outside)
    tab.open("graph")  # the page itself completes the address with a run
    tab.page.locator(".stage g.node").first.wait_for()
    tab.settle()
    states = [tab.query()]
    assert states[0].keys() == {"run"}
    first, second = (tab.page.locator(".stage g.node:not(.opens)[id^=node-n]").nth(place) for place in (0, 1))
    steps: tuple[Callable[[], Any], ...] = (
        lambda: first.click(),
        lambda: second.click(),
        lambda: choose(tab, "graph-colour", "FLOPs"),
        lambda: tab.page.locator(".search input").press_sequentially("relu", delay=300),
        lambda: tab.part("graph-below").get_by_role("tab", name="Export").click(),
    )
    for step in steps:
        step()
        wait_until(lambda: tab.query() != states[-1], 20, "another address")
        tab.settle()
        states.append(tab.query())
    assert states[4]["search"] == "relu"  # one entry for the word, not for each letter
    for state in reversed(states[:-1]):
        tab.page.go_back()
        wait_until(lambda state=state: tab.query() == state, 20, f"back at {state}")  # type: ignore[misc]
        tab.settle()
        assert tab.query() == state
        assert tab.page.locator(".search input").input_value() == state.get("search", "")
    for state in states[1:4]:
        tab.page.go_forward()
        tab.settle()
        assert tab.query() == state
        tab.page.locator(f"#node-{state['node']}.selected").wait_for()
    for _ in states[:4]:
        tab.page.go_back()
        if tab.page.url != outside:
            tab.settle()
    assert tab.page.url == outside  # nothing keeps a person here


def test_back_folds_what_was_opened(tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    first, before = boxes(tab), drawings(tab)
    tab.page.locator(".stage g.node.opens").first.click()
    drawn_again(tab, before)
    tab.settle()
    opened, before = boxes(tab), drawings(tab)
    assert opened > first
    tab.page.get_by_role("button", name="Open all").click()
    drawn_again(tab, before)
    tab.settle()
    for count in (opened, first):
        tab.page.go_back()
        wait_until(lambda count=count: boxes(tab) == count, 20, f"{count} boxes")  # type: ignore[misc]
        tab.settle()
    tab.page.go_forward()
    wait_until(lambda: boxes(tab) == opened, 20, "opened again")


def test_a_page_that_chooses_its_own_run_makes_no_step(tab: Screen, server: Server) -> None:
    tab.open("graph", run=server.run("sentiment").id)
    tab.page.locator(".stage g.node").first.wait_for()
    tab.settle()
    tab.page.get_by_role("link", name="Digits").click()
    tab.lens("digits")
    tab.settle()
    assert tab.query()["run"].startswith("digits")
    tab.page.go_back()  # once
    tab.page.locator(".stage g.node").first.wait_for()
    wait_until(lambda: tab.query().get("run") == server.run("sentiment").id, 20, "the run before in the address")


def test_a_link_to_a_comparison(tab: Screen, server: Server) -> None:
    run = server.run("bike").id
    tab.open("graph", run=run, tab="compare", compare=f"{run}@0", colour="change")
    tab.page.locator(".scale .title", has_text="Change of the weights").wait_for()
    wait_until(
        lambda: tab.part("graph-compared_with").locator("input").input_value() == "This run at step 0", 20, "choice"
    )
    panel = tab.page.get_by_role("tabpanel").locator("visible=true").last
    panel.locator("[data-testid=stDataFrame] td").first.wait_for(state="attached")


def test_what_an_address_cannot_mean_is_its_default(tab: Screen, server: Server) -> None:
    run = server.run("bike").id
    tab.open("graph", run=run)
    tab.page.locator(".stage g.node").first.wait_for()
    wanted = tab.page.locator("div.graph").evaluate(DRAWN)
    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 10**6)).decode()
    markup = "<img src=x onerror='window.hacked=1'>"
    for parts in (
        {"direction": markup, "order": "1", "widths": markup, "colour": markup, "tab": markup},
        {"open": markup, "compare": "../../etc/passwd"},
        {"open": bomb, "compare": f"{run}@²", "colour": "change", "tab": "compare"},
        {"open": "AAAA", "search": markup * 50, "compare": markup, "tab": "compare"},
    ):
        tab.open("graph", run=run, **parts)
        tab.page.locator(".stage g.node").first.wait_for()
        tab.settle()
        tab.sound()
        assert tab.page.locator("div.graph").evaluate(DRAWN) == wanted, parts
        assert tab.page.evaluate("window.hacked") is None
        assert "Traceback" not in tab.text()
