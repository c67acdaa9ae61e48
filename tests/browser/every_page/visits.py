"""Every page and every view of a laboratory, one after the other, in one tab."""

from collections.abc import Iterator

from explorer.translations.language_words import LANGUAGE_TAGS, translation
from explorer.ui.graph_page.page import TABS as BELOW
from explorer.ui.inspector.panel import TABS as INSPECTOR
from explorer.ui.labs.laboratory import laboratory
from models.catalogue import chapters
from tests.browser.screen import Screen
from tests.browser.server import Server

# The page's elements, counted in the shadow roots, too.
COUNT = """() => {
  const count = root => [...root.querySelectorAll("*")].reduce(
    (sum, each) => sum + 1 + (each.shadowRoot ? count(each.shadowRoot) : 0), 0);
  const waits = document.querySelector(
    "[data-testid=stSkeleton], [data-testid=stApp]:not([data-test-script-state=notRunning])");
  return waits ? -1 : count(document);
}"""


def every_page(tab: Screen, server: Server, language: str) -> Iterator[str]:
    """Go from page to page and from view to view, and give the name of each once it is drawn."""
    for chapter in chapters():
        record = laboratory(chapter)
        yield _visited(tab, chapter.name, language)
        for view in record.views[1:]:
            title = translation(language).gettext(view.title)
            tab.part("view-choice").get_by_role("radio", name=title, exact=True).click()
            tab.page.wait_for_function("view => location.search.includes(`view=${view}`)", arg=view.key)
            still(tab)
            yield f"{chapter.name} {view.key}"
    run = server.run("digits")
    yield _visited(tab, "graph", language, run=run.id)
    yield _visited(tab, "graph", language, run=run.id, node="n0")
    for title in (*(each.title for each in INSPECTOR[1:]), *(title for title, _show in list(BELOW.values())[1:])):
        tab.page.get_by_role("tab", name=translation(language).gettext(title), exact=True).click()
        still(tab)
        yield f"graph node {title}"
    yield _visited(tab, "runs", language, run=run.id)
    tab.part("runs-remove").get_by_role("button").click()
    tab.page.get_by_role("dialog").wait_for()
    still(tab)
    yield "runs dialog"
    yield _visited(tab, "", language)


def _visited(tab: Screen, path: str, language: str, **query: str) -> str:
    tab.open(path, lang=language, **query)
    tab.page.wait_for_function("tag => document.documentElement.lang === tag", arg=LANGUAGE_TAGS[language])
    still(tab)
    return " ".join((path or "start", *query))


def still(tab: Screen) -> None:
    """Wait until the page is complete: nothing is computed, and its elements stay the same for a while."""
    tab.settle()
    before, same = -1, 0
    while same < 2:
        tab.page.wait_for_timeout(100)
        now = int(tab.page.evaluate(COUNT))
        before, same = now, same + 1 if now == before and now > 0 else 0
