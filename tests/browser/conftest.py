"""One server on an empty store and one browser for all browser tests. A missing browser is a failure, never a skip."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.screen import Screen, chromium, screen
from tests.browser.server import Server, wait_until


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The very first start is looked at first: the other tests use the runs that it leaves."""
    first = [item for item in items if item.path.name == "test_first_start.py"]
    place = next((number for number, item in enumerate(items) if item.path.parent.name == "browser"), 0)
    rest = [item for item in items if item not in first]
    items[:] = rest[:place] + first + rest[place:]


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on an empty store, just started."""
    server = Server(tmp_path_factory.mktemp("server") / "store")
    try:
        wait_until(server.answers, 60, "an answer from the server")
        yield server
        # What a page only calls "an error" stands in the server's words.
        assert "Traceback" not in server.said(), server.said()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server(started: Server) -> Server:
    """The server once its first three runs are done."""
    started.wait_for_first_runs()
    return started


# One a module, so that other tests of the same session can start a Playwright of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Browser, server: Server) -> Iterator[Screen]:
    """A fresh browser's tab, in English and light."""
    with screen(browser, server.url) as found:
        yield found
