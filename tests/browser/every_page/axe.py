"""axe-core on the page that is open, and a change of the page's theme."""

from typing import Any

from playwright.sync_api import Page

from explorer.project import PROJECT
from tests.browser.every_page.visits import still
from tests.browser.screen import Screen

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
