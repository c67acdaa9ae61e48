"""One server and one browser a process for all browser tests. A missing browser is a failure, never a skip."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.screen import Screen, screen
from tests.browser.server import Server, started


@pytest.fixture(scope="session")
def server(first_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a copy of the first runs. Tests may train on it; they cancel what they start, or wait for its end."""
    store = tmp_path_factory.mktemp("server") / "store"
    shutil.copytree(first_store, store)
    with started(store) as running:
        yield running


@pytest.fixture
def tab(browser: Browser, server: Server) -> Iterator[Screen]:
    """A tab in a browser context of its own, in English and light."""
    with screen(browser, server.url) as opened:
        yield opened
