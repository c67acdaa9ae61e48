"""The laboratory in Chromium on a trained run: from a slider to the new picture, and frames while a map is swept.

Times are the browser's own: from the event of a press until two frames after the network says that it shows the new
digit. Every picture is a new one, so that nothing that the server keeps helps it; only the switch has just two.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch
from playwright.sync_api import Locator

from explorer.chapters.digits.volumes import stages
from explorer.runs.checkpoint import OpenRun, open_run
from explorer.runs.folder import Run, create_run, read_run
from explorer.runs.training import carry_out
from explorer.trace.layers import layers
from tests.bench.bare_app import bare_app
from tests.bench.graph.screen import at_rest, served
from tests.bench.labs.views import SLIDERS as VIEW_SLIDERS
from tests.bench.labs.views import last_picture
from tests.bench.ratios import Pairs, Row, late, single
from tests.browser.screen import Screen, chromium, screen
from tests.browser.server import wait_until

PRESSES = 20
PAUSE = 500  # milliseconds between two presses
SWEEP_SECONDS = 3.0
MOST = 1.5  # times the seconds that the bare app takes, median and 95th percentile
MOST_VOLUMES = 12.0  # times the forward pass alone
FRAMES = 60.0  # a second
# The browser's own clock is not exactly 60 Hz.
ALMOST = 0.99
SLIDERS = ("x", "y", "angle", "scale", "noise")
WATCH = """host => {
  host.took = [];
  let last = host.dataset.shown;
  document.addEventListener("keydown", (event) => { host.began = event.timeStamp; }, true);
  new MutationObserver(() => {
    const began = host.began;
    if (host.dataset.shown !== last) {
      last = host.dataset.shown;
      requestAnimationFrame(() => requestAnimationFrame(() => host.took.push((performance.now() - began) / 1000)));
    }
  }).observe(host, {attributes: true, attributeFilter: ["data-shown"]});
}"""
# Counts frames, and how often the sum is written anew, until it is asked.
COUNT = """panel => {
  const count = {frames: 0, longest: 0, sums: 0, began: performance.now()};
  let last = count.began;
  const frame = (now) => {
    count.frames += 1;
    count.longest = Math.max(count.longest, now - last);
    last = now;
    if (panel.count === count) requestAnimationFrame(frame);
  };
  const where = panel.querySelector(".where");
  count.watch = new MutationObserver(() => { count.sums += 1; });
  count.watch.observe(where, {childList: true, characterData: true, subtree: true});
  panel.count = count;
  requestAnimationFrame(frame);
}"""
COUNTED = """panel => {
  const {frames, longest, sums, began, watch} = panel.count;
  panel.count = null;
  watch.disconnect();
  return [frames, (performance.now() - began) / 1000, longest / 1000, sums];
}"""


@dataclass(frozen=True)
class Counted:
    """What was painted in ``seconds``. longest: seconds between two frames. sums: times that the sum was written."""

    frames: int
    seconds: float
    longest: float
    sums: int

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds


@contextmanager
def trained_run() -> Iterator[Run]:
    """A run of the digits, one epoch of the book's settings, in a store of its own."""
    with TemporaryDirectory(prefix="toushi-bench-") as name:
        run = create_run(Path(name) / "store", "digits", {"epochs": 1})
        carry_out(str(run.path))
        yield read_run(run.path)


def watched(tab: Screen, run: Run, sample: str = "test/0") -> Locator:
    """The laboratory, open on ``run``; its network notes how long each new picture took."""
    tab.open("digits", run=run.id, sample=sample).lens("digits")
    tab.settle()
    host = tab.lab()
    host.evaluate(WATCH)
    return host


def pressed(tab: Screen, host: Locator, control: Locator, keys: Sequence[str]) -> list[float]:
    """Seconds from each press of a key on ``control`` to its picture; every press must give one."""
    control.focus()
    host.evaluate("host => { host.took = []; }")
    for number, key in enumerate(keys):
        control.press(key)
        wait_until(lambda number=number: host.evaluate("host => host.took.length") > number, 30, "a picture", 0.02)  # type: ignore[misc]
        tab.page.wait_for_timeout(PAUSE)
    found: list[float] = host.evaluate("host => host.took")
    return found


def slid(tab: Screen, host: Locator, presses: int = PRESSES) -> dict[str, list[float]]:
    """Seconds of each press, by the control's name."""
    found = {}
    for name in SLIDERS:
        thumb = tab.part(f"lab-{name}").locator("input[type=range]").first
        keys = ["Home", *["ArrowRight"] * presses] if name in ("x", "y", "scale") else ["ArrowRight"] * presses
        found[name] = pressed(tab, host, thumb, keys)[-presses:]
        unchanged(tab)
    switch = tab.part("lab-invert").locator("input[type=checkbox]").first
    found["invert"] = pressed(tab, host, switch, ["Space"] * presses)
    unchanged(tab)
    thumb = tab.part("bar-checkpoint").locator("input[type=range]").first
    found["checkpoint"] = pressed(tab, host, thumb, ["Home", *["ArrowRight"] * presses])[-presses:]
    return found


