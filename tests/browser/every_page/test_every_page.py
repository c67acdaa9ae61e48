"""Every page and view, in both languages: it fits a phone, and axe-core finds nothing in either theme."""

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from explorer.translations.language_words import LANGUAGES
from tests.browser.every_page.axe import THEMES, show, violations
from tests.browser.every_page.narrow_page import PHONE, faults
from tests.browser.every_page.visits import every_page, still
from tests.browser.screen import Screen, screen
from tests.browser.server import Server, wait_until

# The colour in which a chart's texts are written; null while it is drawn anew.
INK = "plot => { const text = plot.querySelector('.xtick text'); return text && getComputedStyle(text).fill; }"
DESK: ViewportSize = {"width": 1400, "height": 1000}
COMMAND = re.compile(r"\\[A-Za-z]{2,}")  # of a formula that nobody has set


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_a_phone_and_axe_finds_nothing(browser: Browser, server: Server, language: str) -> None:
    wrong: dict[str, list[str]] = {}
    with screen(browser, server.url, viewport=PHONE, has_touch=True) as tab:
        for number, name in enumerate(every_page(tab, server, language)):
            # Each page is checked in both themes, in one of them on the phone; in the other language it is the other.
            first, second = THEMES if (number + list(LANGUAGES).index(language)) % 2 else reversed(THEMES)
            show(tab, first, PHONE)
            wrong[f"{name}, {first} phone"] = [*faults(tab.page), *violations(tab.page), *commands(tab.page)]
            show(tab, second, DESK)
            wrong[f"{name}, {second} desk"] = violations(tab.page)
            tab.page.set_viewport_size(PHONE)
    assert len(wrong) >= 30
    assert not {place: found for place, found in wrong.items() if found}


def commands(page: Page) -> list[str]:
    """Commands of LaTeX that the page shows as text."""
    return [*COMMAND.findall(page.locator("body").inner_text()), *page.locator(".katex-error").all_inner_texts()]


def test_a_page_that_does_not_fit_a_phone_is_noticed(browser: Browser, server: Server) -> None:
    with screen(browser, server.url, viewport=PHONE, has_touch=True) as tab:
        tab.open("runs")
        tab.settle()
        tab.page.evaluate(
            """() => document.querySelector("h1").insertAdjacentHTML("afterend", `<div style="height: 60px">
            <button style="position: absolute; width: 60px; height: 60px">one</button>
            <i role="button" style="position: absolute; width: 60px; height: 10px">two</i>
            <div style="overflow-x: auto"><p style="width: 900px">long</p></div></div>
            <div style="width: 500px">wide</div>`)"""
        )
        kinds = {fault.split(":")[0] for fault in faults(tab.page)}
    assert kinds == {"small", "over", "scrolls", "outside", "wide"}


def test_axe_sees_what_is_wrong(tab: Screen) -> None:
    tab.open("runs")
    still(tab)
    tab.page.evaluate(
        """() => document.querySelector("h1").insertAdjacentHTML("afterend",
        "<h5>skipped levels</h5><p>\\\\frac ab</p><img src='data:,'>\
        <p style='color: #ccc; background: #fff'>pale</p>")"""
    )
    found = {each.split()[0] for each in violations(tab.page)}
    assert {"image-alt", "color-contrast", "heading-order"} <= found
    assert commands(tab.page) == [r"\frac"]


def test_the_pages_language_follows_the_switch(tab: Screen) -> None:
    tab.open("bike")
    still(tab)
    said = [tab.page.evaluate("document.documentElement.lang")]
    for language in ("简体中文", "English"):
        before = said[-1]
        tab.page.locator("[data-testid=stSidebar]").get_by_text(language, exact=True).click()
        tab.page.wait_for_function("before => document.documentElement.lang !== before", arg=before)
        still(tab)
        said.append(tab.page.evaluate("document.documentElement.lang"))
        name = "Help for Epochs" if language == "English" else "训练轮数的说明"
        assert tab.part("setting-bike-epochs").get_by_role("button", name=name, exact=True).count() == 1
    assert said == ["en", "zh-CN", "en"]


def test_charts_turn_dark_with_the_page(tab: Screen) -> None:
    tab.open("bike").lens("bike")
    plot = tab.part("bike-demand").locator(".js-plotly-plot").first
    light = wait_until(lambda: plot.evaluate(INK), 20, "a chart")
    tab.page.emulate_media(color_scheme="dark")
    wait_until(lambda: plot.evaluate(INK) not in (None, light), 20, "a chart for the dark")
    tab.page.emulate_media(color_scheme="light")
    wait_until(lambda: plot.evaluate(INK) == light, 20, "a chart for the light")


def test_a_charts_tools_do_not_lie_over_its_title_on_a_phone(browser: Browser, server: Server) -> None:
    with screen(browser, server.url, viewport=PHONE, has_touch=True, is_mobile=True) as tab:
        tab.open("digits", view="quality")
        tools = tab.part("lab-confusion").locator(".modebar-btn").first
        tools.wait_for(state="attached")
        assert not tools.is_visible()
