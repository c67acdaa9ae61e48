"""The graph component in a real Chromium: click, keys, pan and zoom, theme, and SVG that would run a script."""

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute

from tests.web.component_page import address as address
from tests.web.component_page import opened, selected, view
from tests.web.component_page import window as window

BELOW = ("node-n1", "node-n3")  # n0 in the plain graph


def test_a_click_selects_and_keeps_the_view(window: BrowserContext, address: str) -> None:
    page = opened(window, address)
    page.locator("button[data-do=in]").click()
    before = view(page)
    page.locator("#node-n1").click()
    selected(page, "n1")
    assert page.locator("#node-n1").get_attribute("aria-pressed") == "true"
    assert page.locator("g.node.selected").count() == 1
    assert page.locator("g.edge.near").count() == 2
    assert view(page) == before
    page.get_by_role("button", name="outside").click()
    selected(page, "n2")
    page.locator("#node-n2.selected").wait_for()
    page.close()


def test_a_late_word_of_the_page_does_not_take_the_selection_back(window: BrowserContext, address: str) -> None:
    page = window.new_page()
    held: list[str | bytes] = []
    holding = False
    sockets: list[WebSocketRoute] = []

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sockets.append(socket)
        server.on_message(lambda message: held.append(message) if holding else socket.send(message))

    page.route_web_socket("**/_stcore/stream", between)
    opened(page, address)
    page.locator(".stage").evaluate("""(stage) => {
      window.marks = [];
      new MutationObserver(() => {
        const id = stage.querySelector("g.node.selected")?.id;
        if (id && id !== window.marks.at(-1)) window.marks.push(id);
      }).observe(stage, { subtree: true, attributes: true, attributeFilter: ["class"] });
    }""")
    holding = True
    page.locator("#node-n0").click()
    for _ in range(100):
        page.wait_for_timeout(100)
        if any(b"selected:" in bytes(message) for message in held if isinstance(message, bytes)):
            break  # what the page says of n0 is under way
    page.keyboard.press("ArrowDown")  # and before it comes, the selection has gone on
    holding = False
    for message in held:
        sockets[-1].send(message)
    page.wait_for_function("window.marks.length >= 2")
    selected(page, page.evaluate("window.marks[1].replace('node-', '')"))
    page.wait_for_timeout(300)
    first, *rest = page.evaluate("window.marks")
    assert (first, len(rest)) == ("node-n0", 1)
    assert rest[0] in BELOW
    page.get_by_role("button", name="outside").click()  # the page's own choice counts at once
    page.locator("#node-n2.selected").wait_for()
    page.locator("#node-n1").click()
    selected(page, "n1")
    page.get_by_role("button", name="outside").click()
    page.locator("#node-n2.selected").wait_for()
    page.close()


def test_keys(window: BrowserContext, address: str) -> None:
    page = opened(window, address)
    page.locator("#node-n0").focus()
    page.keyboard.press("Enter")
    selected(page, "n0")
    page.keyboard.press("ArrowDown")
    assert page.locator("g.node.selected").get_attribute("id") in BELOW
    page.keyboard.press("ArrowUp")
    selected(page, "n0")
    page.keyboard.press("?")
    assert page.locator(".keys").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".keys").is_hidden()
    before = view(page)
    page.keyboard.press("+")
    assert view(page) != before
    page.keyboard.press("f")
    fitted = view(page)
    page.keyboard.press("Shift+ArrowLeft")
    assert view(page) != fitted
    page.keyboard.press("0")
    assert view(page) == fitted
    page.close()


def test_wheel_zooms_about_the_pointer_and_dragging_pans(window: BrowserContext, address: str) -> None:
    page = opened(window, address)
    node = page.locator("#node-n1 text")
    box = node.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(100)
    larger = node.bounding_box()
    assert larger is not None
    assert larger["width"] > 1.3 * box["width"]
    assert abs(larger["x"] + larger["width"] / 2 - x) < 2
    assert abs(larger["y"] + larger["height"] / 2 - y) < 2
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=4)
    page.mouse.up()
    moved = node.bounding_box()
    assert moved is not None
    assert abs(moved["x"] - larger["x"] - 60) < 2
    assert abs(moved["y"] - larger["y"] - 40) < 2
    page.wait_for_timeout(300)
    selected(page, "None")  # a drag is no click
    page.close()


SHOWN_AGAIN = """(graph, zoomed) => {
  const { view } = graph;
  const svg = view.drawing.text;
  view.drawing.text = "";
  view.show({ svg, opens: [], folds: [], inside: {}, jumps: {}, levels: 0 });
  const hidden = [...graph.querySelectorAll("g.later")].map((group) => group.getBoundingClientRect());
  const stage = graph.querySelector(".stage").getBoundingClientRect();
  if (zoomed) view.viewport.zoom(0.5);
  return [
    hidden.length,
    hidden.filter((box) => box.bottom > stage.top && box.top < stage.bottom).length,
    graph.querySelectorAll("g.later").length,
  ];
}"""
WORDS = "stage => [...stage.querySelectorAll('g.node > text')].filter(text => text.getBBox().width > 0).length"


