"""Drawings that are fetched before the page answers: there at once, right for quick hands, never the only way."""

import urllib.error
import urllib.request
from collections.abc import Callable
from itertools import count
from pathlib import Path

import onnx
import pytest
from playwright.sync_api import WebSocketRoute

from explorer.files.zoo import zoo_id, zoo_path
from tests.browser.graph.test_graph_explorer import boxes, drawings, drawn_again, shown_file
from tests.browser.screen import Screen
from tests.browser.server import Server, wait_until

OPENS = "graph => [...graph.view.drawing.opens]"
SHOWN = "(graph, id) => graph.view.drawing.nodes.has(id)"


class Held:
    """What the page says, held back from the browser once ``holding``."""

    def __init__(self, tab: Screen) -> None:
        self.messages: list[str | bytes] = []
        self.holding = False
        tab.page.route_web_socket("**/_stcore/stream", self._between)

    def _between(self, browser: WebSocketRoute) -> None:
        self._browser = browser
        page = browser.connect_to_server()
        page.on_message(lambda message: self.messages.append(message) if self.holding else browser.send(message))

    def release(self) -> None:
        """Let it all through."""
        self.holding = False
        for message in self.messages:
            self._browser.send(message)
        self.messages.clear()


def test_a_click_does_not_wait_for_the_page(tab: Screen, server: Server, blocks: Path) -> None:
    held = Held(tab)
    shown_file(tab, server, blocks)
    first, before = boxes(tab), drawings(tab)
    held.holding = True  # from here on, nothing of what the page says arrives
    tab.page.locator(".stage g.node.opens").first.click()
    wait_until(lambda: drawings(tab) > before, 30, "another drawing")
    assert boxes(tab) > first
    tab.page.get_by_role("button", name="Open all").click()
    wait_until(lambda: boxes(tab) > 60, 30, "everything open")
    wait_until(lambda: held.messages, 30, "what the page says")


def test_what_the_pointer_or_the_focus_rests_on_is_there_with_the_click(
    tab: Screen, server: Server, blocks: Path
) -> None:
    held = Held(tab)
    shown_file(tab, server, blocks)
    box, other = (tab.page.locator(".stage g.node.opens").nth(place) for place in (0, 1))
    name = tab.page.locator("g.frame.folds > text").first
    button = tab.page.get_by_role("button", name="Open all")
    steps: tuple[tuple[Callable[[], None], Callable[[], None]], ...] = (
        (box.hover, box.click),
        (name.hover, name.click),
        (other.focus, lambda: other.press("Enter")),
        (button.hover, button.click),
    )
    for rest, act in steps:
        tab.page.mouse.move(5, 5)
        count, before = boxes(tab), drawings(tab)
        with tab.page.expect_response("**/drawing") as answer:
            rest()
        answer.value.finished()
        assert drawings(tab) == before  # nothing has been done yet
        held.holding = True
        tab.page.route("**/drawing", lambda route: route.abort())  # neither can anything be asked for any more
        act()
        wait_until(lambda before=before: drawings(tab) > before, 30, "another drawing")  # type: ignore[misc]
        assert boxes(tab) != count
        tab.page.unroute("**/drawing")
        held.release()
        tab.settle()


def test_a_pointer_that_passes_by_asks_for_nothing(tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url) if "/drawing" in request.url else None)
    opens = tab.page.locator(".stage g.node.opens").first
    opens.scroll_into_view_if_needed()
    box = opens.bounding_box()
    assert box is not None
    for _ in range(5):
        tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tab.page.mouse.move(5, 5)
    offsets = count()

    def rests() -> bool:
        """A pointer that rests on the box; it moves by a pixel, as a hand does, until the page was ready to notice."""
        if not asked:
            opens.hover(position={"x": 8 + next(offsets) % 2, "y": 8})
        tab.page.wait_for_timeout(100)
        return bool(asked)

    wait_until(rests, 30, "a request for the drawing")
    tab.settle()
    assert len(asked) == 1


def test_the_page_brings_the_drawing_where_nothing_comes_ahead(tab: Screen, server: Server, blocks: Path) -> None:
    tab.page.route("**/drawing", lambda route: route.abort())
    shown_file(tab, server, blocks)
    first, before = boxes(tab), drawings(tab)
    tab.page.locator(".stage g.node.opens").first.click()
    drawn_again(tab, before)
    assert boxes(tab) > first
    tab.page.get_by_role("button", name="Overview").click()
    wait_until(lambda: boxes(tab) == first, 30, "the first view")


