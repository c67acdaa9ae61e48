"""The selection lives in the address: a link restores it, and a change of page keeps it."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from explorer.ui.frame.selection import LONGEST_VALUE


def page() -> None:
    """A page that shows the selection and can change it."""
    import streamlit as st

    from explorer.ui.frame import selection

    found = selection.restore()
    st.text(repr((found.run, found.checkpoint, found.sample, found.node)))
    if st.button("node"):
        selection.change(node="n3")
    if st.button("run"):
        selection.choose_run("other", same_model=False)
    if st.button("drop"):
        st.query_params.clear()
    if st.button("last"):
        selection.change(checkpoint=None)


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(page)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def shown(app: AppTest) -> Any:
    assert not app.exception
    return eval(app.text[0].value)  # noqa: S307 - our own repr


def pressed(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return app.run().run()


def query(app: AppTest) -> dict[str, str]:
    return {key: value[0] if isinstance(value, list) else value for key, value in app.query_params.items()}


def test_an_address_restores_everything() -> None:
    app = opened(run="digits-1", checkpoint="938", sample="test/17", node="n2")
    assert shown(app) == ("digits-1", 938, "test/17", "n2")


def test_a_change_goes_into_the_address() -> None:
    app = pressed(opened(run="digits-1", sample="test/17"), "node")
    assert query(app) == {"run": "digits-1", "sample": "test/17", "node": "n3"}


@pytest.mark.parametrize("late", [1.0, 20.0])
def test_an_address_that_a_slow_browser_sends_late_does_not_take_a_change_back(
    monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    app = pressed(opened(run="digits-1", sample="test/17"), "node")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + late)
    app.query_params["run"], app.query_params["sample"] = "digits-1", "test/17"
    del app.query_params["node"]
    app.run()
    assert shown(app) == ("digits-1", None, "test/17", "n3")
    assert query(app) == {"run": "digits-1", "sample": "test/17", "node": "n3"}


def test_a_change_of_page_keeps_the_selection() -> None:
    app = pressed(opened(run="digits-1", checkpoint="4"), "drop")
    assert shown(app) == ("digits-1", 4, "", "")
    assert query(app) == {"run": "digits-1", "checkpoint": "4"}


def test_another_model_takes_neither_sample_nor_node_along() -> None:
    app = pressed(opened(run="digits-1", checkpoint="4", sample="test/17", node="n2"), "run")
    assert query(app) == {"run": "other"}


def test_the_last_checkpoint_leaves_the_address() -> None:
    assert query(pressed(opened(run="digits-1", checkpoint="4"), "last")) == {"run": "digits-1"}


def test_another_model_keeps_how_a_graph_is_drawn_but_not_what_is_open_in_it() -> None:
    look = {"direction": "LR", "order": "book", "widths": "size", "colour": "params", "tab": "nodes"}
    app = pressed(opened(run="digits-1", open="all", search="conv", compare="digits-1@0", **look), "run")
    assert query(app) == {"run": "other", **look}


@pytest.mark.parametrize("step", ["-1", "1e3", "²", "9" * 30, "", "<b>", "0x10", "٣"])
def test_a_checkpoint_that_is_no_step_means_the_last(step: str) -> None:
    assert shown(opened(run="digits-1", checkpoint=step))[1] is None


def test_a_long_value_is_cut() -> None:
    assert len(shown(opened(sample="字" * (LONGEST_VALUE + 500)))[2]) == LONGEST_VALUE


@pytest.mark.slow
@settings(max_examples=25)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_stand_in_an_address(sample: str, node: str) -> None:
    app = opened(run="r", sample=sample, node=node)
    assert shown(app) == ("r", None, sample, node)


def field() -> None:
    """A page with a number that we set, and that a person can change."""
    import streamlit as st

    from explorer.ui.frame import selection

    selection.arrived("page")
    st.session_state.setdefault("said", [])
    selection.steer("number", st.session_state.get("ours", 3))

    def changed() -> None:
        number = st.session_state["number"]
        st.session_state["said"].append((number, selection.is_stale("number")))
        st.session_state["ours"] = number

    st.number_input("Number", 0, 9, key="number", on_change=changed)
    if st.button("ours"):
        st.session_state["ours"] = st.session_state.get("ours", 3) + 2


def test_a_message_sent_before_the_browser_knew_is_stale() -> None:
    """It holds the number from before ours, which the person has not chosen anew."""
    app = AppTest.from_function(field).run()
    app.button[0].click().run().run()
    assert app.number_input[0].value == 5
    app.number_input[0].set_value(3).run()
    assert app.session_state["said"] == [(3, True)]


def test_a_stale_message_does_not_make_the_next_one_look_chosen() -> None:
    """While a film plays, messages lag by a step or two: each tells the step that its browser showed."""
    app = AppTest.from_function(field).run()
    app.button[0].click().run().run()
    app.button[0].click().run().run()
    app.number_input[0].set_value(3).run()
    app.number_input[0].set_value(5).run()
    assert app.session_state["said"] == [(3, True), (5, True)]


def test_what_a_person_enters_is_not_stale() -> None:
    app = AppTest.from_function(field).run()
    app.number_input[0].set_value(7).run()
    app.number_input[0].set_value(3).run()
    app.button[0].click().run().run()
    app.number_input[0].set_value(4).run()
    assert app.session_state["said"] == [(7, False), (3, False), (4, False)]
