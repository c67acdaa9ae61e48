"""From the start of a server process to the heading in a browser: ours, and a one-line Streamlit app.

The browser is headless Chromium, running already; each measurement has a context of its own, so nothing is cached.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Error, Page

from explorer.project import PROJECT

ONE_LINE = 'import streamlit as st; st.title("Hello")\n'
PATIENCE_SECONDS = 60.0


def our_command(store: Path, port: int) -> list[str]:
    """The explorer, as a person starts it, but for the browser that it would open."""
    return [sys.executable, "-m", "explorer", "serve", "--no-browser", f"--port={port}", f"--store={store}"]


def one_line_command(folder: Path, port: int) -> list[str]:
    """A Streamlit app of one line, written into ``folder``."""
    script = folder / "one_line.py"
    script.write_text(ONE_LINE, "utf-8")
    options = ["--server.headless=true", "--browser.gatherUsageStats=false", f"--server.port={port}"]
    return [sys.executable, "-m", "streamlit", "run", str(script), *options]


def seconds_to_heading(browser: Browser, command: Sequence[str], port: int, folder: Path = PROJECT) -> float:
    """Start ``command`` in ``folder`` and wait for the first heading; raises TimeoutError if none appears."""
    context = browser.new_context()
    page = context.new_page()
    begin = time.perf_counter()
    server = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _heading_seen(page, port):
            if time.perf_counter() - begin > PATIENCE_SECONDS or server.poll() is not None:
                raise TimeoutError(f"no heading from {' '.join(command)}")
            time.sleep(0.02)
        return time.perf_counter() - begin
    finally:
        context.close()
        server.terminate()
        server.wait(20)


def _heading_seen(page: Page, port: int) -> bool:
    """Whether the server answered; if so, only after its heading became visible."""
    try:
        page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
    except Error:  # not listening yet
        return False
    page.locator("h1").first.wait_for(state="visible", timeout=PATIENCE_SECONDS * 1000)
    return True
