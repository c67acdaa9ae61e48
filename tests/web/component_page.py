"""A page with nothing but the graph component, served by a Streamlit of its own and opened in a real Chromium."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.screen import context_in
from tests.browser.server import streamlit_app

APP = """
import json, streamlit as st
from explorer.ui.components.graph_view import Drawing, Overlay, Scale, SearchAnswer, graph_overlay, graph_view
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
    search=SearchAnswer(query, 2, (("n2", "Op2", "there"), ("n3", "Op3", "here"))) if query else None,
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
"""
SERVED = """
import streamlit as st
from explorer.web.serving import modules_route
app = st.App("page.py", routes=[modules_route()])
"""
HOSTILE = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 100"
 onload="window.hacked=1"><script>window.hacked=2</script><g class="graph" transform="translate(4 90)">
<g id="node-n0" class="node" onclick="window.hacked=3" onmouseover="window.hacked=4"><title>a</title>
<path d="M0,0H50V-20H0Z" fill="url(#x)"/><text x="5" y="-5">safe</text></g>
<a xlink:href="javascript:window.hacked=5"><text>link</text></a><image href="x" onerror="window.hacked=6"/>
<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="window.hacked=7"/></body>
</foreignObject>
<animate onbegin="window.hacked=8" attributeName="x" dur="1s"/><style>@import "x"</style></g></svg>"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from explorer.drawing.layout import draw

    folder = tmp_path_factory.mktemp("component")
    card = '<<TABLE BORDER="1" BGCOLOR="#335588"><TR><TD>Op{0}</TD></TR></TABLE>>'
    nodes = "".join(f'n{i} [id="node-n{i}" label={card.format(i)}] ' for i in range(4))
    chain = f"digraph {{ node [shape=plain] {nodes} n0 -> n1 -> n2; n0 -> n3 }}"

    def module(inside: str) -> str:
        around = "n0 -> n9 -> n8 -> n7; "  # something above, so that another layout puts things elsewhere
        cards = "".join(f'n{i} [id="node-n{i}" label={card.format(i)}] ' for i in (0, 7, 8, 9))
        return f"digraph {{ node [shape=plain] {cards} {around} {inside} }}"

    frame = (
        f'subgraph cluster_m1 {{ id="frame-m1" class="frame" label="part" n2 [id="node-n2" label={card.format(2)}]'
        f' n3 [id="node-n3" label={card.format(3)}] n2 -> n3 }} n7 -> n2; n0 -> n3'
    )
    folded = module(f'm1 [id="node-m1" label={card.format("M")}] n7 -> m1; n0 -> m1')
    many = "".join(f'n{i} [id="node-n{i}" label={card.format(i)}] ' for i in range(200))
    long = f"digraph {{ node [shape=plain] {many} {' -> '.join(f'n{i}' for i in range(200))} }}"
    svgs = {
        "long": draw(long).decode(),
        "plain": draw(chain).decode(),
        "folded": draw(folded).decode(),
        "open": draw(module(frame)).decode(),
        "hostile": HOSTILE,
        "broken": "<svg><g",
        "html": "<html><body/></html>",
    }
    (folder / "svgs.json").write_text(json.dumps(svgs), encoding="utf-8")
    (folder / "page.py").write_text(APP, encoding="utf-8")
    (folder / "app.py").write_text(SERVED, encoding="utf-8")
    with streamlit_app(folder / "app.py") as url:
        yield url


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests of a module, so that the browser keeps Streamlit's scripts, compiled."""
    with context_in(browser, viewport={"width": 1000, "height": 900}) as opened_context:
        yield opened_context


def opened(window: BrowserContext | Page, address: str, query: str = "") -> Page:
    page = window.new_page() if isinstance(window, BrowserContext) else window
    page.goto(f"{address}/{query}")
    page.get_by_text("selected:").wait_for(timeout=30_000)
    page.get_by_placeholder("Find operations").wait_for()  # the module is there
    return page


def selected(page: Page, name: str) -> None:
    page.get_by_text(f"selected: {name}").wait_for(timeout=10_000)


def view(page: Page) -> str:
    return str(page.locator("#node-n0").evaluate("node => node.closest('svg').firstChild.getAttribute('transform')"))
