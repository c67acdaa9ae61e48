"""The very first start: an empty store, progress on the first page, and soon three networks to look into."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.screen import LENSES, screen
from tests.browser.server import Server, wait_until

pytestmark = pytest.mark.browser
PROMISED_SECONDS = 30  # on two cores with nothing else to do
PATIENCE = 90  # a machine that tests is busy with more than one thing


def test_all_three_models_can_soon_be_looked_at(
    browser: Browser, started: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: dict[str, float] = {}
    with screen(browser, started.url) as tab:
        tab.open()
        seen["first page"] = started.age
        wait_until(lambda: tab.page.get_by_role("progressbar").count(), 60, "progress on the first page")
        seen["progress"] = started.age
        text = tab.text()
        assert "Bike demand" in text
        assert "Review sentiment" in text
        assert "Handwritten digits" in text
        assert tab.page.locator("[class*=st-key-cancel-]").count() > 0
        for model in LENSES:
            wait_until(
                lambda model=model: any(run.checkpoints for run in started.runs(model)),  # type: ignore[misc]
                max(1.0, PATIENCE - started.age),
                f"a checkpoint of {model}",
            )
            tab.open(model).lens(model)
            seen[model] = started.age
    with capsys.disabled():
        print("\nseconds from the start:", ", ".join(f"{name} {age:.1f}" for name, age in seen.items()), end=" ")
        print(f"(promised: {PROMISED_SECONDS})")
    assert max(seen.values()) < PATIENCE


def test_the_first_page_shows_the_results_without_a_reload(browser: Browser, started: Server) -> None:
    with screen(browser, started.url) as tab:
        tab.open()
        started.wait_for_first_runs()
        for model in LENSES:
            result = started.done(model).status.metrics["test"]
            tab.shown(f"{100 * result.get('accuracy', result.get('r2', 0.0)):.1f} %")
        wait_until(lambda: tab.page.get_by_role("progressbar").count() == 0, 10, "the progress to go")


def test_a_used_store_is_not_trained_again(server: Server, tmp_path: Path) -> None:
    again = Server(server.store)
    try:
        wait_until(again.answers, 60, "an answer from the second server")
        time.sleep(3)  # the first runs would be there by now: they are created before the first page is asked for
        assert len(again.runs()) == len(server.runs())
    finally:
        again.stop()
