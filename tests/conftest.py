"""Runs, a server, a browser and ONNX files that many tests share.

Runs are trained once a session, however many processes test; each process has one server and one browser. A missing
browser is a failure, never a skip.

Tests are marked here by the fixtures that they use: ``browser`` for a Chromium or a server, ``training`` for runs.
"""

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # distributed brings it, without types
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext

from explorer.runs.folder import Run, create_run, read_run, request_cancel
from explorer.runs.training import carry_out, checked_config
from models.catalogue import first_starts, model
from tests.browser.screen import Screen, chromium, context_in, tab_in
from tests.browser.server import Server, started
from tests.once import once

# Fixtures of small networks and ONNX files.
from tests.onnx_models import cnn, cnn_file, nested, nested_file, save  # noqa: F401

# Two busy cores can make any example slow; time is measured in tests/bench, and CI repeats the same examples.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

Train = Callable[..., Run]
# Fixtures that a test of this mark uses, and names that its module imports.
MARKS: dict[str, tuple[set[str], set[str]]] = {
    "browser": ({"browser", "server"}, set()),
    "training": ({"train", "trained_store", "first_store"}, {"carry_out", "fit", "embedded_cluster", "first_starts"}),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the fixtures that it uses, directly or through others, and by what its module imports."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        imported = set(vars(item.module)) if isinstance(item, pytest.Function) else set()
        for mark, (fixtures, names) in MARKS.items():
            if used & fixtures or imported & names:
                item.add_marker(mark)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What page and server showed when a test failed stands in its report; what it left training is cancelled."""
    report = yield
    if report.when == "call" and report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Screen):
                report.sections.append(("page", value.seen()))
            if isinstance(value, Server):
                states = "\n".join(f"{run.id} {run.state} step {run.status.step}" for run in value.runs())
                report.sections.append(("server", f"{states}\n{value.said()[-2000:]}"))
                for run in value.runs():
                    if run.active:  # the next tests would wait for what this one has not ended
                        request_cancel(run)
    return report


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit's AppTest leaves its script as ``__main__``, which a process that a later test spawns would execute."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, one a process; tests open contexts or pages of their own in it."""
    with chromium() as started:
        yield started


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


def trained(store: Path, name: str, **settings: object) -> Run:
    """A finished run of the model ``name`` in ``store``."""
    config = checked_config(model(name), settings)
    run = create_run(store, name, config.model_dump())
    carry_out(str(run.path))
    return read_run(run.path)


@pytest.fixture(scope="session")
def train() -> Train:
    """``train(store, model, epochs=2, …)`` gives a finished run."""
    return trained


@pytest.fixture(scope="session")
def trained_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one short run of each model. Do not change it; ``store`` is an empty one."""

    def train_all(store: Path) -> None:
        trained(store, "bike", epochs=2, batch_size=512)
        trained(store, "sentiment", epochs=1, hidden_units=3, min_count=20)
        trained(store, "digits", epochs=1, batch_size=512, hidden_units=16, kernels1=2, kernels2=3, kernel_size=3)

    return once(tmp_path_factory, "trained", train_all)


@pytest.fixture(scope="session")
def first_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the runs that the very first start of a server trains. Do not change it: copy it.

    The digits learn from a third of their images in larger steps: 97 of 100 right, as there, in a tenth of the time.
    """

    def train_first_runs(store: Path) -> None:
        for entry in first_starts():
            quick = {"epochs": 1, "training_images": 20_000, "learning_rate": 0.03} if entry.name == "digits" else {}
            trained(store, entry.name, **{**(entry.first_start or {}), **quick})

    return once(tmp_path_factory, "first-runs", train_first_runs)


@pytest.fixture(scope="session")
def bike_run(trained_store: Path) -> Run:
    """A run of 2 epochs of 16 steps. Do not change it."""
    return read_run(next((trained_store / "runs").glob("bike-*")))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a test's own runs go; not there yet."""
    return tmp_path / "store"


@pytest.fixture
def no_place(tmp_path: Path) -> Path:
    """A folder that nobody can make, root neither: it lies below a regular file."""
    (tmp_path / "file").write_text("not a folder")
    return tmp_path / "file" / "below"


def _name(process: psutil.Process) -> str:
    """'' for one that has just ended."""
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


@pytest.fixture(autouse=True)
def store_setting_kept() -> Iterator[None]:
    """The store that a page under test sets for its process does not outlive the test."""
    before = os.environ.get("TOUSHI_STORE")
    yield
    os.environ.pop("TOUSHI_STORE", None)
    if before is not None:
        os.environ["TOUSHI_STORE"] = before


@pytest.fixture
def no_process_left() -> Iterator[None]:
    """Fails the test if a process that it started is still there at its end.

    The browser, which other tests share, starts and ends processes of its own at any time.
    """
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    browsers = {child.pid for child in left if "chrom" in _name(child)}
    left = [child for child in left if child.pid not in browsers]
    psutil.wait_procs(left, timeout=5)
    alive = [child for child in left if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    for child in alive:
        child.kill()
    assert not alive, alive
