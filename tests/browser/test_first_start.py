"""The very first start: an empty store, progress on the first page, and soon three networks to look into."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from explorer.runs.folder import create_run, read_run
from models.catalogue import model
from tests.browser.screen import LENSES, tab_in
from tests.browser.server import started, wait_until

PROMISED_SECONDS = 30  # on two cores with nothing else to do
PATIENCE = 120  # a machine that tests is busy with more than one thing


def test_all_three_models_can_soon_be_looked_at_and_the_results_come_without_a_reload(
    context: BrowserContext, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: dict[str, float] = {}
    with started(tmp_path / "store", workers=0) as server, tab_in(context, server.url) as home:
        home.open()
        seen["first page"] = server.age
        wait_until(lambda: home.page.get_by_role("progressbar").count(), 60, "progress on the first page")
        seen["progress"] = server.age
        text = home.text()
        assert "Bike demand" in text
        assert "Review sentiment" in text
        assert "Handwritten digits" in text
        assert home.page.locator("[class*=st-key-cancel-]").count() > 0
        with tab_in(context, server.url) as tab:
            for name in LENSES:
                wait_until(
                    lambda name=name: any(run.checkpoints for run in server.runs(name)),  # type: ignore[misc]
                    max(1.0, PATIENCE - server.age),
                    f"a checkpoint of {name}",
                )
                tab.open(name).lens(name)
                seen[name] = server.age
        server.wait_for_first_runs()
        for name in LENSES:
            result = server.run(name).status.metrics["test"]
            home.shown(f"{100 * result.get('accuracy', result.get('r2', 0.0)):.1f} %")
        wait_until(lambda: home.page.get_by_role("progressbar").count() == 0, 10, "the progress to go")
    with capsys.disabled():
        print("\nseconds from the start:", ", ".join(f"{name} {age:.1f}" for name, age in seen.items()), end=" ")
        print(f"(promised: {PROMISED_SECONDS})")
    assert max(seen.values()) < PATIENCE


def test_a_used_store_is_not_trained_again(first_store: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(first_store, store)
    waiting = create_run(store, "bike", model("bike").config(epochs=1).model_dump())
    with started(store) as server:
        # The first runs would be created before the runs of an earlier server are handed over.
        wait_until(lambda: read_run(waiting.path).state == "done", 60, "the queued run's end")
        assert len(server.runs()) == 3 + 1
