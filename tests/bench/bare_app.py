"""A Streamlit app that does next to nothing, as the measure of ours: a fragment, a slider, a button and a picture.

What Streamlit and the browser need for a change of a slider or a click is in both times, so that their ratio is the
same on a fast and on a slow machine.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Locator, Page

from tests.browser.server import streamlit_app, wait_until

WIDTH, HEIGHT = 1000, 600  # pixels of the picture: as large as the laboratory's network
PAUSE = 400  # milliseconds between two changes
APP = f"""
import numpy as np
import streamlit as st

@st.fragment
def picture():
    number = st.slider("number", 0, 1000, key="slider")
    st.session_state.clicks = st.session_state.get("clicks", 0) + st.button("click", key="button")
    rows = np.add.outer(np.arange({HEIGHT}), np.arange({WIDTH})) + 7 * number + 13 * st.session_state.clicks
    st.image((rows % 256).astype(np.uint8))

picture()
"""
# Notes when a key was pressed, and two frames after the picture that this gave was loaded.
WATCH = """() => {
  const seen = window.seen = {began: 0, painted: 0};
  document.addEventListener("keydown", (event) => { seen.began = event.timeStamp; seen.painted = 0; }, true);
  document.addEventListener("load", (event) => {
    if (event.target.tagName !== "IMG") return;
    requestAnimationFrame(() => requestAnimationFrame(() => { seen.painted = performance.now(); }));
  }, true);
}"""


class BareApp:
    """The app, open in a tab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def slider_seconds(self, times: int) -> list[float]:
        """Seconds of each press of an arrow key on the slider until its picture is painted."""
        return self._seconds(self.page.locator(".st-key-slider input[type=range]"), ["ArrowRight"] * times)

    def button_seconds(self, times: int) -> list[float]:
        """Seconds of each press of the button until its picture is painted."""
        return self._seconds(self.page.locator(".st-key-button button"), ["Enter"] * times)

    def _seconds(self, control: Locator, keys: Sequence[str]) -> list[float]:
        seconds = []
        control.focus()
        for key in keys:
            control.press(key)
            wait_until(lambda: self.page.evaluate("seen.painted > 0"), 30, "the picture", 0.02)
            seconds.append(float(self.page.evaluate("(seen.painted - seen.began) / 1000")))
            self.page.wait_for_timeout(PAUSE)
        return seconds


@contextmanager
def bare_app(browser: Browser) -> Iterator[BareApp]:
    """The app on a fresh server, open in a tab of its own and warm."""
    with TemporaryDirectory(prefix="toushi-bench-") as folder:
        script = Path(folder) / "bare.py"
        script.write_text(APP, "utf-8")
        with streamlit_app(script) as url, browser.new_context() as context:
            page = context.new_page()
            page.goto(url)
            page.locator("img").first.wait_for()
            page.evaluate(WATCH)
            opened = BareApp(page)
            opened.slider_seconds(3)
            opened.button_seconds(3)
            yield opened
