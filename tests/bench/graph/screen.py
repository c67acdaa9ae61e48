"""Our graph page and Netron's, each open in a tab of the same headless Chromium, and what a person does there, timed.

Times are the browser's own: from the event of the person's act (a press of the mouse, a chosen file) until a frame with
the result has been painted. Nothing is compared here.
"""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psutil  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, Route

from tests.browser.screen import Screen, screen
from tests.browser.server import Server, free_port, wait_until

PATIENCE = 120.0  # seconds for one drawing
WIDTH, HEIGHT = 1400, 1000  # pixels of both tabs
# Remembers when the person's last act was, and tells what stands in the page, shadow roots included.
WATCH = """(() => {
  for (const kind of ["pointerup", "change"]) {
    document.addEventListener(kind, (event) => {
      if (kind === "pointerup" || event.target.type === "file") window.benchBegan = event.timeStamp;
    }, true);
  }
  window.benchFind = (selector, root = document) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const host of root.querySelectorAll("*")) {
      const inner = host.shadowRoot && window.benchFind(selector, host.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  window.benchUntil = async (ready, milliseconds) => {
    const end = performance.now() + milliseconds;
    while (!ready()) {
      if (performance.now() > end) return null;
      await new Promise((next) => setTimeout(next, 4));
    }
    // The first callback comes before the frame with the result is painted, the second after it.
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    return (performance.now() - window.benchBegan) / 1000;
  };
})()"""
OLD = "window.benchDrawing = window.benchFind('div.graph')?.view?.name"
DRAWN = """() => {
  const graph = window.benchFind("div.graph");
  return graph?.view && graph.view.name !== window.benchDrawing && graph.querySelector(".stage svg g.node");
}"""
NETRON_OLD = "(() => { const svg = document.querySelector('#canvas'); if (svg) svg.benchOld = true; })()"
NETRON_DRAWN = """() => {
  const svg = document.querySelector("#target #canvas");
  const shown = document.body.classList;
  return svg && !svg.benchOld && svg.querySelector(".node") && shown.contains("default") && !shown.contains("spinner");
}"""
# A change does not leave the component's own tree.
CHOSEN = "input => input.addEventListener('change', (event) => { window.benchBegan = event.timeStamp; }, true)"
# Where a box, or the name of a frame, is, once it has been panned to the middle, where nothing lies over the drawing.
AIM = """(graph, id) => {
  const view = graph.view;
  const { nodes, frames } = view.drawing;
  const element = nodes.get(id) ?? frames.get(id).querySelector(":scope > text");
  const stage = graph.querySelector(".stage").getBoundingClientRect();
  const middle = (box) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
  const now = middle(element.getBoundingClientRect());
  view.viewport.pan(middle(stage).x - now.x, middle(stage).y - now.y);
  const { x, y } = middle(element.getBoundingClientRect());
  return [x, y];
}"""
REST, PRESS = 0.12, 0.06  # seconds that a hand rests on what it is going to click, and that it keeps the button pressed
PICK = "(graph, id) => { window.benchBegan = performance.now(); graph.view.use(id); }"
OPERATIONS = """({ view }) => [...view.host.querySelectorAll(".stage g.node.operation")]
  .map((node) => node.id.replace(/^node-/, ""))
  .filter((id) => !view.drawing.opens.has(id) && !view.drawing.jumps[id])"""
TOLD = """[...document.querySelectorAll('[data-testid=stCaptionContainer]')]
  .map((caption) => caption.textContent).find((text) => text.startsWith("Node:"))"""
SHOWN = """JSON.stringify([...document.querySelectorAll('[class*="st-key-inspector-"] .lab')]
  .map((lab) => lab.dataset.shown))"""
OLD_NODE = f"(() => {{ window.benchNode = {TOLD}; window.benchShown = {SHOWN}; }})()"
# The whole inspector is there, not only its beginning: Streamlit has nothing left to send.
FILLED = f"""() => {{
  const state = document.querySelector("[data-testid=stApp]").dataset.testScriptState;
  const charts = [...document.querySelectorAll('[class*="st-key-inspector-"] .stVegaLiteChart')];
  const shown = {SHOWN};
  return state === "notRunning" && {TOLD} !== window.benchNode && (shown === "[]" || shown !== window.benchShown)
    && charts.length && charts.every((chart) => chart.querySelector("svg.marks"));
}}"""
NETRON = "import netron; netron.serve(None, None, ('127.0.0.1', {port})); netron.wait()"


class TooSlowError(Exception):
    """Nothing was drawn within ``PATIENCE`` seconds."""


class Watch:
    """Scripts in a page by the browser's own protocol: Netron's page forbids ``eval``, which Playwright would use."""

    def __init__(self, page: Page) -> None:
        self._page, self._session = page, page.context.new_cdp_session(page)
        self.run(WATCH)

    def run(self, script: str) -> Any:
        """The value of an expression, waited for where it is a promise."""
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
        answer = self._session.send("Runtime.evaluate", asked)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{answer['exceptionDetails']}")
        return answer["result"].get("value")

    def timed(self, before: str, act: Callable[[], object], ready: str, what: str) -> float:
        """Seconds from the person's act until ``ready`` was painted; ``before`` marks what is there already."""
        self._page.bring_to_front()  # a tab in the background paints nothing
        self.run(before)
        act()
        found = self.run(f"window.benchUntil({ready}, {PATIENCE * 1000})")
        if found is None:
            raise TooSlowError(f"not drawn within {PATIENCE:g} s: {what}")
        return float(found)


