"""Takes the README's pictures from a running server: ``python -m tests.browser.screenshots [FOLDER] [NAME …]``.

The server starts on an empty store, so that the pictures show what a newcomer sees after the first start. Pictures are
PNG, 1400 pixels wide; without names, all are taken. Nothing is tested here.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser

from explorer.graph.onnx_io.read import read_onnx
from explorer.project import PROJECT
from tests.browser.screen import Screen, chromium, screen
from tests.browser.server import Server, wait_until

FOLDER = PROJECT / "docs" / "screenshots"
WIDTH, HEIGHT = 1400, 1080
ARCHITECTURE = "zoo-resnet18"
EXPORT = 180  # seconds that its export may take


def home(tab: Screen, server: Server) -> None:
    """The first page with the results of the first runs."""
    tab.open()


def bike(tab: Screen, server: Server) -> None:
    """Demand over the last three weeks."""
    tab.open("bike", run=server.run("bike").id).lens("bike")


def sentiment(tab: Screen, server: Server) -> None:
    """A sentence, its words and the verdict."""
    tab.open("sentiment", run=server.run("sentiment").id).lens("sentiment")


def digits(tab: Screen, server: Server) -> None:
    """A digit in every layer."""
    tab.open("digits", run=server.run("digits").id, sample="test/4").lens("digits")


def growing(tab: Screen, server: Server) -> None:
    """Kernels and maps half-way through the training."""
    run = server.run("digits")
    step = run.checkpoints[len(run.checkpoints) * 2 // 3]
    tab.open("digits", run=run.id, sample="test/4", view="growing", checkpoint=str(step))
    tab.page.locator("svg.marks").first.wait_for()  # a chart of Vega bears no class of its own


def quality(tab: Screen, server: Server) -> None:
    """Which digits are confused."""
    tab.open("digits", run=server.run("digits").id, sample="test/4", view="quality")
    tab.figure("lab-confusion")


def graph(tab: Screen, server: Server) -> None:
    """The graph with its first convolution selected."""
    run = server.run("digits")
    node = next(node for node in read_onnx(run.onnx_path).all_nodes() if node.op_type == "Conv")
    tab.open("graph", run=run.id, sample="test/4", node=node.id)
    tab.page.locator(f"#node-{node.id}.selected").wait_for()
    tab.page.locator('[class*="st-key-inspector-"] .lab[data-shown]').first.wait_for()


def graph_large(tab: Screen, server: Server) -> None:
    """An architecture of torchvision with its blocks folded, coloured by FLOPs, its first convolution selected."""
    tab.open("graph", run=ARCHITECTURE)
    first = tab.page.locator(".stage g.node", has_text="Conv").first
    first.wait_for(timeout=EXPORT * 1000)
    tab.settle()
    tab.part("graph-colour").locator("input").click()
    tab.page.get_by_role("option", name="FLOPs").click()
    tab.page.locator(".scale .title", has_text="FLOPs").wait_for()
    tab.settle()
    drawn = tab.page.locator(".stage").get_attribute("data-drawn")
    tab.page.get_by_role("toolbar", name="Modules").get_by_role("button", name="1", exact=True).click()
    tab.page.locator(f'.stage:not([data-drawn="{drawn}"])').wait_for()
    tab.settle()
    first.click()
    tab.page.locator('[class*="st-key-inspector-"] .lab[data-shown]').first.wait_for()
    tab.page.get_by_role("button", name="Fit the whole graph").click()


Take = Callable[[Screen, Server], None]
CHINESE_DARK: Mapping[str, Any] = {"locale": "zh-CN", "color_scheme": "dark"}
PICTURES: dict[str, tuple[Take, Mapping[str, Any]]] = {
    "home": (home, {}),
    "bike": (bike, {}),
    "sentiment": (sentiment, {}),
    "digits": (digits, {}),
    "digits-growing": (growing, {}),
    "digits-quality": (quality, {}),
    "graph": (graph, {}),
    "graph-large": (graph_large, {}),
    "graph-zh-dark": (graph, CHINESE_DARK),
    "digits-zh-dark": (digits, CHINESE_DARK),
}


def take(browser: Browser, server: Server, name: str, folder: Path) -> None:
    """One picture, of what fits the window."""
    look, options = PICTURES[name]
    with screen(browser, server.url, viewport={"width": WIDTH, "height": HEIGHT}, **options) as tab:
        look(tab, server)
        tab.settle()
        tab.page.mouse.move(WIDTH - 1, HEIGHT - 1)
        tab.page.wait_for_timeout(800)  # fonts and transitions
        tab.page.screenshot(path=folder / f"{name}.png")


def main(folder: Path = FOLDER, names: Sequence[str] = tuple(PICTURES)) -> None:
    """The named pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as store:
        server = Server(Path(store) / "store")
        try:
            wait_until(server.answers, 60, "an answer from the server")
            server.wait_for_first_runs()
            with chromium() as browser:
                for name in names:
                    take(browser, server, name, folder)
                    print(folder / f"{name}.png")
        finally:
            server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, sys.argv[2:] or tuple(PICTURES))
