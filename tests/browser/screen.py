"""Drives and reads a page as a person would: sliders by key, figures by what is drawn, waits for what must appear."""

import base64
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Response,
    sync_playwright,
)

from tests.browser.server import wait_until

SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium loads two pages for its own address bar with each tab, a fifth of all that it computes here. Playwright
    # disables features, too; only the last such switch counts, so that what concerns pages stands here again.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,"
    "PaintHolding,PreconnectToSearch,ThirdPartyStoragePartitioning",
]
LENSES = {  # page → keys of the figures that it must draw
    "bike": ("bike-demand", "bike-hidden"),
    "sentiment": ("sentiment-verdict", "sentiment-bag", "sentiment-effects", "sentiment-fc1", "sentiment-relu"),
}
# What Plotly holds, with arrays as the base64 text that they came in.
READ = """plot => plot.data && plot.data.map(trace => Object.fromEntries(["name", "x", "y", "z", "customdata"]
  .filter(part => trace[part] !== undefined)
  .map(part => [part, trace[part].bdata === undefined ? trace[part]
    : {dtype: trace[part].dtype, bdata: trace[part].bdata, shape: trace[part].shape}])))"""


# What the laboratory's network holds; values as plain numbers.
STAGES = """host => host.view.stages.map(stage => ({name: stage.name, shape: stage.shape,
  values: [...stage.values.values], before: stage.before && [...stage.before.values],
  kernel: stage.kernel && [...stage.kernel.values]}))"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or Playwright's own where that is missing; fails where neither is there."""
    with sync_playwright() as driver:
        path = shutil.which("chromium")
        try:
            browser = driver.chromium.launch(executable_path=path, args=SWITCHES)
        except Error as error:
            raise AssertionError(f"no browser for the browser tests (make browser gets one): {error}") from None
        yield browser
        browser.close()


@dataclass
class Screen:
    """One tab of one person's browser.

    hosts: of everything that it asked for. problems: errors of its scripts, what the server refused to a page and its
    scripts, and warnings of the charts.
    """

    page: Page
    base: str
    hosts: set[str]
    problems: list[str]

    def open(self, path: str = "", **query: str) -> "Screen":
        """Go to a page of the server and wait for its title."""
        self.page.goto(f"{self.base}/{path}{'?' + urlencode(query) if query else ''}")
        self.page.locator("h1").first.wait_for(timeout=60_000)
        return self

    def part(self, key: str) -> Locator:
        """The element with Streamlit's ``key``."""
        return self.page.locator(f".st-key-{key}").first

    def query(self) -> dict[str, str]:
        """The selection in the address."""
        address: str = self.page.evaluate("location.href")  # page.url is only as new as the last event that was read
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def text(self) -> str:
        """All visible text of the page's main part."""
        return self.page.locator("[data-testid=stMain]").inner_text()

    def seen(self) -> str:
        """Address and text of the page for a failure's report; why not, where it cannot be read."""
        try:
            return f"{self.page.url[:300]}\n{self.text()[:3000]}"
        except Error as error:
            return str(error)

    def figure(self, key: str, seconds: float = 60.0) -> list[dict[str, Any]]:
        """The traces of the figure ``key``, arrays as numpy arrays; waits until it is drawn."""
        plot = self.part(key).locator(".js-plotly-plot").first
        plot.locator(".main-svg").first.wait_for(timeout=seconds * 1000, state="attached")
        return self.read(plot)

    def read(self, plot: Locator) -> list[dict[str, Any]]:
        """The traces of a figure that has been drawn."""
        # It has no data for a moment while it is drawn anew.
        traces: list[dict[str, Any]] = wait_until(lambda: plot.evaluate(READ), 30, "the data of a figure")
        return [{name: _array(value) for name, value in trace.items()} for trace in traces]

    def tiles(self, sheets: Locator) -> list[NDArray[np.float32]]:
        """The values of the sheets that a component has drawn, each (T, H, W)."""
        drawn = sheets.evaluate("(host) => host.view.sheets.map(({ values }) => [values.shape, [...values.values]])")
        return [np.asarray(values, np.float32).reshape(shape) for shape, values in drawn]

    def bars(self, chart: Locator) -> NDArray[np.float64]:
        """The values of a chart's bars, by what they tell a screen reader."""
        marks = chart.locator(".mark-rect path")
        # It has none for a moment while it is drawn anew.
        told = wait_until(lambda: marks.evaluate_all("bars => bars.map((bar) => bar.ariaLabel)"), 30, "a chart's bars")
        return np.asarray([float(re.findall(r"value: ([^;]+)", each)[0].replace("−", "-")) for each in told])

    def lens(self, model: str, seconds: float = 90.0) -> None:
        """Wait until the model's whole lens is drawn."""
        if model == "digits" and self.query().get("view") == "training":
            self.part("results").locator("[data-testid=stMetric]").first.wait_for(timeout=seconds * 1000)
            self.figure("curve", seconds)
        elif model == "digits":
            self.lab(seconds)
        for key in LENSES.get(model, ()):
            self.figure(key, seconds)
        self.sound()

    def lab(self, seconds: float = 90.0) -> Locator:
        """The laboratory's network, once it is drawn; its ``data-shown`` tells run, checkpoint and sample."""
        host = self.part("lab_network").locator(".lab[data-shown]")
        host.wait_for(timeout=seconds * 1000)
        return host

    def stages(self) -> dict[str, dict[str, Any]]:
        """What the laboratory's network shows, by layer: values, before (the activation), kernel; None for none."""
        found = {}
        for stage in self.lab().evaluate(STAGES):
            shape = stage["shape"]
            for name in ("values", "before"):
                stage[name] = None if stage[name] is None else np.asarray(stage[name], np.float32).reshape(shape)
            found[stage["name"]] = stage
        return found

    def form(self, model: str, **query: str) -> "Screen":
        """Open the model's page where its settings and results are, and wait for them."""
        self.open(model, **query, **({"view": "training"} if model == "digits" else {}))
        self.part("train").get_by_role("button").wait_for(timeout=60_000)
        self.lens(model)
        return self

    def slide(self, key: str, to: str) -> None:
        """Move a slider by keyboard until it says ``to``."""
        thumb = self.part(key).locator("input[type=range]")
        thumb.focus()
        for _ in range(200):
            now = thumb.get_attribute("aria-valuetext") or ""
            if now == to:
                return
            thumb.press("ArrowRight" if _number(now) < _number(to) else "ArrowLeft")
        raise AssertionError(f"the slider {key} never said {to}, but {thumb.get_attribute('aria-valuetext')}")

    def settle(self) -> None:
        """Wait until Streamlit has nothing left to do for this tab."""
        self.page.wait_for_timeout(250)  # a change is sent after a short pause
        idle = "[data-testid=stApp][data-test-script-state=notRunning]"
        self.page.locator(idle).wait_for(timeout=60_000)

    def metrics(self) -> dict[str, str]:
        """Label → value of the results on the page."""
        cells = self.part("results").locator("[data-testid=stMetric]").all()
        pairs = [cell.inner_text().split("\n") for cell in cells]
        return {lines[0].strip(): lines[-1].strip() for lines in pairs}

    def shown(self, text: str | re.Pattern[str], seconds: float = 30.0) -> None:
        """Wait until ``text`` is visible."""
        self.page.get_by_text(text).locator("visible=true").first.wait_for(timeout=seconds * 1000)

    def sound(self) -> None:
        """No exception box and no error of a script."""
        boxes = self.page.locator("[data-testid=stException]").all_inner_texts()
        if boxes or self.problems:
            raise AssertionError(f"{self.page.url}: {boxes} {self.problems}")

    def run_shown(self, other_than: str = "", seconds: float = 30.0) -> str:
        """The run in the address, once it is another than ``other_than``."""
        return wait_until(
            lambda: run if (run := self.query().get("run", "")) != other_than else "", seconds, "a new run"
        )