class GraphPage:
    """Our page, open on one graph. Every timed act returns seconds and raises TooSlowError."""

    def __init__(self, tab: Screen) -> None:
        self.tab, self.page = tab, tab.page
        self.watch: Watch

    def open(self, **query: str) -> None:
        """Load the page on what ``query`` selects, and wait until it is drawn and nothing runs any more."""
        self.tab.open("graph", **query)
        self.page.locator(".stage svg g.node").first.wait_for(timeout=PATIENCE * 1000, state="attached")
        self.watch = Watch(self.page)
        self.tab.settle()

    def architecture(self, name: str) -> float:
        """Choose an architecture of torchvision's, whose file the server has, until its first view is drawn."""
        box = self.page.get_by_role("combobox", name="Architecture")
        box.click()
        box.fill(name)
        option = self.page.get_by_role("option", name=name, exact=True)
        return self._drawn(option.click, name)

    def open_all(self) -> float:
        """Press "Open all" until everything is drawn."""
        button = self.page.get_by_role("button", name="Open all", exact=True)
        button.hover()
        time.sleep(REST)
        return self._drawn(lambda: button.click(delay=PRESS * 1000), "all open")

    def overview(self) -> None:
        """Back to the first view."""
        self.page.get_by_role("button", name="Overview", exact=True).click()
        self.tab.settle()

    def upload(self, path: Path) -> float:
        """Choose a file for the uploader until its first view is drawn."""
        chooser = self.page.locator('[class*="st-key-graph-upload"] input[type=file]').first
        chooser.evaluate(CHOSEN)
        return self._drawn(lambda: chooser.set_input_files(path), path.name)

    def toggles(self) -> list[str]:
        """What can be opened or folded now, by id."""
        found: list[str] = self._graph().evaluate("({ view }) => [...view.drawing.opens, ...view.drawing.folds]")
        return found

    def toggle(self, box: str) -> float:
        """Open or fold with the mouse, from the button's release until the new picture is drawn."""
        self.page.mouse.move(*self._graph().evaluate(AIM, box))
        time.sleep(REST)
        self.page.mouse.down()
        time.sleep(PRESS)
        return self._drawn(self.page.mouse.up, box)

    def source(self, name: str) -> None:
        """Choose where the graph comes from."""
        button = self.page.get_by_role("button", name=name)
        self.page.get_by_role("radio", name=name, exact=True).or_(button).first.click()
        self.tab.settle()

    def operations(self) -> list[str]:
        """The operations on the screen that a click selects, by id."""
        found: list[str] = self._graph().evaluate(OPERATIONS)
        return found

    def inspect(self, node: str) -> float:
        """Select an operation, as a click on it does, until the inspector shows its figure and nothing is left."""
        found = self.watch.timed(OLD_NODE, lambda: self._graph().evaluate(PICK, node), FILLED, node)
        self.tab.settle()
        return found

    def _graph(self) -> Locator:
        return self.page.locator("div.graph")

    def _drawn(self, act: Callable[[], object], what: str) -> float:
        found = self.watch.timed(OLD, act, DRAWN, what)
        self.tab.settle()
        return found


@contextmanager
def graph_page(browser: Browser, base: str, **query: str) -> Iterator[GraphPage]:
    """A tab of its own, open on what ``query`` selects."""
    with screen(browser, base, viewport={"width": WIDTH, "height": HEIGHT}) as tab:
        found = GraphPage(tab)
        found.open(**query)
        yield found


@contextmanager
def served(store: Path) -> Iterator[Server]:
    """The explorer on ``store``, a fresh process that has kept nothing."""
    server = Server(store)
    try:
        wait_until(server.answers, 60, "an answer from the server")
        yield server
    finally:
        server.stop()


@contextmanager
def second_tab(page: GraphPage) -> Iterator[GraphPage]:
    """Another tab, a session of its own, on what ``page`` shows."""
    address = urlsplit(page.page.url)
    browser = page.page.context.browser
    assert browser is not None
    with graph_page(browser, f"{address.scheme}://{address.netloc}", **dict(parse_qsl(address.query))) as found:
        yield found


def at_rest(server: Server) -> None:
    """Wait until the server's processes do nothing; fails after a minute."""
    root = psutil.Process(server.process.pid)

    def busy() -> float:
        """Seconds of processor time so far."""
        used = 0.0
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                used += sum(process.cpu_times()[:2])
        return used

    def resting() -> bool:
        before = busy()
        time.sleep(1.5)
        return busy() - before < 0.1

    wait_until(resting, 60, "a server at rest")


class NetronPage:
    """Netron's page, which never leaves this machine."""

    def __init__(self, page: Page) -> None:
        self.page, self.watch = page, Watch(page)

    def choose(self, path: Path) -> float:
        """Choose a file until its graph is on the screen; raises TooSlowError."""
        dialog = self.page.locator("#open-file-dialog")
        return self.watch.timed(NETRON_OLD, lambda: dialog.set_input_files(path), NETRON_DRAWN, path.name)


@contextmanager
def netron_page(browser: Browser, address: str) -> Iterator[NetronPage]:
    """A tab of its own, open on Netron without a model."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    page = context.new_page()

    def decide(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:  # it asks other hosts where we are and reports what we do
            route.abort()

    try:
        page.route("**/*", decide)
        context.add_cookies([{"name": "consent", "value": "1", "url": address}])  # else it asks first
        page.goto(address)
        page.locator("#open-file-button").wait_for(timeout=30_000)
        yield NetronPage(page)
    finally:
        context.close()


@contextmanager
def netron() -> Iterator[str]:
    """The address of Netron's own server, without a model: one that is started with a file takes no other."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", NETRON.format(port=port)], stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"

    def answers() -> bool:
        try:
            return bool(urllib.request.urlopen(address, timeout=5).status == 200)
        except OSError:
            return False

    try:
        wait_until(answers, 30, "an answer from Netron")
        yield address
    finally:
        process.terminate()
        process.wait(10)
