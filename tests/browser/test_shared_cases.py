"""The tables, reviews and pictures of ``../shared/cases``, given to the pages as a person gives them."""

from collections.abc import Sequence

import pytest

from tests.browser.labs.test_lab import agrees, choose, drawn, opened
from tests.browser.labs.test_lab_uploads import give, pictured
from tests.browser.screen import Screen
from tests.browser.server import Server, wait_until
from tests.cases.test_model_cases import case


def open_uploader(tab: Screen, model: str) -> None:
    tab.open(model)
    tab.lens(model)
    tab.settle()


def check(tab: Screen, model: str, names: Sequence[str]) -> None:
    """Put files in the place of those in the uploader, and press the button that checks them."""
    uploader = tab.part(f"upload-{model}")
    if not uploader.is_visible():  # it folds away with each file that is accepted
        tab.page.get_by_text("Use other data").click()
    old = uploader.get_by_test_id("stFileChipDeleteBtn").get_by_role("button")
    while old.count():
        old.first.click()
        tab.settle()
    uploader.locator("input[type=file]").set_input_files([case(name) for name in names])
    button = tab.part(f"upload-{model}-use").get_by_role("button")
    wait_until(button.is_enabled, 20, "the button that checks the file")
    tab.settle()
    button.click()


def chosen_data(tab: Screen, model: str) -> str:
    """What the next training would learn from, '' where there is no choice yet."""
    field = tab.part(f"data-{model}").locator("input")
    return field.input_value() if field.count() else ""


BIKE = ["excel_slash.csv", "blank_tail.csv"]
SENTIMENT = ["big5.csv", "zero_width.csv", "fullwidth.csv", "tsv.csv", "jiji.csv", "seps/good.txt seps/bad.txt"]


@pytest.mark.parametrize(
    ("model", "cases"), [("bike", ["excel_slash.csv", "blank_tail.csv"]), ("sentiment", SENTIMENT)]
)
def test_the_page_accepts_tables_and_reviews(tab: Screen, model: str, cases: list[str]) -> None:
    open_uploader(tab, model)
    for files in cases:
        before = chosen_data(tab, model)
        check(tab, model, files.split())

        def accepted(before: str = before) -> str:
            now = chosen_data(tab, model)
            return now if now not in (before, "embedded") else ""

        data = wait_until(accepted, 60, f"{files} among the data")
        assert "/" in files or data.startswith(files)
        tab.settle()
        assert tab.page.locator("[data-testid=stAlert]").count() == 0
    if model == "bike":
        before = chosen_data(tab, model)
        check(tab, model, ["dup_rows.csv"])
        tab.shown("has the hour 2011-01-13T22 twice: in row 302", 60)
        tab.sound()
        assert chosen_data(tab, model) == before


def test_pictures_are_read_and_another_piece_of_ink_can_be_chosen(tab: Screen, server: Server) -> None:
    run, one = opened(tab, server)
    choose(tab, "Photo")
    key = ""
    for name, digit in (("alpha_white_ink.png", 2), ("i16_12bit.png", 3), ("desk_edge.jpg", 3)):
        give(tab, name, case(name).read_bytes())
        key = pictured(tab, run, key)
        assert agrees(tab, one, drawn(key)).argmax() == digit, name
    tab.page.get_by_role("combobox", name="Which ink is the digit?").click()
    tab.page.get_by_role("option", name="2 · ").click()  # the desk's edge
    edge = pictured(tab, run, key)
    agrees(tab, one, drawn(edge))