@contextmanager
def screen(browser: Browser, base: str, **options: Any) -> Iterator[Screen]:
    """A tab in a browser context of its own, as another person's browser."""
    with context_in(browser, **options) as context, tab_in(context, base) as opened:
        yield opened


@contextmanager
def context_in(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A context with its own cookies, storage and cache; in English and light unless ``options`` say otherwise.

    Without Streamlit's fading and turning, which are an eighth of all that Chromium computes for a page.
    """
    usual = {"viewport": {"width": 1400, "height": 1000}, "locale": "en-US", "reduced_motion": "reduce"}
    context = browser.new_context(**{**usual, **options})
    context.set_default_timeout(30_000)
    try:
        yield context
    finally:
        context.close()


@contextmanager
def tab_in(context: BrowserContext, base: str) -> Iterator[Screen]:
    """A new tab; afterwards nothing may have gone wrong or have been asked from another host."""
    opened = Screen(context.new_page(), base, set(), [])

    def asked(address: str) -> None:
        host = urlsplit(address).hostname
        if host:
            opened.hosts.add(host)

    opened.page.on("request", lambda request: asked(request.url))
    opened.page.on("websocket", lambda socket: asked(socket.url))

    def answered(response: Response) -> None:
        # What a test asks for itself may be refused: Streamlit's own requests and what belongs to a page may not.
        if response.status >= 400 and response.request.method == "GET" and response.url.startswith(f"{base}/"):
            opened.problems.append(f"{response.status} {response.url[:300]}")

    def logged(message: ConsoleMessage) -> None:
        if message.type == "warning" and message.text.startswith("WARN"):  # as Vega writes them
            opened.problems.append(message.text[:300])

    opened.page.on("response", answered)
    opened.page.on("console", logged)
    opened.page.on("pageerror", lambda error: opened.problems.append(str(error)))
    try:
        yield opened
        opened.sound()
        if opened.hosts - {"127.0.0.1"}:
            raise AssertionError(f"something was asked from another host: {opened.hosts}")
    finally:
        opened.page.close()


def listed_row(tab: Screen, run_id: str) -> dict[str, str]:
    """The cells of a run on the page of all runs, by the column's title; {} while it is not listed."""
    tab.page.set_viewport_size({"width": 2600, "height": 1000})  # the table holds the cells that are seen
    cells = tab.part("runs-table").locator("th, td")
    cells.first.wait_for(state="attached")
    texts = cells.all_text_contents()
    if run_id not in texts:
        return {}
    width = texts.index("Run") + 1  # the last column
    end = texts.index(run_id) + 1
    return dict(zip(texts[:width], texts[end - width : end], strict=True))


def _array(value: Any) -> Any:
    """Plotly's base64 arrays as numpy arrays; anything else as it is."""
    if not isinstance(value, dict) or "bdata" not in value:
        return value
    flat: NDArray[Any] = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
    shape = [int(size) for size in str(value["shape"]).split(",")] if value.get("shape") else [-1]
    return flat.reshape(shape)


def _number(text: str) -> float:
    found = re.search(r"-?[\d.]+(e-?\d+)?", text.replace(",", ""))
    return float(found.group()) if found else float("nan")
