"""From a slider to the last picture of a view that draws several: charts, kernels, maps and masks.

Whatever is painted counts: a canvas, a small image that has been loaded, a chart whose elements change. The time is
taken two frames after the last of them, so that it also holds what nobody waits for, like the pictures below the fold.
"""

from tests.browser.screen import Screen

SLIDERS = (  # view, key of its slider, key of the part that is the picture; '' for all that the view draws
    ("growing", "bar-checkpoint", ""),
    ("maps", "bar-checkpoint", "lab_maps"),  # what the checkpoint makes of 10,000 images is counted behind it
    ("dropout", "lab-dropout-p", ""),
    ("dropout", "lab-dropout-n", ""),
    ("softmax", "lab-softmax-batch", ""),
    ("loading", "lab-loading-batch", ""),
)
PAUSE = 700  # milliseconds after a press: everything is drawn
# Notes when a key was pressed, and two frames after whatever was painted last.
WATCH = """(part) => {
  const seen = window.painted = {began: 0, last: 0};
  const within = (element) => {
    for (let at = element; at; at = at.getRootNode().host) if (at.closest(`.st-key-${part}`)) return true;
    return false;
  };
  const mark = (element) => {
    if (part && !within(element)) return;
    requestAnimationFrame(() => requestAnimationFrame(() => { seen.last = performance.now(); }));
  };
  document.addEventListener("keydown", (event) => { seen.began = event.timeStamp; seen.last = 0; }, true);
  for (const name of ["putImageData", "fillRect", "clearRect", "fill", "stroke", "fillText"]) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      mark(this.canvas);
      return own.apply(this, given);
    };
  }
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", {...source, set(value) {
    this.addEventListener("load", () => mark(this), {once: true});
    source.set.call(this, value);
  }});
  const parts = {subtree: true, childList: true, attributes: true, characterData: true};
  document.querySelectorAll(".stVegaLiteChart, .stPlotlyChart")
    .forEach((chart) => new MutationObserver(() => mark(chart)).observe(chart, parts));
}"""


def last_picture(tab: Screen, run: str, view: str, key: str, part: str, presses: int) -> list[float]:
    """Seconds of each press of an arrow key on the slider ``key`` of ``view``; each must paint something in ``part``.

    There are fewer than ``presses`` where the slider ends before.
    """
    tab.open("digits", run=run, view=view)
    thumb = tab.part(key).locator("input[type=range]").first
    thumb.wait_for(timeout=60_000)
    tab.settle()
    tab.page.wait_for_timeout(4 * PAUSE)  # charts load their library
    tab.page.evaluate(WATCH, part)
    thumb.focus()
    thumb.press("Home")
    tab.page.wait_for_timeout(4 * PAUSE)
    found: list[float] = []
    while len(found) < presses and thumb.input_value() != thumb.get_attribute("max"):
        thumb.press("ArrowRight")
        tab.page.wait_for_timeout(PAUSE)
        began, last = tab.page.evaluate("[window.painted.began, window.painted.last]")
        assert last > began, f"{view}: nothing was painted"
        found.append((last - began) / 1000)
    return found
