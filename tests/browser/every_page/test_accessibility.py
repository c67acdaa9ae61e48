"""axe-core finds nothing on any page, in either theme and language; the page says which language it is in."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from explorer.project import PROJECT
from explorer.translations.language_words import LANGUAGES
from tests.browser.every_page.visits import every_page, still
from tests.browser.screen import Screen, screen
from tests.browser.server import Server

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"  # `make js-check` and `make test` install it
CHECKS_PASSED = 15  # rules that concern something on each of our pages
THEME = "theme => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === theme"


def violations(page: Page) -> list[str]:
    """Rule, impact, element and reason of everything that axe-core, with all of its rules, finds wrong on the page."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text("utf-8"))
    answer: dict[str, Any] = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    assert len(answer["passes"]) > CHECKS_PASSED, "axe-core has looked at nothing"
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in answer["violations"]
        for node in rule["nodes"]
    ]


def in_theme(tab: Screen, theme: str) -> None:
    """Switch as the system does in the evening, and wait until the page has followed."""
    tab.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # a literal type
    tab.page.wait_for_function(THEME, arg=theme)
    still(tab)


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_any_page_in_either_theme(browser: Browser, server: Server, language: str) -> None:
    wrong: dict[str, list[str]] = {}
    visited = 0
    with screen(browser, server.url) as tab:
        theme = "light"
        for name, _tab in every_page(tab, server, language):
            # Every other page begins in the dark: a switch takes as long as a check.
            for _half in range(2):
                wrong[f"{name}, {theme}"] = violations(tab.page)
                if _half == 0:
                    theme = "dark" if theme == "light" else "light"
                    in_theme(tab, theme)
            visited += 1
    assert visited >= 15
    assert not {place: faults for place, faults in wrong.items() if faults}


def test_axe_sees_what_is_wrong(tab: Screen) -> None:
    tab.open("runs")
    still(tab)
    tab.page.evaluate(
        """() => document.querySelector("h1").insertAdjacentHTML("afterend",
        "<h5>skipped levels</h5><img src='data:,'><p style='color: #ccc; background: #fff'>pale</p>")"""
    )
    found = {each.split()[0] for each in violations(tab.page)}
    assert {"image-alt", "color-contrast", "heading-order"} <= found


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