def unchanged(tab: Screen) -> None:
    """Take all changes of the digit back."""
    button = tab.page.get_by_role("button", name="Unchanged")
    if button.is_enabled():
        button.click()
    tab.settle()
    tab.page.wait_for_timeout(PAUSE)


def counted(panel: Locator, act: Callable[[], None]) -> Counted:
    """Frames of the page while ``act`` goes on."""
    panel.evaluate(COUNT)
    act()
    return Counted(*panel.evaluate(COUNTED))


def swept(tab: Screen, seconds: float = SWEEP_SECONDS) -> tuple[Counted, Counted]:
    """Frames while the mouse sweeps over a map of the second convolution, and before that while nothing happens."""
    tab.lab().get_by_role("button", name="conv2 · relu2, map 1 of 8").click(position={"x": 3, "y": 3})
    tab.settle()
    panel = tab.lab().locator(".window-panel")
    output = panel.locator(".outputs .map").first
    output.scroll_into_view_if_needed()
    tab.page.wait_for_timeout(2 * PAUSE)
    box = output.bounding_box()
    assert box is not None
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]

    def sweep() -> None:
        end, number = time.monotonic() + seconds, 0
        while time.monotonic() < end:  # rows of 40 places, there and back again
            row, place = divmod(number, 40)
            across = (place if row % 2 == 0 else 39 - place) / 39
            tab.page.mouse.move(left + 2 + across * (width - 4), top + 2 + (row % 28) / 27 * (height - 4))
            number += 1

    idle = counted(panel, lambda: tab.page.wait_for_timeout(seconds * 1000))
    return counted(panel, sweep), idle


def layer_times(one: OpenRun, times: int = 200) -> tuple[float, float]:
    """Milliseconds of the volumes of one sample, and of the plain forward pass alone, in turn; medians."""
    inputs = one.sample("test/0").inputs

    def forward() -> None:
        with torch.no_grad():
            one.network(inputs)

    def milliseconds(act: Callable[[], object]) -> float:
        began = time.perf_counter()
        act()
        return (time.perf_counter() - began) * 1000

    whole, plain = [], []
    for _ in range(times):
        whole.append(milliseconds(lambda: stages(one.network, layers(one.network, inputs))))
        plain.append(milliseconds(forward))
    return median(whole), median(plain)


def lab(pairs: int, accuracy: bool) -> list[Row]:
    """Sliders against those of a bare app, layers against the forward pass alone, hovering against an idle page."""
    rows = []
    with trained_run() as run, chromium() as browser, served(run.path.parent.parent) as server:
        whole, plain = layer_times(open_run(run))
        with bare_app(browser) as bare:
            others = bare.slider_seconds(PRESSES)
            with screen(browser, server.url, viewport={"width": 1400, "height": 1000}) as tab:
                host = watched(tab, run)
                at_rest(server)  # it loads its libraries once its first page is out
                found = slid(tab, host)
                sweeps = [swept(tab) for _ in range(pairs)]
            bare.page.bring_to_front()  # a tab in the background paints nothing
            others += bare.slider_seconds(PRESSES)
            for view, key, part in VIEW_SLIDERS:
                with screen(browser, server.url, viewport={"width": 1400, "height": 1000}) as tab:
                    found[f"{view}, {key}"] = last_picture(tab, run.id, view, key, part, PRESSES)
            bare.page.bring_to_front()
            others += bare.slider_seconds(PRESSES)
    for name, seconds in found.items():
        note = f"smallest {min(seconds):.3f} s, largest {max(seconds):.3f} s"
        what, count = f"lab: {name} to picture, against a bare slider", len(seconds)
        rows.append(single(f"{what}, median of {count}", "s", median(seconds), median(others), MOST))
        rows.append(single(f"{what}, 95th percentile", "s", late(seconds), late(others), MOST, note))
    rows.append(single("lab: a sample's volumes against the forward pass alone", "ms", whole, plain, MOST_VOLUMES))
    moved, idle = zip(*sweeps, strict=True)
    drawn = f"the sum was written {median(one.sums / one.seconds for one in moved):.0f} times a second"
    longest = f"the longest frame took {1000 * max(one.longest for one in moved):.0f} ms"
    rates, still = (tuple(one.rate for one in each) for each in (moved, idle))
    rows.append(
        Row(
            "lab: sweeping a deep map, against 60",
            "frames/s",
            Pairs(rates, (FRAMES,) * len(rates)),
            ALMOST,
            note=f"{drawn}; {longest}",
        )
    )
    frames, other = (tuple(1000 / rate for rate in each) for each in (rates, still))
    rows.append(Row("lab: mean frame of a sweep, against the idle page", "ms", Pairs(frames, other), 1.05, "≤"))
    return rows
