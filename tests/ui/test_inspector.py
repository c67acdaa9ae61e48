"""The inspector's arithmetic and gradient of nodes of trained runs, and the card; figures are seen in the browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.operation_docs import operation_doc
from explorer.runs.folder import Run, read_run


def page(store: str, run_id: str, node_id: str, sample: str, tab: str) -> None:
    import os

    import streamlit as st

    os.environ["TOUSHI_STORE"] = store
    from explorer.ui.frame import run_caches
    from explorer.ui.frame import store as run_store
    from explorer.ui.inspector.panel import inspector
    from explorer.ui.inspector.run_subject import RunSubject

    run_store.settings.clear()
    run = run_store.run_named(run_id)
    st.session_state.setdefault("inspector.tabs.en", tab)
    graph = run_caches.graph_of(run)
    node = graph.find(node_id)
    if node is not None:
        inspector(RunSubject(run_caches.opened(run, None), sample), node)


@pytest.fixture(autouse=True)
def no_settings_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """``page`` sets the store for this process: it must not stay set."""
    monkeypatch.setenv("TOUSHI_STORE", "")
    yield
    from explorer.ui.frame import store

    store.settings.clear()


def runs(store: Path) -> dict[str, Run]:
    return {name: read_run(next((store / "runs").glob(f"{name}-*"))) for name in ("bike", "sentiment", "digits")}


def shown(store: Path, run: Run, node: str, tab: str, sample: str = "") -> AppTest:
    app = AppTest.from_function(page, args=(str(store), run.id, node, sample, tab), default_timeout=60).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("model", ["bike", "sentiment", "digits"])
def test_every_node_is_worked_out_and_agrees(trained_store: Path, model: str) -> None:
    run = runs(trained_store)[model]
    for node in read_onnx(run.onnx_path).nodes:
        app = shown(trained_store, run, node.id, "Arithmetic")
        assert [error.value for error in app.error] == [], node.op_type
        assert [warning.value for warning in app.warning] == [], node.op_type
        formulas = [text.value for text in app.markdown if text.value.startswith(r"$\displaystyle ")]
        assert len(formulas) == 1 + bool(operation_doc(node.op_type).formula), node.op_type  # of the card, too
        steps, terms = (table.value for table in app.dataframe)
        assert steps["Value"].iloc[-1] == pytest.approx(steps["Value"].iloc[-2], rel=1e-5, abs=1e-5)
        assert len(terms) >= 1


def test_another_element_is_worked_out_and_the_largest_comes_back(trained_store: Path) -> None:
    run = runs(trained_store)["digits"]
    app = shown(trained_store, run, "n0", "Arithmetic", "test/3")
    row = next(field for field in app.number_input if field.label == "Row (0–27)")
    largest, before = row.value, app.dataframe[0].value["Value"].iloc[-1]
    row.set_value(0 if largest else 1).run()
    changed = app.dataframe[0].value["Value"]
    assert changed.iloc[-1] <= before
    assert changed.iloc[-1] == pytest.approx(changed.iloc[-2], rel=1e-5, abs=1e-5)
    next(button for button in app.button if button.label == "Back to the largest element").click().run()
    assert next(field for field in app.number_input if field.label == "Row (0–27)").value == largest


def test_the_gradient_tells_the_loss_or_why_there_is_none(trained_store: Path) -> None:
    known, unknown = runs(trained_store)["bike"], runs(trained_store)["sentiment"]
    texts = [caption.value for caption in shown(trained_store, known, "n0", "Gradient").caption]
    assert any(text.startswith("Loss of this sample: ") for text in texts)
    texts = [caption.value for caption in shown(trained_store, unknown, "n0", "Gradient").caption]
    assert any(text.startswith("The right answer for this sample is not known") for text in texts)


def test_the_card_names_the_chapter(trained_store: Path) -> None:
    app = shown(trained_store, runs(trained_store)["digits"], "n0", "Source")
    assert any("A kernel slides over the input" in text.value for text in app.markdown)
    assert any(caption.value == "Chapter 5 of the book" for caption in app.caption)
    assert any(text.value.startswith(r"$\displaystyle y_{o,i,j} = ") for text in app.markdown)
