"""One server and one browser a process for all browser tests. A missing browser is a failure, never a skip."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.screen import Screen, context_in, tab_in
from tests.browser.server import Server, started


@pytest.fixture(scope="session")
def server(first_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a copy of the first runs. Tests may train on it; they cancel what they start, or wait for its end."""
    store = tmp_path_factory.mktemp("server") / "store"
    shutil.copytree(first_store, store)
    with started(store) as running:
        yield running


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests of a process, so that the browser keeps Streamlit's scripts, compiled."""
    with context_in(browser) as opened:
        yield opened


@pytest.fixture
def tab(context: BrowserContext, server: Server) -> Iterator[Screen]:
    """A new tab, a session of its own for the server, in English and light; the browser remembers nothing of before."""
    with tab_in(context, server.url) as opened:
        yield opened
        opened.page.evaluate("localStorage.clear()")
    context.clear_cookies()
