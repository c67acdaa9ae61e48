"""The graph component in a real Chromium: click, keys, pan and zoom, theme, and SVG that would run a script."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, WebSocketRoute, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]
APP = '''
import json, streamlit as st
from explorer.ui.graph_view import Drawing, Found, Overlay, Scale, graph_overlay, graph_view
svgs = json.loads(open("svgs.json", encoding="utf-8").read())
state = st.session_state
shown = state.get("drawn") or st.query_params.get("svg", "plain")
opens, folds = (("m1",) if shown == form else () for form in ("folded", "open"))
drawing = Drawing(svgs[shown], opens, folds, {"n2": "m1"}, levels=3)
query = state.get("query", "")
overlay = Overlay(
    selected=state.get("node"), legend=(("Layer", "#335588"),),
    scale=Scale("Size", ("#ffffff", "#000000"), "1", "9") if state.get("coloured") else None,
    colours={"n1": ("#123456", "#ffffff", "Size: 9")} if state.get("coloured") else None,
    found=Found(query, 2, (("n2", "Op2", "there"), ("n3", "Op3", "here"))) if query else None,
)
def acted(acts):
    for act in acts:
        if act.kind == "toggle":
            state.drawn = {"folded": "open", "open": "folded"}[shown]
        else:
            state.acts = [*state.get("acts", []), f"{act.kind} {act.value}"]
graph_view(drawing, acted, key="graph")
def picked(node):
    state.node = node
def searched(text):
    state.query = text
graph_overlay(drawing, overlay, picked, searched, key="graph")
st.write("selected:", str(state.get("node")), "acts:", ", ".join(state.get("acts", [])))
if st.button("outside"):
    state.node = "n2"
    st.rerun()
if st.button("colour"):
    state.coloured = not state.get("coloured")
    st.rerun()
'''
HOSTILE = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 100"
 onload="window.hacked=1"><script>window.hacked=2</script><g class="graph" transform="translate(4 90)">
<g id="node-n0" class="node" onclick="window.hacked=3" onmouseover="window.hacked=4"><title>a</title>
<path d="M0,0H50V-20H0Z" fill="url(#x)"/><text x="5" y="-5">safe</text></g>
<a xlink:href="javascript:window.hacked=5"><text>link</text></a><image href="x" onerror="window.hacked=6"/>
<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="window.hacked=7"/></body>
</foreignObject>
<animate onbegin="window.hacked=8" attributeName="x" dur="1s"/><style>@import "x"</style></g></svg>"""
BELOW = ("node-n1", "node-n3")  # n0 in the plain graph

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from explorer.graph.layout import draw

    folder = tmp_path_factory.mktemp("component")
    card = '<<TABLE BORDER="1" BGCOLOR="#335588"><TR><TD>Op{0}</TD></TR></TABLE>>'
    nodes = "".join(f'n{i} [id="node-n{i}" label={card.format(i)}] ' for i in range(4))
    chain = f"digraph {{ node [shape=plain] {nodes} n0 -> n1 -> n2; n0 -> n3 }}"
    def module(inside: str) -> str:
        around = "n0 -> n9 -> n8 -> n7; "  # something above, so that another layout puts things elsewhere
        cards = "".join(f'n{i} [id="node-n{i}" label={card.format(i)}] ' for i in (0, 7, 8, 9))
        return f"digraph {{ node [shape=plain] {cards} {around} {inside} }}"

    frame = (f'subgraph cluster_m1 {{ id="frame-m1" class="frame" label="part" n2 [id="node-n2" label={card.format(2)}]'
             f' n3 [id="node-n3" label={card.format(3)}] n2 -> n3 }} n7 -> n2; n0 -> n3')
    folded = module(f'm1 [id="node-m1" label={card.format("M")}] n7 -> m1; n0 -> m1')
    svgs = {"plain": draw(chain).decode(), "folded": draw(folded).decode(), "open": draw(module(frame)).decode(),
            "hostile": HOSTILE, "broken": "<svg><g", "html": "<html><body/></html>"}
    (folder / "svgs.json").write_text(json.dumps(svgs), encoding="utf-8")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.address",
         "127.0.0.1", "--server.headless", "true", "--browser.gatherUsageStats", "false"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()  # noqa: S310 - our own server
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        except Error as error:
            pytest.fail(f"no browser for the browser tests: {error}")
        yield browser
        browser.close()


def opened(browser: Browser | Page, address: str, query: str = "") -> Page:
    page = browser.new_page(viewport={"width": 1000, "height": 900}) if isinstance(browser, Browser) else browser
    page.goto(f"{address}/{query}")
    page.get_by_text("selected:").wait_for(timeout=30_000)
    page.locator("button[data-do=fit]").wait_for()
    return page


def selected(page: Page, name: str) -> None:
    page.get_by_text(f"selected: {name}").wait_for(timeout=10_000)


def view(page: Page) -> str:
    return str(page.locator("#node-n0").evaluate("node => node.closest('svg').firstChild.getAttribute('transform')"))


def test_a_click_selects_and_keeps_the_view(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
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


def test_a_late_word_of_the_page_does_not_take_the_selection_back(chromium: Browser, address: str) -> None:
    page = chromium.new_page(viewport={"width": 1000, "height": 900})
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


def test_keys(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
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


def test_wheel_zooms_about_the_pointer_and_dragging_pans(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
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


def test_no_script_in_an_svg_ever_runs(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, "?svg=hostile")
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
def test_what_is_no_svg_shows_nothing(chromium: Browser, address: str, name: str) -> None:
    page = opened(chromium, address, f"?svg={name}")
    assert page.locator(".stage > *").count() == 0
    page.close()


def place(page: Page, selector: str) -> tuple[float, float]:
    """The top middle of an element on the screen."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"]


def test_what_was_clicked_keeps_its_place(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, "?svg=folded")
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


def test_buttons_fold_and_open_to_every_depth(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    row = page.get_by_role("toolbar", name="Modules").get_by_role("button")
    assert row.all_inner_texts() == ["Overview", "Fold all", "1", "2", "Open all"]
    done = []
    for place, act in ((0, "depth first"), (1, "depth 0"), (3, "depth 2"), (4, "depth all")):
        row.nth(place).click()
        done.append(act)
        page.get_by_text(f"acts: {', '.join(done)}").wait_for()
    page.close()


def test_search_lists_hits_and_goes_from_one_to_the_next(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
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


def test_colours_lie_over_the_drawing_and_come_off(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
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


def test_the_path_of_the_selection_is_lit(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    page.locator("#node-n2").click()
    selected(page, "n2")
    assert page.locator("g.edge.lit").count() == 2  # n0 → n1 → n2, to any depth
    assert page.locator("#node-n3.dim").count() == 1
    page.locator("button[data-do=path]").click()
    assert page.locator("g.edge.lit").count() == 1
    page.close()
