"""axe-core on the page that is open, and a change of the page's theme."""

from typing import Any

from playwright.sync_api import Page, ViewportSize

from explorer.project import PROJECT
from tests.browser.every_page.visits import still
from tests.browser.screen import Screen

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"  # `make js-check` and `make test` install it
CHECKS_PASSED = 15  # rules that concern something on each of our pages
THEMES = ("light", "dark")
THEME = "getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme"


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


def show(tab: Screen, theme: str, size: ViewportSize) -> None:
    """Change the theme, as the system does in the evening, and the window's size; wait until the page has followed."""
    if (tab.page.evaluate(THEME), tab.page.viewport_size) == (theme, size):
        return
    tab.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # a literal type
    tab.page.set_viewport_size(size)
    tab.page.wait_for_function(f"theme => {THEME} === theme", arg=theme)
    still(tab)