def test_words_out_of_sight_come_after_the_first_picture(window: BrowserContext, address: str) -> None:
    page = opened(window, address, "?svg=long")
    graph = page.locator("div.graph")
    hidden, seen, left = graph.evaluate(SHOWN_AGAIN, True)
    assert hidden > 150
    assert seen == 0  # nothing that stands on the screen is without its words
    assert left == 0  # another view: all of them at once
    page.wait_for_timeout(300)
    hidden, seen, left = graph.evaluate(SHOWN_AGAIN, False)
    assert hidden == left > 0
    assert seen == 0
    page.locator("g.later").first.wait_for(state="detached")
    assert page.locator(".stage").evaluate(WORDS) == 200
    page.close()


def test_no_script_in_an_svg_ever_runs(window: BrowserContext, address: str) -> None:
    page = opened(window, address, "?svg=hostile")
    page.locator("#node-n0").hover()
    page.locator("#node-n0").click()
    selected(page, "n0")
    page.wait_for_timeout(500)
    assert page.evaluate("window.hacked") is None
    stage = page.locator(".stage")
    for name in ("script", "foreignObject", "image", "a", "style", "animate"):
        assert stage.locator(name).count() == 0
    assert stage.locator("text").all_text_contents() == ["safe"]
    page.close()


@pytest.mark.parametrize("name", ["broken", "html"])
def test_what_is_no_svg_shows_nothing(window: BrowserContext, address: str, name: str) -> None:
    page = opened(window, address, f"?svg={name}")
    assert page.locator(".stage > *").count() == 0
    page.close()


def place(page: Page, selector: str) -> tuple[float, float]:
    """The top middle of an element on the screen."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"]


def test_what_was_clicked_keeps_its_place(window: BrowserContext, address: str) -> None:
    page = opened(window, address, "?svg=folded")
    before = place(page, "#node-m1 path >> nth=0")
    page.locator("#node-m1").click()
    page.locator("#frame-m1").wait_for()
    opened_at = place(page, "#frame-m1 path >> nth=0")
    assert max(abs(a - b) for a, b in zip(before, opened_at, strict=True)) < 3
    page.locator("#frame-m1 text").click()  # the title folds it again
    page.locator("#node-m1").wait_for()
    again = place(page, "#node-m1 path >> nth=0")
    assert max(abs(a - b) for a, b in zip(opened_at, again, strict=True)) < 3
    page.locator("#node-m1").focus()
    page.keyboard.press("Enter")
    page.locator("#node-n2").focus()
    page.keyboard.press("Backspace")
    page.locator("#node-m1").wait_for()
    page.keyboard.press("]")
    page.get_by_text("acts: level 1").wait_for()
    page.keyboard.press("[")
    page.get_by_text("acts: level 1, level -1").wait_for()
    page.close()


def test_buttons_fold_and_open_to_every_depth(window: BrowserContext, address: str) -> None:
    page = opened(window, address)
    row = page.get_by_role("toolbar", name="Modules").get_by_role("button")
    assert row.all_inner_texts() == ["Overview", "Fold all", "1", "2", "Open all"]
    done = []
    for place, act in ((0, "depth first"), (1, "depth 0"), (3, "depth 2"), (4, "depth all")):
        row.nth(place).click()
        done.append(act)
        page.get_by_text(f"acts: {', '.join(done)}").wait_for()
    page.close()


def test_search_lists_hits_and_goes_from_one_to_the_next(window: BrowserContext, address: str) -> None:
    page = opened(window, address)
    page.locator("#node-n0").focus()
    page.keyboard.press("/")
    page.keyboard.type("op")
    page.locator(".search li").first.wait_for()
    assert page.locator(".search li").all_inner_texts() == ["Op2there", "Op3here"]
    page.keyboard.press("Enter")
    selected(page, "n2")
    page.keyboard.press("Enter")
    selected(page, "n3")
    assert page.locator(".search .count").inner_text() == "2 / 2"
    page.keyboard.press("Shift+Enter")
    selected(page, "n2")
    page.keyboard.press("Escape")
    page.locator(".search li").first.wait_for(state="detached")
    page.close()


def test_colours_lie_over_the_drawing_and_come_off(window: BrowserContext, address: str) -> None:
    page = opened(window, address)
    drawn = page.locator(".stage").get_attribute("data-drawn")
    fill = "node => getComputedStyle(node.querySelector('path')).fill"
    own = page.locator("#node-n1").evaluate(fill)
    page.get_by_role("button", name="colour").click()
    page.locator(".scale .high", has_text="9").wait_for()
    assert page.locator("#node-n1").evaluate(fill) == "rgb(18, 52, 86)"
    assert "Size: 9" in str(page.locator("#node-n1 title").text_content())
    assert page.locator("#node-n2.unmeasured").count() == 1
    page.get_by_role("button", name="colour").click()
    page.locator(".scale .high").wait_for(state="hidden")
    assert page.locator("#node-n1").evaluate(fill) == own
    assert page.locator(".stage").get_attribute("data-drawn") == drawn  # no new drawing
    page.close()


def test_the_path_of_the_selection_is_lit(window: BrowserContext, address: str) -> None:
    page = opened(window, address)
    page.locator("#node-n2").click()
    selected(page, "n2")
    assert page.locator("g.edge.lit").count() == 2  # n0 → n1 → n2, to any depth
    assert page.locator("#node-n3.dim").count() == 1
    page.locator("button[data-do=path]").click()
    assert page.locator("g.edge.lit").count() == 1
    page.close()
