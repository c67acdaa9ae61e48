"""From a slider to the last picture of a view that draws several: charts, kernels, maps and masks.

Whatever is painted counts: a canvas, a small image that has been loaded, a chart whose elements change. The time is
taken two frames after the last of them, so that it also holds what nobody waits for, like the pictures below the fold.
"""

from tests.browser.screen import Screen

VIEWS = {  # view → keys of its sliders
    "growing": ("bar-checkpoint",),
    "maps": ("bar-checkpoint",),
    "dropout": ("lab-dropout-p", "lab-dropout-n"),
    "softmax": ("lab-softmax-batch",),
    "loading": ("lab-loading-batch",),
}
PAUSE = 700  # milliseconds after a press: everything is drawn
# Notes when a key was pressed, and two frames after whatever was painted last.
WATCH = """() => {
  const seen = window.painted = {began: 0, last: 0};
  const mark = () => requestAnimationFrame(() => requestAnimationFrame(() => { seen.last = performance.now(); }));
  document.addEventListener("keydown", (event) => { seen.began = event.timeStamp; seen.last = 0; }, true);
  for (const name of ["putImageData", "fillRect", "clearRect", "fill", "stroke", "fillText"]) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) { mark(); return own.apply(this, given); };
  }
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", {...source, set(value) {
    this.addEventListener("load", mark, {once: true});
    source.set.call(this, value);
  }});
  const parts = {subtree: true, childList: true, attributes: true, characterData: true};
  document.querySelectorAll(".stVegaLiteChart, .stPlotlyChart")
    .forEach((chart) => new MutationObserver(mark).observe(chart, parts));
}"""


def last_picture(tab: Screen, run: str, view: str, key: str, presses: int) -> list[float]:
    """Seconds of each press of an arrow key on the slider ``key`` of ``view``; every press must paint something."""
    tab.open("digits", run=run, view=view)
    thumb = tab.part(key).locator("input[type=range]").first
    thumb.wait_for(timeout=60_000)
    tab.settle()
    tab.page.wait_for_timeout(4 * PAUSE)  # charts load their library
    tab.page.evaluate(WATCH)
    thumb.focus()
    thumb.press("Home")
    tab.page.wait_for_timeout(4 * PAUSE)
    found = []
    for _ in range(presses):
        thumb.press("ArrowRight")
        tab.page.wait_for_timeout(PAUSE)
        began, last = tab.page.evaluate("[window.painted.began, window.painted.last]")
        assert last > began, f"{view}: nothing was painted"
        found.append((last - began) / 1000)
    return found