def test_two_quick_clicks_both_count(tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    tab.page.get_by_role("button", name="1", exact=True).click()  # the stages open, the blocks folded
    tab.settle()
    graph = tab.page.locator("div.graph")
    one, other = graph.evaluate(OPENS)[:2]
    graph.evaluate("(graph, ids) => ids.forEach(id => graph.view.toggle(id))", [one, other])
    wait_until(lambda: not graph.evaluate(SHOWN, one) and not graph.evaluate(SHOWN, other), 30, "both open")
    tab.settle()
    tab.page.locator("div.graph[aria-busy=false]").wait_for()
    assert not graph.evaluate(SHOWN, one)
    assert not graph.evaluate(SHOWN, other)
    assert graph.get_attribute("aria-busy") == "false"


def test_an_architecture_is_found_and_chosen_by_keys(tab: Screen, server: Server, blocks: Path) -> None:
    file = zoo_path(server.store, zoo_id("squeezenet1_1"))
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(blocks.read_bytes())  # a file that is there already: no export
    try:
        shown_file(tab, server, blocks)
        tab.page.get_by_text("A model of torchvision", exact=True).click()
        field = tab.page.get_by_role("combobox", name="Architecture")
        field.click()
        menu = tab.page.get_by_role("listbox", name="Architecture")
        assert menu.get_by_role("option").count() > 70
        tab.page.keyboard.type("net squeeze")
        wait_until(lambda: menu.get_by_role("option").count() == 2, 10, "the two that fit")
        assert "exported" in str(menu.get_by_role("option", name="squeezenet1_1").get_attribute("aria-description"))
        tab.page.keyboard.press("ArrowDown")
        tab.page.keyboard.press("Enter")
        wait_until(lambda: tab.query().get("run") == zoo_id("squeezenet1_1"), 30, "the choice in the address")
        tab.page.locator(".stage g.node").first.wait_for()
        assert field.input_value() == "squeezenet1_1"
        field.click()
        tab.page.keyboard.type("vgg")
        tab.page.keyboard.press("Escape")
        assert field.input_value() == "squeezenet1_1"
        tab.settle()
    finally:
        file.unlink()


def test_a_file_is_sent_and_drawn_before_the_page_runs_again(tab: Screen, server: Server, blocks: Path) -> None:
    shown_file(tab, server, blocks)
    before = drawings(tab)
    other = onnx.load(blocks)
    del other.graph.node[8:]
    other.graph.output[0].name = other.graph.node[-1].output[0]
    tab.page.locator("input[type=file]").first.set_input_files(
        {"name": "smaller.onnx", "mimeType": "application/octet-stream", "buffer": other.SerializeToString()}
    )
    drawn_again(tab, before)
    assert boxes(tab) == 8 + 2  # so few operations are all open; input and output
    wait_until(lambda: "smaller.onnx" in tab.text(), 30, "the name of the file")
    kept = tab.query()["run"]
    tab.page.reload()
    tab.page.locator(".stage g.node").first.wait_for()
    assert tab.query()["run"] == kept
    assert boxes(tab) == 8 + 2


def test_a_file_that_grows_too_large_gets_a_sentence(tab: Screen, server: Server, tmp_path: Path) -> None:
    large = tmp_path / "large.onnx"
    with large.open("wb") as file:
        file.truncate(513 * 2**20)  # a hole: it takes no room
    tab.open("graph")
    tab.page.get_by_text("An ONNX file", exact=True).click()
    tab.page.locator("input[type=file]").first.set_input_files(large)
    tab.shown("large.onnx is larger than 512 MB", 90)
    assert not list((server.store / "uploads").glob("partial-*"))


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("drawing", b"{", 204),
        ("drawing", b"[]", 204),
        ("drawing", b"x" * 100_000, 413),
        ("upload", b"x", 404),
        ("upload?page=x&name=../../x", b"x", 404),
    ],
)
def test_the_addresses_answer_nothing_to_strangers(server: Server, address: str, body: bytes, status: int) -> None:
    request = urllib.request.Request(f"{server.url}/{address}", body, method="POST")  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            found, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        found, text = error.code, error.read()
    assert (found, text) == (status, b"")
